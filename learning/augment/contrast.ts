/** Draws pixels away from their image's mean or towards it. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';

export const contrast: ImageAugmentation<'contrast'> = {
  kind: 'contrast',
  apply(images, { probability, fraction }, seed) {
    const batch = images.shape[0];
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const change = column(tf.mul(on, perImage(batch, foldSeed(seed, 1), -fraction, fraction)));
    const distance = tf.sub(images, tf.mean(images, [1, 2, 3], true));
    // The change is added, so that none at all keeps every bit.
    return tf.clipByValue(tf.add(images, tf.mul(change, distance)), 0, 255) as tf.Tensor4D;
  },
};
