/**
 * Beta(α, α) numbers from uniform ones: the inverse of the distribution function, tabled in JavaScript when the step
 * is traced and interpolated inside it. A quotient of two gamma draws would be 0/0 for the small α in use.
 */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { perImage } from './augmentation.ts';

/** Steps of the table, over half of the distribution; the other half mirrors it. */
const steps = 512;
const integrationSteps = 20_000;

/**
 * Numbers of the Beta(alpha, alpha) distribution, one an image: float32 [batch], 0..1.
 * @param alpha 1 is uniform; below 1 most are near 0 or 1; above 1 most are near a half
 */
export function symmetricBeta(batch: number, alpha: number, seed: tf.Tensor1D): tf.Tensor1D {
  const { table, power, root } = quantiles(alpha);
  const uniform = perImage(batch, seed);
  const half = tf.mul(tf.minimum(uniform, tf.sub(1, uniform)), 2);
  const place = tf.mul(tf.pow(half, 1 / root), steps);
  const below = tf.minimum(tf.floor(place), steps - 1);
  const rows = tf.tensor1d(table);
  const from = gatherRows(rows, tf.cast(below, 'int32') as tf.Tensor1D);
  const to = gatherRows(rows, tf.cast(tf.add(below, 1), 'int32') as tf.Tensor1D);
  const value = tf.add(from, tf.mul(tf.sub(to, from), tf.sub(place, below)));
  const lower = tf.minimum(tf.pow(value, 1 / power), 0.5);
  return tf.where(tf.less(uniform, 0.5), lower, tf.sub(1, lower)) as tf.Tensor1D;
}

/**
 * Quantiles of the lower half of Beta(alpha, alpha): row k holds x^power where the distribution function reaches
 * (k / steps)^root of that half. Near 0 that function goes like x^alpha; the two powers share alpha between them, so
 * that the table is nearly straight there, for any alpha, and can be interpolated.
 */
export function quantiles(alpha: number): { table: Float32Array; power: number; root: number } {
  const [power, root] = [Math.min(alpha, 1), Math.max(alpha, 1)];
  const width = 0.5 ** power / integrationSteps;
  const mass = new Float64Array(integrationSteps + 1);
  for (let step = 0; step < integrationSteps; step += 1) {
    const x = ((step + 0.5) * width) ** (1 / power);
    mass[step + 1] = mass[step]! + x ** (alpha - power) * (1 - x) ** (alpha - 1);
  }
  const table = new Float32Array(steps + 1);
  let step = 0;
  for (let row = 0; row <= steps; row += 1) {
    const wanted = (row / steps) ** root * mass[integrationSteps]!;
    while (step < integrationSteps - 1 && mass[step + 1]! < wanted) step += 1;
    const within = (wanted - mass[step]!) / (mass[step + 1]! - mass[step]!);
    table[row] = (step + within) * width;
  }
  return { table, power, root };
}
