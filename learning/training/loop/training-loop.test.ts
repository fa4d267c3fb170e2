/** The loop on the real engine and real images: it learns, stops, fails and resumes as it promises. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { loadModel, saveModel } from '#learning/model/model-file.ts';
import { buildNetwork, writeWeights } from '#learning/model/network.ts';
import { openPredictor } from '#learning/evaluation/predict.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import type { Engine } from '#learning/tensorflow/engine.ts';
import { engine, folder, setUpRuns, trained } from '#learning/training/testing-runs.ts';
import { overshooting, sampleData, smallRecipe } from '#learning/training/testing.ts';
import { train } from './training-loop.ts';
import type { TrainingEvent, TrainingOptions } from './training-options.ts';

setUpRuns();

const data = sampleData(256, 100);
const averaged = smallRecipe({ training: { weightAveraging: 0.9 } });

const run = (recipe: Recipe, options: Partial<TrainingOptions> = {}, own = data) =>
  trained(recipe, own, options);
const modelBytes = (at = folder) => readFile(join(at, 'model.safetensors'));
const files = async () => (await readdir(folder)).sort();

describe('train', () => {
  test('learns, tells of it, keeps the best weights, and leaks nothing', async () => {
    const recipe = smallRecipe({ training: { epochs: 20 } });
    const before = engine.counts();
    const { events, ...result } = await run(recipe);
    expect(engine.counts()).toEqual(before);

    expect(result.stopped).toBe('finished');
    expect(result.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(result.epochs.at(-1)!.trainLoss).toBeLessThan(result.epochs[0]!.trainLoss);
    const best = result.epochs[result.bestEpoch - 1]!;
    expect(best.validationAccuracy).toBe(Math.max(...result.epochs.map((e) => e.validationAccuracy)));
    expect(best.validationAccuracy).toBeGreaterThan(0.5);

    expect(events[0]).toMatchObject({ kind: 'started', steps: 160, engine: { kind: engine.info.kind } });
    expect(events.filter(({ kind }) => kind === 'epoch')).toHaveLength(20);
    const progress = events.filter((event) => event.kind === 'progress');
    expect(progress.at(-1)).toMatchObject({ step: 160, steps: 160, epoch: 20, epochs: 20 });
    expect(progress.every(({ accuracy, loss }) => accuracy >= 0 && accuracy <= 1 && loss > 0)).toBe(true);
    expect(await files()).toEqual([
      'checkpoint-152.safetensors',
      'checkpoint-160.safetensors',
      'model.safetensors',
    ]);

    // The file alone gives the best epoch's validation scores again.
    const model = await loadModel(folder);
    const network = buildNetwork(model.recipe, model.classCount);
    writeWeights(network, model.weights);
    const predictor = openPredictor(network, model.normalisation);
    const probabilities = await predictor.predict(data.pixels, data.validation);
    predictor.dispose();
    network.dispose();
    const scores = evaluate(
      probabilities,
      [...data.validation].map((i) => data.labels[i]!),
      10,
      3,
    );
    expect(model.epoch).toBe(result.bestEpoch);
    expect([scores.accuracy, scores.loss]).toEqual([best.validationAccuracy, best.validationLoss]);
    expect([scores.topK!.accuracy, scores.macroF1]).toEqual([best.validationTopK, best.validationMacroF1]);
  });

  const atOnce = (stop: AbortController) => stop.abort();
  const someStepsLater = (stop: AbortController) => setImmediate(() => setImmediate(() => stop.abort()));
  test.each([
    ['adam, stopped between epochs', { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, atOnce],
    ['sgd, stopped within an epoch', { kind: 'sgd', momentum: 0.9, nesterov: true }, someStepsLater],
  ] as const)(
    'resumed with %s, gives the bytes of the uninterrupted run',
    async (_, optimizer, interrupt) => {
      const recipe = { ...averaged, training: { ...averaged.training, optimizer: { ...optimizer } } };
      const whole = await run(recipe);
      const expected = await modelBytes();
      await rm(folder, { recursive: true });

      const stop = new AbortController();
      const onEvent = (event: TrainingEvent) => void (event.kind === 'epoch' && interrupt(stop));
      const first = await run(recipe, { signal: stop.signal, onEvent });
      expect([first.stopped, first.epochs.length]).toEqual(['cancelled', 1]);
      const second = await run(recipe, { resume: true });
      expect(second.events[0]).toEqual({ kind: 'resumed', epochs: first.epochs, bestEpoch: 1 });
      const timeless = ({ epochs }: typeof whole) =>
        epochs.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 }));
      expect(timeless(second)).toEqual(timeless(whole));
      expect((await modelBytes()).equals(expected)).toBe(true);
    },
  );

  test('going on on another engine is told, once, and kept in its checkpoints', async () => {
    const elsewhere: Engine = { ...engine, info: { ...engine.info, version: '1.0.0', threads: 64 } };
    const resumed = async (on: Engine, holdAfter: number) => {
      const events: TrainingEvent[] = [];
      const signal = new AbortController().signal;
      const onEvent = (event: TrainingEvent) => void events.push(event);
      await train(on, averaged, data, { folder, onEvent, signal, resume: true, holdAfter });
      return events.filter(({ kind }) => kind === 'engine-changed');
    };
    expect(await resumed(engine, 1)).toEqual([]);
    expect(await resumed(engine, 1)).toEqual([]);
    const { kind, version, device, threads } = engine.info;
    const [from, to] = [
      { kind, version, device, threads },
      { kind, version: '1.0.0', device, threads: 64 },
    ];
    expect(await resumed(elsewhere, 2)).toEqual([{ kind: 'engine-changed', from, to }]);
    expect(await resumed(elsewhere, 2)).toEqual([]);
    expect(await resumed(engine, 2)).toEqual([{ kind: 'engine-changed', from: to, to: from }]);
  });

  test('an engine of another precision than the recipe asks for is refused before anything is made', async () => {
    const recipe = smallRecipe({ training: { precision: 'bfloat16' } });
    const before = engine.counts();
    await expect(run(recipe, { folder: join(folder, 'new') })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining('asks for bfloat16, but the engine was opened in float32'),
    });
    expect(engine.counts()).toEqual(before);
    expect(await files()).toEqual([]);
  });

  test('resuming a finished run changes nothing', async () => {
    const whole = await run(averaged);
    const bytes = await modelBytes();
    const again = await run(averaged, { resume: true });
    expect(again.epochs).toEqual(whole.epochs);
    expect((await modelBytes()).equals(bytes)).toBe(true);
  });

  test('resuming where nothing was kept begins at the beginning; other data is refused', async () => {
    const { epochs, events } = await run(averaged, { resume: true });
    expect(epochs).toHaveLength(2);
    expect(events[0]).toEqual({ kind: 'resumed', epochs: [], bestEpoch: 0 });
    const relabelled = { ...data, labels: data.labels.map((label) => (label + 1) % 10) };
    await expect(run(averaged, { resume: true }, relabelled)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('another network is refused as another recipe, and the kept weights stay', async () => {
    await run(averaged);
    const bytes = await modelBytes();
    const wider = { ...averaged, model: smallRecipe({ model: { layers: [{ kind: 'flatten' }] } }).model };
    await expect(run(wider, { resume: true })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await modelBytes()).equals(bytes)).toBe(true);
  });

  test('with no whole checkpoint left, kept weights are not given up for a run that begins again', async () => {
    await run(averaged);
    const bytes = await modelBytes();
    const kept = (await loadModel(folder)).epoch;
    for (const step of [8, 16]) await writeFile(join(folder, `checkpoint-${step}.safetensors`), 'damaged');
    await expect(run(averaged, { resume: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_DAMAGED',
      message: `Going on expects a whole checkpoint, but cannot read checkpoint-16.safetensors or checkpoint-8.safetensors, and beginning again would delete the kept weights of epoch ${kept}, which are whole. Start a new run that is fine-tuned from this one, or a fresh one.`,
    });
    expect((await modelBytes()).equals(bytes)).toBe(true);

    for (const step of [8, 16]) await rm(join(folder, `checkpoint-${step}.safetensors`));
    await saveModel(folder, { ...(await loadModel(folder)), epoch: 2 });
    await expect(run(averaged, { resume: true })).rejects.toMatchObject({
      message: expect.stringContaining('but found none, and beginning again'),
    });
    // Killed between the weights of the first epoch and its checkpoint: they are made again.
    await saveModel(folder, { ...(await loadModel(folder)), epoch: 1 });
    expect((await run(averaged, { resume: true })).stopped).toBe('finished');
    expect((await modelBytes()).equals(bytes)).toBe(true);
  });

  test('cancelled in the middle of an epoch, stops within a step and keeps the epochs before', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const result = await run(smallRecipe({ training: { epochs: 50 } }), {
      signal: stop.signal,
      onEvent(event) {
        if (event.kind !== 'progress') return;
        steps.push(event.step);
        // The epoch's last step has been told: one more epoch begins.
        if (event.epoch === 2) setImmediate(() => setImmediate(() => stop.abort()));
      },
    });
    expect(result.stopped).toBe('cancelled');
    expect(result.epochs.length).toBeLessThanOrEqual(2);
    expect((await loadModel(folder)).epoch).toBe(result.bestEpoch);
    expect(steps.at(-1)).toBeLessThan(50 * 8);
  });

  test('cancelled before the first step, keeps nothing, not even of an earlier run, and says so', async () => {
    await run(averaged);
    const { stopped, bestEpoch, epochs } = await run(averaged, { signal: AbortSignal.abort() });
    expect({ stopped, bestEpoch, epochs }).toEqual({ stopped: 'cancelled', bestEpoch: 0, epochs: [] });
    expect(await files()).toEqual([]);
  });

  test('stops early once patience is out', async () => {
    // A learning rate this small changes no answer.
    const recipe = smallRecipe({
      augmentation: [],
      model: { layers: [{ kind: 'flatten' }] },
      training: {
        learningRate: 1e-30,
        optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
        weightDecay: 0,
        epochs: 50,
        earlyStopping: { patience: 2 },
      },
    });
    const { stopped, epochs, bestEpoch } = await run(recipe);
    expect([stopped, epochs.length, bestEpoch]).toEqual(['early', 3, 1]);
  });

  test('a loss that is not finite stops the run, names epoch and step, and keeps the last finite weights', async () => {
    const recipe = overshooting();
    const failure = await run(recipe).then(
      () => expect.unreachable('it should have failed'),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: expect.stringContaining('Lower the learning rate'),
    });
    const { epoch, step } = (failure as { details: { epoch: number; step: number } }).details;
    expect(Math.ceil(step / 8)).toBe(epoch);
    if (epoch > 1) {
      const { weights } = await loadModel(folder);
      for (const values of weights.values()) expect(values.every(Number.isFinite)).toBe(true);
    }
    // Nothing of the failed run is left in the engine: another one runs.
    expect((await run(averaged)).stopped).toBe('finished');
  });

  test('a network over its budget is refused before anything is made', async () => {
    const recipe = smallRecipe();
    const before = engine.counts();
    await expect(
      run({ ...recipe, model: { ...recipe.model, parameterBudget: 100 } }, { folder: join(folder, 'new') }),
    ).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(engine.counts()).toEqual(before);
    expect(await files()).toEqual([]);
  });

  test('no validation images are refused, saying what to do', async () => {
    await expect(run(averaged, {}, { ...data, validation: new Int32Array() })).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringContaining('received none for validation'),
    });
  });

  test('fewer images than a batch still train', async () => {
    const tiny = { ...data, train: data.train.slice(0, 5) };
    expect((await run(averaged, {}, tiny)).epochs).toHaveLength(2);
  });
});
