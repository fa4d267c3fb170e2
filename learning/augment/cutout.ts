/** Blackens a square at a random centre (DeVries and Taylor 2017, "Improved Regularization … with Cutout"). */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { between, chosen, column, type ImageAugmentation, rectangle, wholeNumbers } from './augmentation.ts';

export const cutout: ImageAugmentation<'cutout'> = {
  kind: 'cutout',
  /** The square's side is a share of the shorter side, in whole pixels; its centre may be any pixel. */
  apply(images, { probability, fraction }, seed) {
    const [batch, height, width] = images.shape;
    const length = Math.round(fraction * Math.min(height, width));
    const stretch = (side: number, stream: number) => {
      const start = tf.sub(wholeNumbers(batch, side, foldSeed(seed, stream)), Math.floor(length / 2));
      return between(start, tf.add(start, length), side);
    };
    const on = column(chosen(batch, probability, foldSeed(seed, 0)));
    const covered = tf.logicalAnd(on, rectangle(stretch(height, 1), stretch(width, 2)));
    return tf.where(covered, 0, images) as tf.Tensor4D;
  },
};
