/**
 * The directions in which rows of numbers vary most (principal component analysis), by subspace iteration (Halko, Martinsson and Tropp 2011): only
 * the few that are asked for are computed. Seeded: same rows, same axes. Pure.
 */
import { generator, normal } from '#learning/random-numbers.ts';
import type { Work } from '#learning/work-in-turns.ts';

export interface PrincipalAxes {
  /** Mean of the rows, [size]. */
  mean: Float64Array;
  /** Orthonormal columns, that of the greatest variance first, [size, count] row-major. */
  axes: Float64Array;
  /** Variance along each, falling, [count]. */
  variances: Float64Array;
}

/** Directions that are followed beside those asked for, and rounds: neighbours in variance are then told apart well enough. */
const more = 8;
const rounds = 12;

/**
 * @param rows [n, size], row-major
 * @param count of axes, at most `size`
 * @throws RangeError where sizes disagree
 */
export function* principalAxes(rows: Float32Array, size: number, count: number): Work<PrincipalAxes> {
  const n = rows.length / size;
  if (!Number.isInteger(n) || n === 0 || count > size)
    throw new RangeError(
      `Expected rows of ${size} numbers and at most as many axes, received ${rows.length} and ${count}`,
    );
  const mean = meanOf(rows, size);
  const width = Math.min(size, count + more);
  const draw = normal(generator(size, count));
  let basis = Float64Array.from({ length: size * width }, draw);
  orthonormalise(basis, size, width);
  for (let round = 0; round < rounds; round += 1) {
    basis = yield* timesCovariance(rows, mean, basis, size, width);
    orthonormalise(basis, size, width);
  }
  // Within the subspace the axes are those of a small matrix.
  const image = yield* timesCovariance(rows, mean, basis, size, width);
  const small = new Float64Array(width * width);
  for (let at = 0; at < size; at += 1)
    for (let a = 0; a < width; a += 1)
      for (let b = 0; b < width; b += 1)
        small[a * width + b]! += basis[at * width + a]! * image[at * width + b]!;
  const { values, vectors } = symmetricEigen(small, width);
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, count);
  const axes = new Float64Array(size * count);
  for (let at = 0; at < size; at += 1)
    order.forEach((which, place) => {
      let sum = 0;
      for (let a = 0; a < width; a += 1) sum += basis[at * width + a]! * vectors[a * width + which]!;
      axes[at * count + place] = sum;
    });
  return { mean, axes, variances: Float64Array.from(order, (which) => Math.max(0, values[which]!)) };
}

/** Mean of each column, [size]. */
function meanOf(rows: Float32Array, size: number): Float64Array {
  const mean = new Float64Array(size);
  for (let at = 0; at < rows.length; at += 1) mean[at % size]! += rows[at]!;
  return mean.map((sum) => sum / (rows.length / size));
}

/** The covariance of the rows (by n) times a basis [size, width], without the covariance ever being there. */
function* timesCovariance(
  rows: Float32Array,
  mean: Float64Array,
  basis: Float64Array,
  size: number,
  width: number,
): Work<Float64Array<ArrayBuffer>> {
  const n = rows.length / size;
  const result = new Float64Array(size * width);
  const along = new Float64Array(width);
  for (let row = 0; row < n; row += 1) {
    along.fill(0);
    for (let at = 0; at < size; at += 1) {
      const value = rows[row * size + at]! - mean[at]!;
      if (value !== 0) for (let a = 0; a < width; a += 1) along[a]! += value * basis[at * width + a]!;
    }
    for (let at = 0; at < size; at += 1) {
      const value = (rows[row * size + at]! - mean[at]!) / n;
      if (value !== 0) for (let a = 0; a < width; a += 1) result[at * width + a]! += value * along[a]!;
    }
    if (row % 16 === 15) yield;
  }
  return result;
}

/** Gram and Schmidt, twice, so that rounding leaves nothing; a direction that is none becomes an unused one. */
function orthonormalise(basis: Float64Array, size: number, width: number): void {
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let at = 0; at < size; at += 1) sum += basis[at * width + a]! * basis[at * width + b]!;
    return sum;
  };
  const clear = (column: number) => {
    for (let pass = 0; pass < 2; pass += 1)
      for (let before = 0; before < column; before += 1) {
        const share = dot(column, before);
        for (let at = 0; at < size; at += 1)
          basis[at * width + column]! -= share * basis[at * width + before]!;
      }
  };
  for (let column = 0; column < width; column += 1) {
    const whole = Math.sqrt(dot(column, column));
    clear(column);
    for (let unit = 0; unit < size && !(Math.sqrt(dot(column, column)) > 1e-10 * whole); unit += 1) {
      for (let at = 0; at < size; at += 1)
        basis[at * width + column] = at === (unit + column) % size ? whole || 1 : 0;
      clear(column);
    }
    const length = Math.sqrt(dot(column, column));
    for (let at = 0; at < size; at += 1) basis[at * width + column]! /= length;
  }
}

/** Jacobi's rotations. @param matrix symmetric [width, width] @returns vectors as columns */
function symmetricEigen(
  matrix: Float64Array,
  width: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const vectors = Float64Array.from({ length: width * width }, (_, at) => (at % (width + 1) === 0 ? 1 : 0));
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let off = 0;
    for (let p = 0; p < width; p += 1) for (let q = p + 1; q < width; q += 1) off += a[p * width + q]! ** 2;
    if (off <= 1e-28 * total) break;
    for (let p = 0; p < width; p += 1)
      for (let q = p + 1; q < width; q += 1) {
        const value = a[p * width + q]!;
        if (value === 0) continue;
        const theta = (a[q * width + q]! - a[p * width + p]!) / (2 * value);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        rotate(a, width, [p, q], cosine, tangent * cosine, vectors);
      }
  }
  return { values: Float64Array.from({ length: width }, (_, at) => a[at * (width + 1)]!), vectors };
}

function rotate(
  a: Float64Array,
  width: number,
  [p, q]: [number, number],
  cosine: number,
  sine: number,
  vectors: Float64Array,
): void {
  const turn = (values: Float64Array, first: number, second: number) => {
    const [x, y] = [values[first]!, values[second]!];
    values[first] = cosine * x - sine * y;
    values[second] = sine * x + cosine * y;
  };
  for (let at = 0; at < width; at += 1) turn(a, at * width + p, at * width + q);
  for (let at = 0; at < width; at += 1) turn(a, p * width + at, q * width + at);
  for (let at = 0; at < width; at += 1) turn(vectors, at * width + p, at * width + q);
}
