/**
 * Replaces a rectangle of each image by the same one of another image of the batch, and mixes their targets by its
 * share of the area (Yun et al. 2019, "CutMix").
 */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { between, type MixingAugmentation, rectangle, wholeNumbers } from './augmentation.ts';
import { symmetricBeta } from './beta.ts';
import { batchChosen, blend, partners } from './mixing.ts';

export const cutmix: MixingAugmentation<'cutmix'> = {
  kind: 'cutmix',
  /** The rectangle has the image's shape and is each image's own; it is cut at the border, and what is left counts. */
  mix(images, targets, { probability, alpha }, seed) {
    const [batch, height, width] = images.shape;
    const partner = partners(batch, foldSeed(seed, 1));
    const area = tf.mul(batchChosen(probability, seed), symmetricBeta(batch, alpha, foldSeed(seed, 2)));
    const stretch = (side: number, stream: number) => {
      const length = tf.round(tf.mul(tf.sqrt(area), side));
      const centre = wholeNumbers(batch, side, foldSeed(seed, stream));
      const start = tf.sub(centre, tf.floor(tf.div(length, 2)));
      return between(start, tf.add(start, length), side);
    };
    const [rows, columns] = [stretch(height, 3), stretch(width, 4)];
    const count = (places: tf.Tensor2D) => tf.sum(tf.cast(places, 'float32'), 1, true);
    const share = tf.div(tf.mul(count(rows), count(columns)), height * width);
    return {
      images: tf.where(rectangle(rows, columns), gatherRows(images, partner), images) as tf.Tensor4D,
      targets: (targets && blend(targets as tf.Tensor2D, partner, share)) as typeof targets,
    };
  },
};
