/**
 * The registry of augmentations, and their application in the recipe's order. To add one: a schema in
 * contract/recipe.ts, a file beside this one, a line here; the compiler names what is missing, and the family
 * test takes the new one with it.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Augmentation, AugmentationKind } from '#contract/recipe.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import type { AugmentationDefinition } from './augmentation.ts';
import { crop } from './crop.ts';
import { erasing } from './erasing.ts';
import { horizontalFlip } from './horizontal-flip.ts';
import { rotation } from './rotation.ts';
import { shift } from './shift.ts';
import { verticalFlip } from './vertical-flip.ts';

export const augmentations = {
  'horizontal-flip': horizontalFlip,
  'vertical-flip': verticalFlip,
  crop,
  shift,
  rotation,
  erasing,
} satisfies { [K in AugmentationKind]: AugmentationDefinition<K> };

/**
 * @param images float32 [batch, height, width, channels], 0..255
 * @param list applied in this order; each place in it draws from its own stream
 * @param seed int32 [2]
 * @returns the same shape and range
 */
export function augment(images: tf.Tensor4D, list: readonly Augmentation[], seed: tf.Tensor1D): tf.Tensor4D {
  return list.reduce((changed, settings, position) => {
    // Registry and settings share their kind; TypeScript cannot follow that through the union.
    const { apply } = augmentations[settings.kind] as AugmentationDefinition<AugmentationKind>;
    return apply(changed, settings, foldSeed(seed, position));
  }, images);
}
