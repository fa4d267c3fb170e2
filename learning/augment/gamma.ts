/** Raises values to a power: middle tones change, black and white stay. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';

export const gamma: ImageAugmentation<'gamma'> = {
  kind: 'gamma',
  apply(images, { probability, maximum }, seed) {
    const batch = images.shape[0];
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const most = Math.log(maximum);
    const power = column(tf.exp(tf.mul(on, perImage(batch, foldSeed(seed, 1), -most, most))));
    const values = tf.div(images, 255);
    // The change is added, so that a power of 1 keeps every bit.
    const change = tf.mul(255, tf.sub(tf.pow(values, power), values));
    return tf.clipByValue(tf.add(images, change), 0, 255) as tf.Tensor4D;
  },
};
