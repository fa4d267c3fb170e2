/** Makes lighter or darker: one random number is added to all pixels of an image. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';

export const brightness: ImageAugmentation<'brightness'> = {
  kind: 'brightness',
  apply(images, { probability, fraction }, seed) {
    const batch = images.shape[0];
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const added = tf.mul(on, perImage(batch, foldSeed(seed, 1), -255 * fraction, 255 * fraction));
    return tf.clipByValue(tf.add(images, column(added)), 0, 255) as tf.Tensor4D;
  },
};
