/** How many images all folds look at: those of one training stand for them. */
import { expect, test } from 'vitest';
import type { Augmentation } from '#contract/recipe.ts';
import { presets } from '#learning/model/presets.ts';
import { featuresOfFolds } from './times.ts';

const recipeOf = (augmentation: Augmentation[]) => ({
  augmentation,
  training: { ...presets.quick.recipe.training, cachedViews: 4 },
});
const flip: Augmentation = { kind: 'horizontal-flip', probability: 0.5 };
const mixup: Augmentation = { kind: 'mixup', probability: 1, alpha: 0.2 };

test.each([
  ['images as they are, once each', [], 100 + 20, 120],
  ['mixup alone mixes features, and draws no views', [mixup], 100 + 20, 120],
  ['views of all, and each as it is', [flip], 4 * 100 + 20, 5 * 120],
  ['views beside mixup', [flip, mixup], 4 * 100 + 20, 5 * 120],
  ['half of them kept', [flip], (4 * 100 + 20) / 2, (5 * 120) / 2],
  ['all of them kept', [flip], 0, 0],
])('%s', (_, augmentation, features, expected) => {
  expect(featuresOfFolds(recipeOf(augmentation), { train: 100, validation: 20, features })).toBeCloseTo(
    expected,
  );
});
