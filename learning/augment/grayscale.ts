/** Takes the colour away: each pixel becomes grey of its luminance (ITU-R BT.601), in all three channels. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation } from './augmentation.ts';
import { luminance } from './colour.ts';

export const grayscale: ImageAugmentation<'grayscale'> = {
  kind: 'grayscale',
  apply(images, { probability }, seed) {
    const on = column(chosen(images.shape[0], probability, foldSeed(seed, 0)));
    return tf.where(on, tf.tile(luminance(images), [1, 1, 1, 3]), images) as tf.Tensor4D;
  },
};
