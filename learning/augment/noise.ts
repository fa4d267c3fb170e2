/** Adds normal noise of a random deviation, each pixel and channel on its own. */
import * as tf from '@tensorflow/tfjs';
import { foldSeed, statelessNormal } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';

export const noise: ImageAugmentation<'noise'> = {
  kind: 'noise',
  apply(images, { probability, fraction }, seed) {
    const batch = images.shape[0];
    const on = tf.cast(chosen(batch, probability, foldSeed(seed, 0)), 'float32');
    const deviation = tf.mul(on, perImage(batch, foldSeed(seed, 1), 0, 255 * fraction));
    const grain = statelessNormal(images.shape, foldSeed(seed, 2));
    return tf.clipByValue(tf.add(images, tf.mul(column(deviation), grain)), 0, 255) as tf.Tensor4D;
  },
};
