/** The finder on real images: what it suggests trains better than a hundredth and a hundred times of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Optimizer } from '#contract/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { openLearner } from './learner.ts';
import { findLearningRate } from './learning-rate-finder.ts';
import { measureSteps } from './measure-steps.ts';
import { searchSteps } from './rate-curve.ts';
import { sampleData, smallRecipe } from './testing.ts';

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
    const search = await findLearningRate(engine, recipe, data, {
      signal,
      onProgress: (done) => told.push(done),
    });
    expect(engine.counts()).toEqual(before);
    expect(told).toEqual(search.points.map((_, index) => index + 1));
    expect(search.points.length).toBeLessThanOrEqual(searchSteps);

    /** Mean loss of the third epoch. */
    const trained = async (rate: number) => {
      const learner = await openLearner(
        { ...recipe, training: { ...recipe.training, learningRate: rate } },
        data,
      );
      const standing = { epochs: [], stepsBefore: 0 };
      for (let number = 1; number <= 3 * learner.stepsPerEpoch; number += 1) {
        if (number === 2 * learner.stepsPerEpoch + 1) learner.step.resetTotals();
        learner.take(number, standing);
      }
      const { loss, steps, firstNotFinite } = await learner.step.totals();
      learner.dispose();
      return firstNotFinite > 0 ? Infinity : loss / steps;
    };
    const best = await trained(search.suggestion!);
    expect(best).toBeLessThan(1.5);
    expect(await trained(search.suggestion! / 100)).toBeGreaterThan(best + 0.3);
    expect(await trained(Math.min(search.suggestion! * 100, 100))).toBeGreaterThan(best + 0.3);
    expect(await findLearningRate(engine, recipe, data, { signal })).toEqual(search);
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
  await expect(findLearningRate(engine, recipe, data, options)).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(measureSteps(engine, recipe, data, { ...options, steps: 9 })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(engine.counts()).toEqual(before);
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
