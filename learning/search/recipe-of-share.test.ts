/** A part of the images is trained on for as many steps as all of them, whatever counts in epochs. */
import { expect, test } from 'vitest';
import { tinyRecipe } from '#contract/testing.ts';
import { learningRate } from '#recipe/learning-rate.ts';
import { Recipe } from '#recipe/recipe.ts';
import { recipeOfShare } from './recipe-of-share.ts';

const model = { layers: [{ kind: 'flatten' }] };
const images = 800;
const batch = 10;
test.each([
  { kind: 'constant', warmUp: 0.1 },
  { kind: 'step', epochs: 4, factor: 0.5, warmUp: 0 },
  { kind: 'exponential', factor: 0.8, warmUp: 0 },
  { kind: 'cosine', warmUp: 0.05, minimum: 0 },
  { kind: 'one-cycle', peakAt: 0.3 },
] as const)('the rate of schedule $kind is the same at the same step', (schedule) => {
  const recipe = tinyRecipe({ model, training: { schedule, epochs: 12, earlyStopping: { patience: 3 } } });
  for (const share of [0.125, 0.25, 0.5, 1]) {
    const part = recipeOfShare(recipe, share);
    expect(Recipe.parse(part)).toEqual(part);
    expect(part.training.epochs * share).toBe(12);
    expect(part.training.earlyStopping!.patience * share).toBe(3);
    const steps = (12 * images) / batch;
    const at = (of: Recipe, step: number, size: number) =>
      learningRate(of.training.schedule, 0.01, { step, steps, stepsPerEpoch: size / batch, epochs: [] });
    for (const step of [0, 100, 500, 900])
      expect(at(part, step, share * images)).toBeCloseTo(at(recipe, step, images), 12);
  }
  expect(recipeOfShare(recipe, 1)).toEqual(recipe);
});

test('no more epochs are asked for than a recipe may have', () => {
  const recipe = tinyRecipe({ model, training: { epochs: 5000, earlyStopping: { patience: 900 } } });
  expect(recipeOfShare(recipe, 0.1).training).toMatchObject({
    epochs: 10_000,
    earlyStopping: { patience: 1000 },
  });
});
