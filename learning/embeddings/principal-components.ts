/**
 * The two directions in which embeddings differ most (Pearson 1901), and where each image lies on them: what a map begins
 * with, so that its large shape is that of the data and not of chance.
 */
import * as tf from '@tensorflow/tfjs';
import { generator } from '#learning/random-numbers.ts';
import type { VectorTable } from './vector-table.ts';

/** Products with the covariance: directions that are told apart by a few per cent are found after these. */
const iterations = 40;

/**
 * By orthogonal iteration of the covariance. The same table, the same answer.
 * @returns [images, 2], in units of the embeddings, with mean 0
 */
export async function principalComponents(table: VectorTable): Promise<Float32Array> {
  const { size, length } = table;
  const uniform = generator(size, length);
  const draw = () => Float32Array.from({ length: size }, () => uniform() - 0.5);
  let [first, second] = orthonormal(draw(), draw());
  const covariance = table.covariance();
  try {
    for (let round = 0; round < iterations; round += 1) {
      const product = tf.tidy(() => tf.matMul(covariance, columnsOf(first, second)));
      const values = await product.data();
      product.dispose();
      const column = (at: number) => Float32Array.from({ length: size }, (_, row) => values[2 * row + at]!);
      [first, second] = orthonormal(column(0), column(1));
    }
  } finally {
    covariance.dispose();
  }
  const columns = columnsOf(upright(first), upright(second));
  const offset = tf.matMul(table.mean(), columns);
  try {
    const scores = await table.times(columns);
    const [x, y] = (await offset.data()) as Float32Array;
    return scores.map((score, at) => score - (at % 2 === 0 ? x! : y!));
  } finally {
    tf.dispose([columns, offset]);
  }
}

/** [size, 2] */
function columnsOf(first: Float32Array, second: Float32Array): tf.Tensor2D {
  const both = new Float32Array(2 * first.length);
  first.forEach((value, row) => ([both[2 * row], both[2 * row + 1]] = [value, second[row]!]));
  return tf.tensor2d(both, [first.length, 2]);
}

/** Gram and Schmidt. A direction that is not there, as where all images are the same, becomes zeros. */
function orthonormal(first: Float32Array, second: Float32Array): [Float32Array, Float32Array] {
  const unit = (vector: Float32Array) => {
    const length = Math.sqrt(dot(vector, vector));
    return length < 1e-12 ? vector.fill(0) : vector.map((value) => value / length);
  };
  const one = unit(first);
  const along = dot(one, second);
  return [one, unit(second.map((value, at) => value - along * one[at]!))];
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** A direction and its opposite are as good: the one whose largest part is positive. */
function upright(vector: Float32Array): Float32Array {
  const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}
