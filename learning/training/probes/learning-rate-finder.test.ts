/** The finder on real images: what it suggests trains better than a hundredth and a hundred times of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Optimizer } from '#recipe/optimizer.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import * as operations from '#learning/tensorflow/operations.ts';
import { openTrainer } from '#learning/training/loop/trainer.ts';
import { findLearningRate } from './learning-rate-finder.ts';
import { measureSteps } from './measure-steps.ts';
import { searchSteps } from './rate-curve.ts';
import * as stepping from '#learning/training/step/step.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { train } from '#learning/training/loop/training-loop.ts';

vi.mock('#learning/training/step/step.ts', { spy: true });
vi.mock('#learning/tensorflow/operations.ts', { spy: true });

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const data = sampleData(1200, 100);
const { signal } = new AbortController();
const recipeOf = (optimizer: unknown) =>
  smallRecipe({
    training: {
      optimizer: Optimizer.parse(optimizer),
      schedule: { kind: 'constant', warmUp: 0 },
      batchSize: 48,
      weightDecay: 0,
    },
  });

describe.each([{ kind: 'sgd' }, { kind: 'adam' }])('$kind', (optimizer) => {
  test('the suggestion is usable', async () => {
    const recipe = recipeOf(optimizer);
    const before = engine.counts();
    const told: number[] = [];
    const search = await findLearningRate(recipe, data, {
      signal,
      onProgress: (done) => told.push(done),
    });
    expect(engine.counts()).toEqual(before);
    expect(told).toEqual(search.points.map((_, index) => index + 1));
    expect(search.points.length).toBeLessThanOrEqual(searchSteps);

    /** Mean loss of the third epoch. */
    const trained = async (rate: number) => {
      const trainer = await openTrainer(
        { ...recipe, training: { ...recipe.training, learningRate: rate } },
        data,
      );
      const trainState = { epochs: [], stepsBefore: 0 };
      for (let number = 1; number <= 3 * trainer.stepsPerEpoch; number += 1) {
        if (number === 2 * trainer.stepsPerEpoch + 1) trainer.step.resetTotals();
        trainer.trainStep(number, trainState);
      }
      const { loss, steps, firstNotFinite } = await trainer.step.totals();
      trainer.dispose();
      return firstNotFinite > 0 ? Infinity : loss / steps;
    };
    const best = await trained(search.suggestion!);
    expect(best).toBeLessThan(1.5);
    expect(await trained(search.suggestion! / 100)).toBeGreaterThan(best + 0.3);
    expect(await trained(Math.min(search.suggestion! * 100, 100))).toBeGreaterThan(best + 0.3);
    expect(await findLearningRate(recipe, data, { signal })).toEqual(search);
  });
});

test('cancelling leaves nothing behind', async () => {
  const before = engine.counts();
  const controller = new AbortController();
  const options = {
    signal: controller.signal,
    onProgress: (done: number) => (done === 3 ? controller.abort() : undefined),
  };
  const recipe = recipeOf({ kind: 'adam' });
  await expect(findLearningRate(recipe, data, options)).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(measureSteps(engine, recipe, data, { ...options, steps: 9 })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(engine.counts()).toEqual(before);
});

describe('out of memory', () => {
  const recipe = recipeOf({ kind: 'adam' });
  const probes = [
    ['the finder', () => findLearningRate(recipe, data, { signal })],
    ['measuring', () => measureSteps(engine, recipe, data, { steps: 2, signal })],
  ] as const;
  test.each(probes)('%s suggests a batch size, and leaves nothing behind', async (_, probe) => {
    const before = engine.counts();
    vi.mocked(stepping.openStep).mockImplementationOnce(() => {
      throw new Error('RESOURCE_EXHAUSTED: OOM when allocating tensor');
    });
    await expect(probe()).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      details: { batchSize: 48, suggestedBatchSize: 16 },
    });
    expect(engine.counts()).toEqual(before);
  });

  test.each(probes)('%s does not blame the batch for images that do not fit', async (_, probe) => {
    vi.mocked(operations.residentImages).mockImplementationOnce(() => {
      throw new Error('std::bad_alloc');
    });
    await expect(probe()).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message:
        'Training expected memory for all 1300 images at once, 1 MB, which this machine does not have free. Use smaller images or fewer of them, or close other programs; another batch size changes nothing.',
      details: { images: 1300, suggestedBatchSize: null },
    });
  });
});

describe('from an earlier run', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-probe-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('both begin where a run would: fine-tuned, continued, or refused', async () => {
    const recipe = smallRecipe({ training: { epochs: 3, batchSize: 48 } });
    const onEvent = () => undefined;
    await train(engine, recipe, data, { folder, signal, resume: false, onEvent });
    const next = { ...recipe, training: { ...recipe.training, learningRate: 1e-4 } };
    const lossesOf = async (initial?: string) =>
      (await measureSteps(engine, next, data, { steps: 3, signal, ...(initial && { initial }) })).losses;
    const firstPoint = async (initial?: string) =>
      (await findLearningRate(next, data, { signal, ...(initial && { initial }) })).points[0]!.loss;

    const model = join(folder, 'model.safetensors');
    const checkpoint = join(folder, 'checkpoint-75.safetensors');
    const fresh = await lossesOf();
    for (const initial of [model, checkpoint]) {
      expect((await lossesOf(initial))[0]!).toBeLessThan(fresh[0]! - 0.5);
      expect(await firstPoint(initial)).toBeLessThan((await firstPoint()) - 0.5);
    }
    const sgd = recipeOf({ kind: 'sgd' });
    await expect(findLearningRate(sgd, data, { signal, initial: checkpoint })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(
      measureSteps(engine, sgd, data, { signal, steps: 1, initial: join(folder, 'none') }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('measureSteps', () => {
  test('takes the first steps of the recipe, the same each time', async () => {
    const recipe = smallRecipe();
    const before = engine.counts();
    const measured = await measureSteps(engine, recipe, data, { steps: 12, signal });
    expect(measured.losses).toHaveLength(12);
    expect(measured.losses[0]).toBeGreaterThan(1.5);
    expect(measured.losses[11]).toBeLessThan(measured.losses[0]!);
    expect(measured.imagesPerSecond).toBeGreaterThan(0);
    expect((await measureSteps(engine, recipe, data, { steps: 12, signal })).losses).toEqual(measured.losses);
    expect(engine.counts()).toEqual(before);
  });

  test('ends with the first loss that is not finite', async () => {
    const recipe = smallRecipe({
      model: { layers: [{ kind: 'flatten' }] },
      training: {
        optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
        learningRate: 100,
        weightDecay: 1,
        schedule: { kind: 'constant', warmUp: 0 },
      },
    });
    const { losses, imagesPerSecond } = await measureSteps(engine, recipe, data, { steps: 60, signal });
    expect(losses.length).toBeLessThan(60);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(imagesPerSecond).toBeGreaterThan(0);
  });

  test('refuses an engine of another precision than the recipe asks for', async () => {
    const recipe = smallRecipe({ training: { precision: 'bfloat16' } });
    await expect(measureSteps(engine, recipe, data, { steps: 2, signal })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining('asks for bfloat16, but the engine was opened in float32') as string,
    });
  });
});
