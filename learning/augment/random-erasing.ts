/**
 * Covers a random rectangle with noise (Zhong et al. 2017, "Random Erasing"): its area uniform between two
 * shares of the image's, its shape from 3:10 to 10:3.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed, statelessUniform } from '#learning/tensorflow/random.ts';
import { between, chosen, column, type ImageAugmentation, perImage, rectangle } from './augmentation.ts';

const widestShape = Math.log(10 / 3);

export const randomErasing: ImageAugmentation<'random-erasing'> = {
  kind: 'random-erasing',
  apply(images, { probability, minimum, maximum }, seed) {
    const [batch, height, width] = images.shape;
    const area = tf.mul(perImage(batch, foldSeed(seed, 1), minimum, maximum), height * width);
    const shape = tf.exp(perImage(batch, foldSeed(seed, 2), -widestShape, widestShape));
    const on = column(chosen(batch, probability, foldSeed(seed, 0)));
    const rows = within(tf.sqrt(tf.mul(area, shape)), height, foldSeed(seed, 3));
    const columns = within(tf.sqrt(tf.div(area, shape)), width, foldSeed(seed, 4));
    const noise = statelessUniform(images.shape, foldSeed(seed, 5), 0, 255);
    return tf.where(tf.logicalAnd(on, rectangle(rows, columns)), noise, images) as tf.Tensor4D;
  },
};

/** Which of `side` places lie in a stretch of `length` (rounded, at most the side) at a random place: bool [batch, side]. */
function within(length: tf.Tensor, side: number, seed: tf.Tensor1D): tf.Tensor2D {
  const batch = length.shape[0]!;
  const whole = tf.minimum(tf.round(length), side);
  const start = tf.floor(tf.mul(perImage(batch, seed), tf.add(tf.sub(side, whole), 1)));
  return between(start, tf.add(start, whole), side);
}
