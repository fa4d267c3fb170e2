/**
 * How unlike the training images an image is: a Gaussian for each class over what the classifier looks at, each with its own covariance (quadratic
 * discriminant analysis; Lee et al. 2018 share one). The novelty of an image is its least squared Mahalanobis distance plus the logarithm of the
 * determinant, over the classes: minus twice the greatest log-likelihood, but for a constant. Pure; which features, and from where on an image is
 * unknown, is left to the caller. learning/onnx writes the same as operators.
 */
import { principalAxes } from './principal-axes.ts';
import type { Work } from '#learning/work-in-turns.ts';

export interface NoveltyModel {
  /** Numbers of an image's features. */
  size: number;
  /** Of them after the projection. */
  dimensions: number;
  /** z = x · axes + offset, [size, dimensions] and [dimensions]; null where all are kept. */
  projection: { axes: Float32Array; offset: Float32Array } | null;
  /** Classes that had images. */
  classes: number;
  /** Whitened distance to class c: y = z · whitening[:, c] + shift[c]; [dimensions, classes · dimensions] and [classes · dimensions]. */
  whitening: Float32Array;
  shift: Float32Array;
  /** Of each class's covariance, [classes]. */
  logDeterminants: Float32Array;
}

export interface NoveltyOptions {
  /** Numbers that are kept of the features at most. */
  most?: number;
  /** Share of the mean variance that is added to every variance, so that no direction is taken for certain. */
  ridge?: number;
  /** Images' worth of the covariance that all classes share, in that of each; null: as many as there are numbers. */
  prior?: number | null;
}

export const mostDimensions = 64;
/** Numbers of a covariance, over all classes: four MB in an exported model. */
const mostNumbers = 2 ** 20;
/** Numbers that the axes are found from. */
const mostForAxes = 4e6;

/**
 * @param features [n, size], row-major
 * @param labels class index of each, from 0
 * @returns null where it cannot be told: fewer than two images, features that never differ or are not finite
 * @throws RangeError where sizes disagree
 */
export function* fitNovelty(
  features: Float32Array,
  labels: ArrayLike<number>,
  { most = mostDimensions, ridge = 1e-2, prior = null }: NoveltyOptions = {},
): Work<NoveltyModel | null> {
  const n = labels.length;
  const size = n === 0 ? 0 : features.length / n;
  if (!Number.isInteger(size))
    throw new RangeError(`Expected features of ${n} images, received ${features.length} numbers`);
  if (n < 2 || !features.every(Number.isFinite)) return null;
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const dimensions = Math.max(1, Math.min(size, most, Math.floor(Math.sqrt(mostNumbers / present.length))));
  const projection = dimensions < size ? yield* projectionOf(features, size, dimensions) : null;
  yield;
  const rows = projection
    ? yield* project(features, size, projection, dimensions)
    : Float64Array.from(features);
  const groups = present.map((label) =>
    Array.from({ length: n }, (_, at) => at).filter((at) => labels[at] === label),
  );
  const means: Float64Array[] = [];
  const scatters: Float64Array[] = [];
  for (const group of groups) {
    const { mean, scatter } = yield* scatterOf(rows, group, dimensions);
    means.push(mean);
    scatters.push(scatter);
  }
  const shared = new Float64Array(dimensions * dimensions);
  for (const scatter of scatters) for (let at = 0; at < shared.length; at += 1) shared[at]! += scatter[at]!;
  const tied = shared.map((sum) => sum / n);
  const variance = traceOf(tied, dimensions) / dimensions;
  if (!(variance > 0)) return null;
  const width = present.length * dimensions;
  const model: NoveltyModel = {
    size,
    dimensions,
    projection,
    classes: present.length,
    whitening: new Float32Array(dimensions * width),
    shift: new Float32Array(width),
    logDeterminants: new Float32Array(present.length),
  };
  const weight = prior ?? dimensions;
  for (const [at, group] of groups.entries()) {
    const covariance = pulled(scatters[at]!, group.length, tied, weight);
    // Of no variance at all, as a class of one image has it without a prior, nothing can be told.
    const own = Math.max(traceOf(covariance, dimensions) / dimensions, 1e-6 * variance);
    for (let d = 0; d < dimensions; d += 1) covariance[d * (dimensions + 1)]! += ridge * own;
    put(model, at, means[at]!, covariance);
    yield;
  }
  return model;
}

/** @param features [n, size], row-major @returns the novelty of each, [n]: not a number where a feature is none */
export function noveltyOf(model: NoveltyModel, features: Float32Array): Float64Array {
  const { size, dimensions, projection, classes, whitening, shift, logDeterminants } = model;
  const n = features.length / size;
  if (!Number.isInteger(n))
    throw new RangeError(`Expected features of ${size} numbers, received ${features.length}`);
  const found = new Float64Array(n);
  const width = classes * dimensions;
  const z = new Float64Array(dimensions);
  const y = new Float64Array(width);
  for (let image = 0; image < n; image += 1) {
    projectOne(features, image * size, size, projection, z);
    for (let at = 0; at < width; at += 1) y[at] = shift[at]!;
    for (let d = 0; d < dimensions; d += 1)
      for (let at = 0; at < width; at += 1) y[at]! += z[d]! * whitening[d * width + at]!;
    let least = Infinity;
    for (let c = 0; c < classes; c += 1) {
      let sum = logDeterminants[c]!;
      for (let at = c * dimensions; at < (c + 1) * dimensions; at += 1) sum += y[at]! * y[at]!;
      if (!(sum >= least)) least = sum;
    }
    found[image] = least;
  }
  return found;
}

function* projectionOf(
  features: Float32Array,
  size: number,
  dimensions: number,
): Work<NonNullable<NoveltyModel['projection']>> {
  const n = features.length / size;
  const wanted = Math.min(n, Math.max(4 * dimensions, Math.floor(mostForAxes / size)));
  const some = new Float32Array(wanted * size);
  for (let at = 0; at < wanted; at += 1) {
    const from = Math.floor((at * n) / wanted) * size;
    some.set(features.subarray(from, from + size), at * size);
  }
  const { mean, axes } = yield* principalAxes(some, size, dimensions);
  const offset = new Float64Array(dimensions);
  for (let at = 0; at < size; at += 1)
    for (let d = 0; d < dimensions; d += 1) offset[d]! -= mean[at]! * axes[at * dimensions + d]!;
  return { axes: Float32Array.from(axes), offset: Float32Array.from(offset) };
}

function* project(
  features: Float32Array,
  size: number,
  projection: NonNullable<NoveltyModel['projection']>,
  dimensions: number,
): Work<Float64Array> {
  const n = features.length / size;
  const rows = new Float64Array(n * dimensions);
  for (let image = 0; image < n; image += 1) {
    projectOne(
      features,
      image * size,
      size,
      projection,
      rows.subarray(image * dimensions, (image + 1) * dimensions),
    );
    if (image % 64 === 63) yield;
  }
  return rows;
}

function projectOne(
  features: Float32Array,
  from: number,
  size: number,
  projection: NoveltyModel['projection'],
  z: Float64Array,
): void {
  const { length } = z;
  if (!projection) {
    for (let d = 0; d < length; d += 1) z[d] = features[from + d]!;
    return;
  }
  for (let d = 0; d < length; d += 1) z[d] = projection.offset[d]!;
  for (let at = 0; at < size; at += 1) {
    const value = features[from + at]!;
    if (value !== 0) for (let d = 0; d < length; d += 1) z[d]! += value * projection.axes[at * length + d]!;
  }
}

/** Mean of some rows, and the sum of outer products from it. */
function* scatterOf(
  rows: Float64Array,
  group: readonly number[],
  size: number,
): Work<{ mean: Float64Array; scatter: Float64Array }> {
  const mean = new Float64Array(size);
  for (const row of group) for (let d = 0; d < size; d += 1) mean[d]! += rows[row * size + d]! / group.length;
  const scatter = new Float64Array(size * size);
  for (const [place, row] of group.entries()) {
    for (let a = 0; a < size; a += 1) {
      const value = rows[row * size + a]! - mean[a]!;
      for (let b = 0; b <= a; b += 1) scatter[a * size + b]! += value * (rows[row * size + b]! - mean[b]!);
    }
    if (place % 64 === 63) yield;
  }
  for (let a = 0; a < size; a += 1)
    for (let b = 0; b < a; b += 1) scatter[b * size + a] = scatter[a * size + b]!;
  return { mean, scatter };
}

/** Its own covariance where it has many images, that of all where it has few. */
function pulled(scatter: Float64Array, images: number, tied: Float64Array, prior: number): Float64Array {
  return scatter.map((sum, at) => (sum + prior * tied[at]!) / (images + prior));
}

const traceOf = (matrix: Float64Array, size: number): number => {
  let sum = 0;
  for (let d = 0; d < size; d += 1) sum += matrix[d * (size + 1)]!;
  return sum;
};

/** Writes a class into the model: the inverse of the Cholesky factor of its covariance whitens it. */
function put(model: NoveltyModel, at: number, mean: Float64Array, covariance: Float64Array): void {
  const { dimensions: size, classes, whitening, shift, logDeterminants } = model;
  const lower = new Float64Array(size * size);
  let logDeterminant = 0;
  for (let a = 0; a < size; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let sum = covariance[a * size + b]!;
      for (let c = 0; c < b; c += 1) sum -= lower[a * size + c]! * lower[b * size + c]!;
      lower[a * size + b] = a === b ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / lower[b * size + b]!;
      if (a === b) logDeterminant += 2 * Math.log(lower[a * size + a]!);
    }
  logDeterminants[at] = logDeterminant;
  const width = classes * size;
  const column = new Float64Array(size);
  const moved = new Float64Array(size);
  for (let d = 0; d < size; d += 1) {
    // Column d of the inverse: forward substitution on a unit vector.
    for (let row = 0; row < size; row += 1) {
      let sum = row === d ? 1 : 0;
      for (let c = d; c < row; c += 1) sum -= lower[row * size + c]! * column[c]!;
      column[row] = row < d ? 0 : sum / lower[row * (size + 1)]!;
      whitening[d * width + at * size + row] = column[row]!;
      moved[row]! -= column[row]! * mean[d]!;
    }
  }
  shift.set(moved, at * size);
}
