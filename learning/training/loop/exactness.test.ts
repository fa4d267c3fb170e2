/** The promise of exactness: the same bytes again, whatever was saved, held, cancelled or gone on with in between. */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { buildNetwork, readWeights } from '#learning/model/network.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { begin, readInitial } from '#learning/training/checkpoint/initial.ts';
import { engine, folder, setUpRuns, trained } from '#learning/training/testing-runs.ts';
import { outcomeOf, sampleData, smallRecipe } from '#learning/training/testing.ts';
import type { TrainingEvent, TrainingOptions } from './training-options.ts';

setUpRuns();

/** Six steps an epoch, and one image that sits out. */
const data = sampleData(193, 60);
/** Everything that remembers something from step to step or epoch to epoch. */
const full = smallRecipe({
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 1, padding: 2 },
    { kind: 'random-erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
  ],
  training: {
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { kind: 'reduce-on-plateau', warmUp: 0.1, patience: 1, factor: 0.5, minimum: 0.01 },
    weightAveraging: 0.9,
    epochs: 3,
  },
});

const run = (at: string, options: Partial<TrainingOptions> = {}, recipe: Recipe = full) =>
  trained(recipe, data, { folder: join(folder, at), ...options });
const outcome = (at: string) => outcomeOf(join(folder, at));

/** Cancels as soon as `count` checkpoints have been written. */
function cancelAfter(count: number): Pick<TrainingOptions, 'signal' | 'write' | 'checkpointInterval'> {
  const stop = new AbortController();
  let written = 0;
  return {
    signal: stop.signal,
    checkpointInterval: 0,
    async write(path, bytes) {
      await writeDurably(path, bytes);
      if (!path.endsWith('model.safetensors')) written += 1;
      if (written >= count) stop.abort();
    },
  };
}

test('twice the same: the same bytes; checkpoints at every step change nothing', async () => {
  await run('once');
  await run('twice', { checkpointInterval: 0 });
  expect(await outcome('twice')).toEqual(await outcome('once'));
  const other = { ...full, training: { ...full.training, seed: full.training.seed + 1 } };
  await run('other', {}, other);
  expect((await outcome('other')).model).not.toBe((await outcome('once')).model);
});

test('cancelled every other step, gives the same bytes and counts steps from the beginning of the run', async () => {
  await run('whole');
  let resumes = 0;
  let last = 0;
  for (let stopped = ''; stopped !== 'finished'; resumes += 1) {
    const { events, ...result } = await run('parts', { ...cancelAfter(1), resume: resumes > 0 });
    stopped = result.stopped;
    for (const event of events) {
      if (event.kind !== 'progress') continue;
      expect(event.step).toBeGreaterThan(last);
      last = event.step;
    }
    const [newest] = (await readdir(join(folder, 'parts'))).filter((name) => name.startsWith('checkpoint'));
    if (stopped === 'cancelled') expect(newest).toBeDefined();
    if (resumes > 60) expect.unreachable('it does not get on');
  }
  // What is written after a step ends the part with the next one.
  expect(resumes).toBeGreaterThanOrEqual(9);
  expect(last).toBe(18);
  expect(await outcome('parts')).toEqual(await outcome('whole'));
});

test('cancelling within an epoch loses no step', async () => {
  const { stopped } = await run('run', cancelAfter(4));
  expect(stopped).toBe('cancelled');
  expect((await readdir(join(folder, 'run'))).sort()).toEqual([
    'checkpoint-4.safetensors',
    'checkpoint-5.safetensors',
  ]);
  const { events } = await run('run', { resume: true });
  expect(events[0]).toEqual({ kind: 'resumed', epochs: [], bestEpoch: 0 });
  expect(events.find(({ kind }) => kind === 'progress')).toMatchObject({ step: 6, epoch: 1 });
});

test('held after each epoch and gone on with, gives the same bytes', async () => {
  await run('whole');
  const first = await run('held', { holdAfter: 1 });
  expect([first.stopped, first.epochs.length]).toEqual(['held', 1]);
  const again = await run('held', { holdAfter: 1, resume: true });
  expect([again.stopped, again.epochs]).toEqual(['held', first.epochs]);
  const second = await run('held', { holdAfter: 2, resume: true });
  expect([second.stopped, second.epochs.length]).toEqual(['held', 2]);
  const third = await run('held', { holdAfter: 3, resume: true });
  expect([third.stopped, third.epochs.length]).toEqual(['finished', 3]);
  expect(await outcome('held')).toEqual(await outcome('whole'));
});

describe('beginning with an earlier run', () => {
  const initial = () => join(folder, 'initial.safetensors');
  const newest = 'checkpoint-18.safetensors';
  const weightNames = () => {
    const network = buildNetwork(full, 10);
    network.dispose();
    return network.variables.map(({ name }) => name);
  };

  test('continued: weights, average and memory are those of its last checkpoint; steps count on', async () => {
    await run('before');
    await copyFile(join(folder, 'before', newest), initial());
    const { tensors } = decodeSafetensors(await readFile(initial()));
    let checked = 0;
    const still = { ...full, training: { ...full.training, learningRate: 1e-30, weightDecay: 0, epochs: 1 } };
    const { events } = await run('after', { initial: initial(), checkpointInterval: 0 }, still);
    expect(events[0]).toEqual({
      kind: 'initialised',
      how: 'continue',
      available: expect.any(Number) as number,
      taken: weightNames().length,
      fresh: [],
      unfrozen: [],
    });
    const after = decodeSafetensors(await readFile(join(folder, 'after', 'checkpoint-6.safetensors')));
    expect(after.metadata).toMatchObject({ stepsBefore: '18', stepsDone: '6' });
    for (const [name, { data: values }] of tensors) {
      // A step this small moves no weight; batch norm's running statistics move by themselves.
      if (!name.startsWith('weights/') || /mean|variance/.test(name)) continue;
      expect(after.tensors.get(name)!.data).toEqual(values);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(5);
  });

  test('continued: nothing but the beginning is another', async () => {
    await run('before', {}, full);
    const { network, average, optimizerState } = variablesOf(full);
    const path = join(folder, 'before', newest);
    begin({ network, average, optimizerState }, await readInitial(path), full.training.optimizer);
    const { tensors } = decodeSafetensors(await readFile(path));
    for (const [prefix, variables] of [
      ['weights/', network.variables],
      ['average/', average.variables],
      ['slots/first-moment/', optimizerState.get('first-moment')!],
      ['slots/second-moment/', optimizerState.get('second-moment')!],
    ] as const) {
      for (const [name, values] of await readWeights({ variables })) {
        expect(values).toEqual(tensors.get(prefix + name)!.data);
      }
    }
    network.dispose();
    average.dispose();
    for (const remembered of optimizerState.values())
      for (const { variable } of remembered) variable.dispose();
  });

  test('continued with layers that were frozen: Adam begins anew, SGD goes on; both say what they did', async () => {
    const adam = full.training.optimizer;
    const sgd = { kind: 'sgd', momentum: 0.9, nesterov: true } as const;
    for (const optimizer of [adam, sgd]) {
      const recipe = { ...full, training: { ...full.training, optimizer } };
      const frozen = { ...recipe, training: { ...recipe.training, frozenLayers: 1 } };
      const [before, after] = [`frozen-${optimizer.kind}`, `thawed-${optimizer.kind}`];
      await run(before, {}, frozen);
      const { events } = await run(after, { initial: join(folder, before, newest), holdAfter: 1 }, recipe);
      const { unfrozen } = events[0] as Extract<TrainingEvent, { kind: 'initialised' }>;
      const { metadata, tensors } = decodeSafetensors(
        await readFile(join(folder, after, 'checkpoint-6.safetensors')),
      );
      if (optimizer.kind === 'sgd') {
        expect(unfrozen).toEqual([]);
        expect(metadata['stepsBefore']).toBe('18');
        continue;
      }
      expect(unfrozen).toEqual(weightNames().filter((name) => /^1\..*(kernel|scale|offset)$/.test(name)));
      expect(unfrozen.length).toBeGreaterThan(0);
      expect(metadata['stepsBefore']).toBe('0');
      // What a memory of 24 steps would hold of a weight is far larger than what 6 steps leave of it.
      const seen = decodeSafetensors(await readFile(join(folder, before, newest))).tensors;
      const kernel = weightNames().find((name) => name.startsWith('classifier') && name.endsWith('kernel'))!;
      const sum = (from: typeof seen) =>
        (from.get(`slots/second-moment/${kernel}`)!.data as Float32Array).reduce((a, b) => a + b, 0);
      expect(sum(tensors)).toBeLessThan(sum(seen));
    }
  });

  test('fine-tuned: what fits is taken, a changed layer and the classifier are fresh; killed, it is the same again', async () => {
    await run('before');
    await copyFile(join(folder, 'before', 'model.safetensors'), initial());
    const changed = smallRecipe({
      model: {
        layers: [{ kind: 'conv', filters: 6, stride: 2 }, { kind: 'max-pool' }, { kind: 'conv', filters: 9 }],
      },
      training: { epochs: 1 },
    });
    const { events, epochs } = await run('after', { initial: initial() }, changed);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1]);
    const [first] = events;
    expect(first).toMatchObject({ kind: 'initialised', how: 'fine-tune' });
    const { taken, fresh } = first as Extract<TrainingEvent, { kind: 'initialised' }>;
    expect(taken).toBeGreaterThan(3);
    expect(fresh.some((name) => name.startsWith('3.conv'))).toBe(true);
    expect(fresh.some((name) => name.startsWith('1.conv'))).toBe(false);

    await run('parts', { ...cancelAfter(3), initial: initial() }, changed);
    await run('parts', { initial: initial(), resume: true }, changed);
    expect(await outcome('parts')).toEqual(await outcome('after'));
    await expect(run('parts', { resume: true }, changed)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('what cannot be continued is refused, saying what can be done', async () => {
    await run('before');
    const path = join(folder, 'before', newest);
    const sgd = smallRecipe({ training: { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true } } });
    await expect(run('after', { initial: path }, sgd)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('remembers first-moment, second-moment; this one remembers velocity'),
    });
    const wider = smallRecipe({ model: { layers: [{ kind: 'conv', filters: 7, stride: 2 }] } });
    await expect(run('after', { initial: path }, wider)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('fine-tune instead'),
    });
    await expect(run('after', { initial: initial() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

function variablesOf(recipe: Recipe) {
  const network = buildNetwork(recipe, 10);
  const average = buildNetwork(recipe, 10);
  const slot = () =>
    network.trainable.map(({ name, weight }) => ({
      name,
      weight,
      variable: engine.tf.variable(engine.tf.zeros([...weight.shape]), false),
    }));
  const optimizerState = new Map([
    ['first-moment', slot()],
    ['second-moment', slot()],
  ]);
  return { network, average, optimizerState };
}
