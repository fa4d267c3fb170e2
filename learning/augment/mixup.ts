/**
 * Blends each image and its target with those of another image of the batch (Zhang et al. 2017, "mixup"); or what frozen
 * layers gave for it ("manifold mixup", Verma et al. 2019).
 */
import * as tf from '@tensorflow/tfjs';
import type { Augmentation } from '#recipe/augmentation.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { type MixingAugmentation } from './augmentation.ts';
import { symmetricBeta } from './beta.ts';
import { batchChosen, blend, partners } from './mixing.ts';

export const mixup: MixingAugmentation<'mixup'> = {
  kind: 'mixup',
  /** The blend is each image's own. */
  mix(images, targets, settings, seed) {
    const { partner, share } = draw(images.shape[0], settings, seed);
    return {
      images: tf.clipByValue(blended(images, partner, share), 0, 255),
      targets: (targets && blended(targets as tf.Tensor2D, partner, share)) as typeof targets,
    };
  },
};

/**
 * @param features float32 [batch, ...]
 * @param targets float32 [batch, classCount]
 * @param seed int32 [2]: blends as `mix` does with it
 */
export function mixFeatures(
  features: tf.Tensor,
  targets: tf.Tensor2D,
  settings: Mixup,
  seed: tf.Tensor1D,
): { features: tf.Tensor; targets: tf.Tensor2D } {
  const { partner, share } = draw(features.shape[0]!, settings, seed);
  return { features: blended(features, partner, share), targets: blended(targets, partner, share) };
}

type Mixup = Extract<Augmentation, { kind: 'mixup' }>;

function draw(batch: number, { probability, alpha }: Mixup, seed: tf.Tensor1D) {
  return {
    partner: partners(batch, foldSeed(seed, 1)),
    share: tf.mul(batchChosen(probability, seed), symmetricBeta(batch, alpha, foldSeed(seed, 2))),
  };
}

/** @param share float32 [batch] */
const blended = <T extends tf.Tensor>(rows: T, partner: tf.Tensor1D, share: tf.Tensor): T =>
  blend(rows, partner, tf.reshape(share, [rows.shape[0]!, ...rows.shape.slice(1).map(() => 1)]));
