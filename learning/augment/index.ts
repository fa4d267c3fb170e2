/**
 * The registry of augmentations, and their application in the recipe's order. To add one: docs/extend/add-an-augmentation.md;
 * the compiler names what is missing, and the family test takes the new one with it.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Augmentation, AugmentationKind } from '#recipe/augmentation.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import type { AugmentationDefinition, Batch, Targets } from './augmentation.ts';
import { blur } from './blur.ts';
import { brightness } from './brightness.ts';
import { colourJitter } from './colour-jitter.ts';
import { contrast } from './contrast.ts';
import { crop } from './crop.ts';
import { cutmix } from './cutmix.ts';
import { cutout } from './cutout.ts';
import { gamma } from './gamma.ts';
import { grayscale } from './grayscale.ts';
import { randomErasing } from './random-erasing.ts';
import { horizontalFlip } from './horizontal-flip.ts';
import { mixup } from './mixup.ts';
import { noise } from './noise.ts';
import { perspective } from './perspective.ts';
import { randAugment } from './rand-augment.ts';
import { rotation } from './rotation.ts';
import { scale } from './scale.ts';
import { shear } from './shear.ts';
import { shift } from './shift.ts';
import { trivialAugment } from './trivial-augment.ts';
import { verticalFlip } from './vertical-flip.ts';
import { joined, type Move, warp } from './warp.ts';

export const augmentations = {
  'horizontal-flip': horizontalFlip,
  'vertical-flip': verticalFlip,
  crop,
  shift,
  rotation,
  scale,
  shear,
  perspective,
  brightness,
  contrast,
  gamma,
  'colour-jitter': colourJitter,
  grayscale,
  noise,
  blur,
  'random-erasing': randomErasing,
  cutout,
  mixup,
  cutmix,
  'rand-augment': randAugment,
  'trivial-augment': trivialAugment,
} satisfies { [K in AugmentationKind]: AugmentationDefinition<K> };

/**
 * @param images float32 [batch, height, width, channels], 0..255
 * @param targets float32 [batch, classCount], one-hot at first; mixup and cutmix mix their rows as they mix pixels.
 * null where nobody asks: images alone are mixed then, and with the same numbers
 * @param list applied in this order; each place in it draws from its own stream. Moves in a row are made as one
 * @param seed int32 [2]
 * @returns the same shapes and ranges
 */
export function augment<T extends Targets>(
  images: tf.Tensor4D,
  targets: T,
  list: readonly Augmentation[],
  seed: tf.Tensor1D,
): Batch<T> {
  let batch: Batch<T> = { images, targets };
  let pending: Move | null = null;
  const settle = () => {
    if (pending) batch = { ...batch, images: warp(batch.images, pending) };
    pending = null;
  };
  list.forEach((settings, position) => {
    // Registry and settings share their kind; TypeScript cannot follow that through the union.
    const definition = augmentations[settings.kind] as AugmentationDefinition<AugmentationKind>;
    const own = foldSeed(seed, position);
    if ('move' in definition) {
      const move = definition.move(images.shape, settings, own);
      const both = pending && joined(pending, move);
      if (!both) settle();
      pending = both ?? move;
      return;
    }
    settle();
    batch =
      'mix' in definition
        ? definition.mix(batch.images, batch.targets, settings, own)
        : { ...batch, images: definition.apply(batch.images, settings, own) };
  });
  settle();
  return batch;
}
