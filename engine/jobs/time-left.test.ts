import { expect, it } from 'vitest';
import { presets } from '#recipe/presets.ts';
import { defineBackbone } from '#learning/backbones/definition.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import type { Pace } from '#learning/timing/paces.ts';
import { trainingCosts } from '#learning/timing/costs.ts';
import { TimeLeft, type TimedTraining } from './time-left.ts';

const engine = { kind: 'tensorflow', device: 'CPU', threads: 2, precision: 'float32' } as const;
const counts = { train: 1000, validation: 200, test: 100 };
const { quick } = presets;
const { layers, frozenLayers, preprocessing, parameterBudget } = backboneStart(
  defineBackbone('efficientnet-lite0')!,
);
/** A head on frozen layers, of one view. */
const head: TimedTraining['recipe'] = {
  ...quick.recipe,
  augmentation: [],
  preprocessing: { ...quick.recipe.preprocessing, ...preprocessing },
  model: { ...quick.recipe.model, backbone: 'efficientnet-lite0', layers, parameterBudget },
  training: { ...quick.recipe.training, frozenLayers, epochs: 10 },
};
const training = (recipe = quick.recipe, paces: Pace[] = [], evaluates = true): TimedTraining => ({
  ...{ recipe, classCount: 6, counts, sourcePixels: 0, evaluates, paces, engine },
});
/** As slow as this to the reference in all that computes. */
const pacesOf = (recipe: TimedTraining['recipe'], ratio: number): Pace[] => {
  const { step } = trainingCosts(recipe, 6, counts, 0);
  return [{ part: 'step', key: step.key, engine, reference: step.seconds, ratio }];
};

it('knows nothing on a new machine until something was measured, then tells what steps say', () => {
  const left = new TimeLeft(training(), () => 0);
  expect(left.preparing('images', 0, 1000)).toBeNull();
  expect(left.stepping(null, 0, 98)).toBeNull();
  expect(left.stepping(42, 10, 98)).toBe(42);
});

it('while features are computed counts them by their own pace, and all that comes after', () => {
  let now = 0;
  const known = pacesOf(head, 2);
  const left = new TimeLeft(training(head, known), () => now);
  const costs = trainingCosts(head, 6, counts, 0);
  const before = left.preparing('features', 0, 1200)!;
  expect(before).toBeGreaterThan(1200 * costs.feature!.seconds * 2);
  now = 10;
  // A tenth of a second each: twice as many seconds as tenths of what is left, and the test part's.
  const under = left.preparing('features', 100, 1200)!;
  expect(under).toBeGreaterThan(110 + 10);
  expect(under).toBeLessThan((110 + 10) * 1.2);
  now = 60;
  expect(left.preparing('features', 600, 1200)!).toBeCloseTo(under - 50, 3);
});

it('on a new machine takes the pace of its features for what comes after', () => {
  let now = 0;
  const left = new TimeLeft(training(head), () => now);
  expect(left.preparing('features', 0, 1200)).toBeNull();
  now = 10;
  expect(left.preparing('features', 100, 1200)!).toBeGreaterThan(120);
});

it('adds the evaluation to what steps say, and validations as long as none was measured', () => {
  const known = pacesOf(quick.recipe, 1);
  const alone = new TimeLeft(training(quick.recipe, known, false));
  const judged = new TimeLeft(training(quick.recipe, known));
  const { epochs } = quick.recipe.training;
  expect(alone.stepping(50, 90, 7 * epochs)).toBe(50);
  expect(alone.stepping(50, 3, 7 * epochs)!).toBeGreaterThan(50);
  expect(judged.stepping(50, 90, 7 * epochs)!).toBeGreaterThan(50);
  expect(judged.stepping(null, 0, 7 * epochs)!).toBeGreaterThan(epochs * 7 * 0.05);
});
