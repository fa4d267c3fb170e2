/** Which of a recipe's augmentations make views of a training image, for frozen layers to look at once. Pure. */
import type { Augmentation } from './augmentation.ts';
import type { Recipe } from './recipe.ts';

/** What changes an image before its features are computed: mixup blends what is kept of several. */
export const changesOfViews = ({ augmentation }: Pick<Recipe, 'augmentation'>): Augmentation[] =>
  augmentation.filter(({ kind }) => kind !== 'mixup');
