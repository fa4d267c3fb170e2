/**
 * Confident learning (Northcutt, Jiang and Chuang 2021): how often images of each given class are probably of each other,
 * counted where a prediction is as sure as predictions of that class usually are. In the steps and roundings of cleanlab, so that
 * figures are the same. Predictions must be of models that did not learn from the image (out of fold). Which images
 * that makes suspect is label-errors.ts.
 */
import { AtelierError } from '#contract/errors.ts';

/** What models say of labelled images. */
export interface Predicted {
  /** Class index of each image, as it is given. */
  labels: ArrayLike<number>;
  /** [images, classes], rows that sum to 1; from models that did not see the image. */
  probabilities: Float32Array | Float64Array;
  classes: number;
}

/** Probabilities that differ by less are the same. */
export const sameProbability = 1e-6;
/** Above any probability: nothing is confidently of a class that has no image. */
const unreachable = 2;

/** @throws BAD_REQUEST where shapes do not fit, a label is no class, or a probability none */
export function checkPredicted({ labels, probabilities, classes }: Predicted): void {
  const count = labels.length;
  if (!(classes >= 2) || probabilities.length !== count * classes)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected probabilities of at least two classes for each of ${count} labels, received ${probabilities.length} for ${classes} classes.`,
      { labels: count, classes, probabilities: probabilities.length },
    );
  for (let at = 0; at < count; at += 1) {
    const label = labels[at]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected a class from 0 to ${classes - 1} for each image, received ${label} for image ${at}. Leave images without a class out.`,
      { image: at, label, classes },
    );
  }
  const odd = probabilities.findIndex((value: number) => !(value >= 0 && value <= 1 + sameProbability));
  if (odd >= 0)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected probabilities from 0 to 1, received ${probabilities[odd]} for image ${Math.floor(odd / classes)}.`,
      { image: Math.floor(odd / classes) },
    );
}

/** How sure predictions of a class are of the images that are given it, on average, [classes]. */
export function classThresholds({ labels, probabilities, classes }: Predicted): Float64Array {
  const sums = new Float64Array(classes);
  const counts = countsOf(labels, classes);
  for (let at = 0; at < labels.length; at += 1)
    sums[labels[at]!]! += probabilities[at * classes + labels[at]!]!;
  return sums.map((sum, label) =>
    counts[label] === 0 ? unreachable : Math.max(2 * sameProbability, sum / counts[label]!),
  );
}

export interface ConfidentJoint {
  /** Images by given and by probable class, [classes, classes], scaled so that each row sums to the images given it. */
  counts: Int32Array;
  /** Places of the images that are confidently of another class than the given one. */
  offDiagonal: number[];
}

/**
 * Counts each image under its given class and the one that it is confidently of: whose probability reaches the class's
 * threshold, the most probable class where several do. At least one of each class counts as right.
 * @throws BAD_REQUEST as checkPredicted
 */
export function confidentJoint(predicted: Predicted): ConfidentJoint {
  checkPredicted(predicted);
  const { labels, probabilities, classes } = predicted;
  const thresholds = classThresholds(predicted);
  const raw = new Float64Array(classes * classes);
  const offDiagonal: number[] = [];
  for (let at = 0; at < labels.length; at += 1) {
    const row = probabilities.subarray(at * classes, (at + 1) * classes);
    let confident = 0;
    let best = -1;
    for (let label = 0; label < classes; label += 1) {
      if (row[label]! < thresholds[label]! - sameProbability) continue;
      confident += 1;
      if (best < 0) best = label;
    }
    // The most probable of all, be it itself below its threshold: as cleanlab counts.
    if (confident > 1) best = likeliest(row);
    if (best < 0) continue;
    raw[labels[at]! * classes + best]! += 1;
    if (best !== labels[at]) offDiagonal.push(at);
  }
  for (let label = 0; label < classes; label += 1)
    raw[label * classes + label] = Math.max(1, raw[label * classes + label]!);
  return { counts: calibrated(raw, labels, classes), offDiagonal };
}

function likeliest(row: Float32Array | Float64Array): number {
  let best = 0;
  row.forEach((value: number, at: number) => {
    if (value > row[best]!) best = at;
  });
  return best;
}

/** Shares of all images by given and by probable class, [classes, classes]: they sum to 1. */
export function jointDistribution(predicted: Predicted): Float64Array {
  const { counts } = confidentJoint(predicted);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Float64Array.from(counts, (count) => count / Math.max(1, total));
}

export function countsOf(labels: ArrayLike<number>, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (let at = 0; at < labels.length; at += 1) counts[labels[at]!]! += 1;
  return counts;
}

/**
 * Those that are not confidently of any class are as the others of their given class. Cleanlab scales once more, by a factor that
 * is 1 but for rounding: where a count is a whole number and a half, it may round the other way.
 */
function calibrated(raw: Float64Array, labels: ArrayLike<number>, classes: number): Int32Array {
  const given = countsOf(labels, classes);
  const counts = new Int32Array(classes * classes);
  for (let label = 0; label < classes; label += 1) {
    const row = raw.subarray(label * classes, (label + 1) * classes);
    const sum = row.reduce((total, count) => total + count, 0);
    counts.set(wholeNumbers(row.map((count) => (count / sum) * given[label]!)), label * classes);
  }
  return counts;
}

/** Whole numbers of the same sum: those that rounding changed most are rounded the other way. */
function wholeNumbers(values: Float64Array): Int32Array {
  const rounded = Int32Array.from(values, halfToEven);
  const target = halfToEven(values.reduce((sum, value) => sum + value, 0));
  const byDifference = Array.from(values.keys()).sort(
    (a, b) => values[a]! - rounded[a]! - (values[b]! - rounded[b]!) || a - b,
  );
  for (;;) {
    const missing = target - rounded.reduce((sum, value) => sum + value, 0);
    if (missing === 0) return rounded;
    const order = missing > 0 ? [...byDifference].reverse() : byDifference;
    for (const at of order.slice(0, Math.abs(missing))) rounded[at]! += Math.sign(missing);
  }
}

/** As IEEE 754 and NumPy round. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
