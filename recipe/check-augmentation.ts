/**
 * Whether a recipe's augmentations can work on its images: what the schema of one augmentation alone cannot say.
 * Pure, so that the studio process can ask.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Augmentation } from './augmentation.ts';
import { augmentationKinds } from './fields.ts';
import type { Recipe } from './recipe.ts';

/** @throws RECIPE_INVALID with the first that cannot work: its place in the list from 1, what was expected and what to do */
export function checkAugmentation(recipe: Pick<Recipe, 'augmentation' | 'preprocessing' | 'training'>): void {
  for (const [index, settings] of recipe.augmentation.entries()) {
    const problem = problemOf(settings, recipe);
    if (problem === null) continue;
    const place = index + 1;
    throw new AtelierError('RECIPE_INVALID', `Augmentation ${place}, ${settings.kind}: ${problem}`, {
      place,
      kind: settings.kind,
    });
  }
}

function problemOf(
  settings: Augmentation,
  { preprocessing, training }: Pick<Recipe, 'preprocessing' | 'training'>,
): string | null {
  const { height, width, channels } = preprocessing;
  const shorter = Math.min(height, width);
  if (augmentationKinds[settings.kind]!.colourOnly && channels !== 3)
    return (
      'images of 3 channels were expected, whose colour it changes, but the recipe makes images grey. ' +
      'Set preprocessing.channels to 3, or use brightness and contrast.'
    );
  switch (settings.kind) {
    case 'crop':
      return settings.padding < shorter
        ? null
        : `padding was expected to be less than the image's shorter side of ${shorter} pixels, received ${settings.padding}; ` +
            'nothing of the image might be left. Take an eighth of the side or less.';
    case 'random-erasing':
      return settings.minimum <= settings.maximum
        ? null
        : `minimum was expected to be at most maximum, received ${settings.minimum} and ${settings.maximum}. Exchange them.`;
    case 'mixup':
    case 'cutmix':
      return training.batchSize > 1
        ? null
        : 'another image of the batch was expected to mix with, but training.batchSize is 1. Make it 2 or more.';
    default:
      return null;
  }
}
