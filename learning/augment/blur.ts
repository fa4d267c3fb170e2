/**
 * Gaussian blur, each image with a deviation of its own. A blur along one axis is a product with a matrix of weights,
 * so the whole batch is two batched matrix products: no bank of kernels to choose from, no kernel cut short. Beyond
 * the border there is nothing, and the weights within sum to 1, so that borders do not darken.
 * Under bfloat16 TensorFlow rounds these products like all others; sums of shifted images, which it would leave alone,
 * take as many operations as the image has rows and columns.
 */
import * as tf from '@tensorflow/tfjs';
import { foldSeed } from '#learning/tensorflow/random.ts';
import { chosen, column, type ImageAugmentation, perImage } from './augmentation.ts';

export const blur: ImageAugmentation<'blur'> = {
  kind: 'blur',
  apply(images, { probability, sigma }, seed) {
    const [batch, height, width, channels] = images.shape;
    const on = column(chosen(batch, probability, foldSeed(seed, 0)));
    const deviation = perImage(batch, foldSeed(seed, 1), 0, sigma);
    const rows = tf.reshape(images, [batch, height, width * channels]);
    const down = tf.reshape(tf.matMul(weights(deviation, height), rows), [batch, height, width, channels]);
    const columns = tf.reshape(tf.transpose(down, [0, 2, 1, 3]), [batch, width, height * channels]);
    const across = tf.reshape(tf.matMul(weights(deviation, width), columns), [
      batch,
      width,
      height,
      channels,
    ]);
    const blurred = tf.clipByValue(tf.transpose(across, [0, 2, 1, 3]), 0, 255);
    return tf.where(on, blurred, images) as tf.Tensor4D;
  },
};

/** Weight of each place (last axis) in each blurred place: float32 [batch, side, side], rows that sum to 1. */
function weights(deviation: tf.Tensor1D, side: number): tf.Tensor3D {
  const place = tf.range(0, side, 1, 'float32');
  const distance = tf.square(tf.sub(tf.reshape(place, [side, 1]), place));
  // So near to 0 no neighbour has any weight.
  const spread = tf.square(tf.maximum(deviation, 0.01));
  const bell = tf.exp(tf.div(distance, tf.mul(-2, tf.reshape(spread, [-1, 1, 1]))));
  return tf.div(bell, tf.sum(bell, 2, true));
}
