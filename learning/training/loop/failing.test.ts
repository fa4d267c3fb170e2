/** What goes wrong while training: numbers that are none, a full disk, too little memory. Each says what and where. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { notWritten, writeDurably } from '#learning/files/durable-file.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { openBatches } from './batches.ts';
import { asOutOfMemory, outOfMemory } from './out-of-memory.ts';
import { engine, folder, setUpRuns, trained } from '#learning/training/testing-runs.ts';
import { outcomeOf, overshooting, sampleData, smallRecipe } from '#learning/training/testing.ts';
import type { TrainingOptions } from './training-options.ts';

setUpRuns();

/** Eight steps an epoch. */
const data = sampleData(256, 40);
const small = smallRecipe({ training: { weightAveraging: 0.9 } });

const run = (recipe: Recipe, options: Partial<TrainingOptions> = {}, own = data) =>
  trained(recipe, own, { folder: join(folder, 'run'), ...options });
const failureOf = async (running: Promise<unknown>): Promise<AtelierError> =>
  running.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as AtelierError,
  );

describe('numbers that are none', () => {
  /** Pixels of 255 become 3·10³⁸, which float32 can just hold; a sum of some of them it cannot. */
  const bright = (layers: unknown[]) => {
    const recipe = smallRecipe({ augmentation: [], model: { layers }, training: { epochs: 3 } });
    const given = { kind: 'custom' as const, mean: [0], std: [1 / 3e38] };
    return { ...recipe, preprocessing: { ...recipe.preprocessing, normalisation: given } };
  };
  const dark = { ...data, pixels: new Uint8Array(data.pixels.length) };

  test('in the output of a layer: that layer, its epoch, step and batch', async () => {
    const layers = [{ kind: 'max-pool' }, { kind: 'conv', filters: 4, batchNorm: false }];
    const pixels = dark.pixels.slice().fill(255, 0, 256 * 784);
    const failure = await failureOf(run(bright(layers), {}, { ...dark, pixels }));
    expect(failure).toMatchObject({
      code: 'LOSS_NOT_FINITE',
      details: { epoch: 1, step: 1, batch: 1, layer: '2.conv', what: 'output', bestEpoch: 0 },
    });
    expect(failure.message).toContain('in epoch 1, at step 1 (batch 1 of the epoch), with learning rate 0.0');
    expect(failure.message).toContain('The first layer with such an output is 2.conv.');
    expect(failure.message).toContain('No epoch was finished before. Lower the learning rate');
  });

  test('in one image of one batch: the step in which it is drawn, from a checkpoint and from the beginning', async () => {
    const pixels = dark.pixels.slice().fill(255, 77 * 784, 78 * 784);
    const bright77 = { ...dark, pixels };
    const recipe = bright([{ kind: 'conv', filters: 4, batchNorm: false }]);
    const fromBeginning = await failureOf(run(recipe, {}, bright77));
    const fromCheckpoint = await failureOf(run(recipe, { checkpointInterval: 0 }, bright77));
    expect(fromCheckpoint).toEqual(fromBeginning);
    const { step } = fromBeginning.details as { step: number };
    expect(fromBeginning.details).toMatchObject({ epoch: 1, batch: step, layer: '1.conv', what: 'output' });

    const order = openBatches(recipe.training, data.labels, data.train).epoch(1);
    expect(step).toBe(1 + order.findIndex((batch) => batch.includes(77)));
    expect(step).toBeGreaterThan(1);
    const kept = (await readdir(join(folder, 'run'))).sort();
    expect(kept.at(-1)).toBe(`checkpoint-${step - 1}.safetensors`);
    await everythingIsFinite();
  });

  test('with checkpoints gone that were written: the step, and that its layer was not found', async () => {
    const pixels = dark.pixels.slice().fill(255, 77 * 784, 78 * 784);
    const recipe = bright([{ kind: 'conv', filters: 4, batchNorm: false }]);
    const { details: found } = await failureOf(run(recipe, {}, { ...dark, pixels }));
    const lost = await failureOf(
      run(recipe, { checkpointInterval: 0, write: () => Promise.resolve() }, { ...dark, pixels }),
    );
    expect(lost.details).toEqual({ ...found, layer: null, what: null });
    expect(lost.message).toContain('was not found: no checkpoint could be read.');
  });

  test('in the weights: the step whose update did it, and whose they are', async () => {
    const recipe = smallRecipe({
      augmentation: [],
      model: { layers: [{ kind: 'conv', filters: 4, batchNorm: false }, { kind: 'flatten' }] },
      training: {
        optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
        schedule: { kind: 'constant', warmUp: 0 },
      },
    });
    // Far beyond what a recipe may say, and infinite in float32, so that one update is enough.
    const wild = { ...recipe, training: { ...recipe.training, learningRate: 1e39 } };
    const failure = await failureOf(run(wild, { checkpointInterval: 0 }));
    expect(failure.details).toMatchObject({ epoch: 1, step: 1, batch: 1, what: 'weights' });
    expect(failure.message).toMatch(/The weights of (1\.conv|classifier\S*) are the first to be so/);
    expect(await readdir(join(folder, 'run'))).toEqual([]);
    // The same where no step is left to notice it by its loss.
    const once = { ...wild, training: { ...wild.training, epochs: 1 } };
    const one = { ...data, train: data.train.slice(0, 32) };
    const last = await failureOf(run(once, {}, one));
    expect(last.details).toMatchObject({ epoch: 1, step: 1, batch: 1, what: 'weights', bestEpoch: 0 });
    expect(await readdir(join(folder, 'run'))).toEqual([]);
  });

  test('in validation alone: says so, with the layer', async () => {
    const pixels = dark.pixels.slice().fill(255, 256 * 784);
    const recipe = bright([{ kind: 'conv', filters: 4, batchNorm: false }]);
    const failure = await failureOf(run(recipe, {}, { ...dark, pixels }));
    expect(failure.details).toMatchObject({ epoch: 1, step: 8, layer: '1.conv', what: 'output' });
    expect(failure.message).toContain('in the validation of epoch 1, after step 8');
  });

  test('late in a run: what was kept before stays, and is finite', async () => {
    const recipe = overshooting();
    const before = engine.counts();
    const first = await failureOf(run(recipe));
    expect(engine.counts()).toEqual(before);
    const { layer, epoch, step } = first.details as { layer: string; epoch: number; step: number };
    expect(layer).toMatch(/^(1\.conv|2\.|global|classifier)/);
    expect(Math.ceil(step / 8)).toBe(epoch);
    await everythingIsFinite();
    expect(await failureOf(run(recipe, { checkpointInterval: 0 }))).toEqual(first);
    await everythingIsFinite();
    // Resumed, it fails in the same place.
    expect(await failureOf(run(recipe, { resume: true }))).toEqual(first);
  });

  async function everythingIsFinite() {
    const names = await readdir(join(folder, 'run'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const { tensors } = decodeSafetensors(await readFile(join(folder, 'run', name)));
      for (const { data: values } of tensors.values()) {
        expect((values as Float32Array).every(Number.isFinite)).toBe(true);
      }
    }
  }
});

describe('a full disk', () => {
  const full = (path: string) => notWritten(path, Object.assign(new Error(), { code: 'ENOSPC' }));

  test('pauses until it can save, tells so, and gives the same bytes', async () => {
    await run(small, { folder: join(folder, 'whole') });
    let refusals = 0;
    const { events, stopped } = await run(small, {
      checkpointInterval: 0,
      retrySeconds: 0.01,
      write(path, bytes) {
        refusals += 1;
        return refusals % 7 < 3 ? Promise.reject(full(path)) : writeDurably(path, bytes);
      },
    });
    expect(stopped).toBe('finished');
    const pauses = events.filter(({ kind }) => kind === 'paused' || kind === 'unpaused');
    expect(pauses.length).toBeGreaterThan(6);
    pauses.forEach((event, index) => expect(event.kind).toBe(index % 2 ? 'unpaused' : 'paused'));
    expect(pauses[0]).toMatchObject({
      reason: { code: 'DISK_FULL', message: expect.stringContaining('Free some, then try again') },
    });
    expect(await outcomeOf(join(folder, 'run'))).toEqual(await outcomeOf(join(folder, 'whole')));
  });

  test('cancelled while it waits, stops; gone on with, gives the same bytes', async () => {
    await run(small, { folder: join(folder, 'whole') });
    const stop = new AbortController();
    const { stopped, events } = await run(small, {
      signal: stop.signal,
      retrySeconds: 60,
      write: (path) => Promise.reject(full(path)),
      onEvent: (event) => void (event.kind === 'paused' && stop.abort()),
    });
    expect(stopped).toBe('cancelled');
    expect(events.some(({ kind }) => kind === 'epoch' || kind === 'unpaused')).toBe(false);
    await run(small, { resume: true });
    expect(await outcomeOf(join(folder, 'run'))).toEqual(await outcomeOf(join(folder, 'whole')));
  });

  test('a place that refuses for another reason fails the run at once', async () => {
    const refuse = (path: string) => Promise.reject(notWritten(path, { code: 'EROFS' }));
    const failure = await failureOf(run(small, { write: refuse }));
    expect(failure.code).toBe('FILE_NOT_WRITABLE');
  });

  const place = mountable();
  test.skipIf(place.reason)(
    `on a real disk of 512 KiB${place.reason ? ` (not possible here: ${place.reason})` : ''}`,
    async () => {
      await run(small, { folder: join(folder, 'whole') });
      const disk = join(folder, 'disk');
      await mkdir(disk);
      mount(disk);
      try {
        const filler = join(disk, 'filler');
        await writeFile(filler, new Uint8Array(500 * 1024));
        const at = join(disk, 'run');
        const { events } = await run(small, {
          folder: at,
          checkpointInterval: 0,
          retrySeconds: 0.05,
          onEvent(event) {
            if (event.kind === 'paused')
              void readdir(at)
                .then((names) => (left = names))
                .catch(() => undefined)
                .then(() => rm(filler, { force: true }));
          },
        });
        expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['paused', 'unpaused']));
        expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
        expect(await outcomeOf(at)).toEqual(await outcomeOf(join(folder, 'whole')));
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );
  let left: string[] = [];
});

/** Whether this process may mount a file system in memory. */
function mountable(): { reason: string | null } {
  if (process.platform !== 'linux') return { reason: 'mounting is tried on Linux only' };
  if (process.getuid?.() !== 0) return { reason: 'mounting needs root' };
  const at = join(tmpdir(), `atelier-mount-${process.pid}`);
  spawnSync('mkdir', [at]);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at]);
  if (status === 0) spawnSync('umount', [at]);
  spawnSync('rmdir', [at]);
  return { reason: status === 0 ? null : String(stderr).trim() || 'there is no mount' };
}

function mount(at: string): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', at]);
  if (status !== 0) throw new Error(String(stderr));
}

describe('too little memory', () => {
  const recipeOf = (batchSize: number) => smallRecipe({ training: { batchSize } });

  test.each([
    [128, 1000, 128, 64],
    [100, 1000, 100, 32],
    [3, 1000, 3, 1],
    [1, 1000, 1, null],
    // Half of what the recipe asks for would still be all the images there are.
    [512, 80, 80, 32],
    [64, 1, 1, null],
  ])(
    'of batches of %d, with %d images to train on, is told of %d and suggests %s',
    (batchSize, images, used, suggested) => {
      const error = outOfMemory(recipeOf(batchSize), 10, images);
      expect(error).toMatchObject({
        code: 'OUT_OF_MEMORY',
        details: { batchSize: used, suggestedBatchSize: suggested },
      });
      expect(error.message).toContain(`a step of ${used} images`);
      if (suggested !== null)
        expect(error.message).toMatch(new RegExp(`Try a batch size of ${suggested} \\(about \\d+ MB\\)`));
      else expect(error.message).toContain('Use smaller images');
    },
  );

  test.each([
    new AtelierError('OUT_OF_MEMORY', 'TensorFlow has no memory left.'),
    new Error('RESOURCE_EXHAUSTED: OOM when allocating tensor with shape[8192,28,28,64]'),
    new Error('std::bad_alloc'),
    new RangeError('Array buffer allocation failed'),
  ])('is known from what engines say: %s', (said) => {
    expect(asOutOfMemory(said, recipeOf(64), 10, 1000)).toMatchObject({
      code: 'OUT_OF_MEMORY',
      details: { suggestedBatchSize: 32 },
      cause: said,
    });
  });

  test('other errors stay what they are', () => {
    const other = new AtelierError('DISK_FULL', 'No space.');
    expect(asOutOfMemory(other, recipeOf(64), 10, 1000)).toBe(other);
    expect(asOutOfMemory('text', recipeOf(64), 10, 1000)).toBe('text');
  });
});
