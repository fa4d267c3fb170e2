/**
 * Moves pixels: each pixel of a result is taken from a place of its image that a map of the plane names. One native
 * operation a batch, each image with its own map. Which maps there are is left to the augmentations.
 */
import * as tf from '@tensorflow/tfjs';
import { transformImages } from '#learning/tensorflow/operations.ts';

/** A number for all images, or float32 [batch]. */
export type Coefficient = tf.Tensor1D | number;

/**
 * Takes the pixel (x, y) of each result from (a·x + b·y + c, d·x + e·y + f) / (g·x + h·y + 1) of its image; pixels
 * are counted from 0 at their centres. Values stay within 0..255, and the identity gives every value back bit for bit.
 * @param map a, b, c, d, e, f, and for a perspective g, h. Finite: TensorFlow does not check.
 */
export function warp(
  images: tf.Tensor4D,
  map: readonly Coefficient[],
  interpolation: 'nearest' | 'bilinear',
  border: Parameters<typeof transformImages>[3],
): tf.Tensor4D {
  const batch = images.shape[0];
  const columns = [...map, 0, 0]
    .slice(0, 8)
    .map((value) => (typeof value === 'number' ? tf.fill([batch], value) : value));
  const warped = transformImages(images, tf.stack(columns, 1) as tf.Tensor2D, interpolation, border);
  // Interpolation rounds a little past 255.
  return interpolation === 'bilinear' ? tf.clipByValue(warped, 0, 255) : warped;
}

/**
 * The affine map whose linear part is [a, b; d, e] and which leaves the image's centre where it is.
 * @returns coefficients for `warp`
 */
export function aboutCentre(
  [, height, width]: readonly number[],
  [a, b, d, e]: readonly [Coefficient, Coefficient, Coefficient, Coefficient],
): Coefficient[] {
  const [x, y] = [(width! - 1) / 2, (height! - 1) / 2];
  const right = tf.sub(tf.sub(x, tf.mul(a, x)), tf.mul(b, y)) as tf.Tensor1D;
  const down = tf.sub(tf.sub(y, tf.mul(d, x)), tf.mul(e, y)) as tf.Tensor1D;
  return [a, b, right, d, e, down];
}
