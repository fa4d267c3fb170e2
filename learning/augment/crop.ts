/**
 * Pads with black on each side and cuts the original size out at a random place, which is the same as moving
 * the image by whole pixels and filling with black: one operation instead of a pad and a gather.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, type ImageAugmentation, wholeSteps } from './augmentation.ts';
import { warp } from './warp.ts';

export const crop: ImageAugmentation<'crop'> = {
  kind: 'crop',
  name: 'Random crop',
  about: 'Teaches that a thing may sit anywhere. Too much padding cuts off what matters.',
  apply(images, { probability, padding }, seed) {
    const batch = images.shape[0];
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const right = tf.mul(on, wholeSteps(batch, padding, foldSeed(seed, 1))) as tf.Tensor1D;
    const down = tf.mul(on, wholeSteps(batch, padding, foldSeed(seed, 2))) as tf.Tensor1D;
    return warp(images, [1, 0, right, 0, 1, down], 'nearest', 'constant');
  },
};
