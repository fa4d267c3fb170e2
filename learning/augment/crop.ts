/**
 * Pads with black on each side and cuts the original size out at a random place, which is the same as moving
 * the image by whole pixels and filling with black: one operation instead of a pad and a gather.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type MovingAugmentation, wholeSteps } from './augmentation.ts';

export const crop: MovingAugmentation<'crop'> = {
  kind: 'crop',
  move([batch], { probability, padding }, seed) {
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const right = tf.mul(on, wholeSteps(batch, padding, foldSeed(seed, 1))) as tf.Tensor1D;
    const down = tf.mul(on, wholeSteps(batch, padding, foldSeed(seed, 2))) as tf.Tensor1D;
    return { map: [1, 0, right, 0, 1, down], interpolation: 'nearest', border: 'constant' };
  },
};
