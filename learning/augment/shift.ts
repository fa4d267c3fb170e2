/** Moves by whole pixels, up to a share of the side, and fills with the border's value. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation, wholeSteps } from './augmentation.ts';

export const shift: MovingAugmentation<'shift'> = {
  kind: 'shift',
  move([batch, height, width], { probability, fraction }, seed) {
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const right = tf.mul(
      on,
      wholeSteps(batch, Math.round(fraction * width), foldSeed(seed, 1)),
    ) as tf.Tensor1D;
    const down = tf.mul(
      on,
      wholeSteps(batch, Math.round(fraction * height), foldSeed(seed, 2)),
    ) as tf.Tensor1D;
    return { map: [1, 0, right, 0, 1, down], interpolation: 'nearest', border: 'nearest' };
  },
};
