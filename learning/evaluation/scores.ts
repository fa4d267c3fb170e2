/**
 * How good answers are: accuracy with its interval, top-k accuracy, loss, precision, recall, F1 and the confusion matrix.
 * Pure arithmetic on probabilities; where they come from is predict.ts, what classes are called is the caller's.
 */
import type { Interval } from '#contract/evaluation.ts';

export interface ClassScores {
  support: number;
  /** null where the class was never predicted. */
  precision: number | null;
  /** null where the class was never present. */
  recall: number | null;
  /** null where it was neither. */
  f1: number | null;
  recallInterval: Interval | null;
}

export interface Scores {
  count: number;
  correct: number;
  accuracy: number;
  accuracyInterval: Interval;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Mean F1 of the classes that were present or predicted. */
  macroF1: number;
  /** Share of images whose class is among the k most probable; k is at most the number of classes. */
  topK: { k: number; accuracy: number };
  classes: ClassScores[];
  /** confusion[actual][predicted], counts. */
  confusion: number[][];
}

/** 97.5 % point of the standard normal. */
const z = 1.959963984540054;
/** A probability that float32 rounded to zero counts as this one, so that one image cannot make the loss infinite. */
const leastProbability = 1e-30;

/** Wilson score interval at 95 % (Wilson 1927); the whole of [0, 1] where nothing was tried. */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}

/** Index of the greatest of `classCount` values from `offset` on; the first one where several are equal. */
export function greatest(values: Float32Array, classCount: number, offset = 0): number {
  let best = 0;
  for (let index = 1; index < classCount; index += 1) {
    if (values[offset + index]! > values[offset + best]!) best = index;
  }
  return best;
}

/**
 * Share of images whose class is among the `k` most probable; 0 where there are no images. Of classes that are
 * equally probable the first ones count as more probable, as in `greatest`, so that top-1 is the accuracy.
 * @param probabilities [n, classCount], row-major; an image whose probabilities are not numbers counts as wrong
 * @param labels class index of each of the n images
 * @param k from 1; where it is the number of classes or more, every image counts as right
 * @throws RangeError where sizes disagree
 */
export function topKAccuracy(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
  k: number,
): number {
  expectProbabilities('topKAccuracy', probabilities, labels.length, classCount);
  let hits = 0;
  for (let image = 0; image < labels.length; image += 1) {
    const offset = image * classCount;
    const actual = labels[image]!;
    const own = probabilities[offset + actual]!;
    let before = 0;
    for (let index = 0; index < classCount; index += 1) {
      const other = probabilities[offset + index]!;
      if (!(other < own || (other === own && index >= actual))) before += 1;
    }
    if (before < Math.min(k, classCount)) hits += 1;
  }
  return labels.length === 0 ? 0 : hits / labels.length;
}

function expectProbabilities(who: string, { length }: Float32Array, count: number, classCount: number): void {
  if (length === count * classCount) return;
  throw new RangeError(`${who} expects [${count}, ${classCount}] probabilities, received ${length} values`);
}

/**
 * @param probabilities [n, classCount], row-major
 * @param labels class index of each of the n images
 * @param k of top-k; more than there are classes counts as all of them
 * @throws RangeError where sizes disagree
 */
export function evaluate(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
  k: number,
): Scores {
  const count = labels.length;
  expectProbabilities('evaluate', probabilities, count, classCount);
  const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  let lossSum = 0;
  for (let image = 0; image < count; image += 1) {
    const offset = image * classCount;
    const actual = labels[image]!;
    confusion[actual]![greatest(probabilities, classCount, offset)]! += 1;
    lossSum -= Math.log(Math.max(probabilities[offset + actual]!, leastProbability));
  }

  const classes = confusion.map((row, index): ClassScores => {
    const hits = row[index]!;
    const support = row.reduce((sum, cell) => sum + cell, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[index]!, 0);
    return {
      support,
      precision: predicted === 0 ? null : hits / predicted,
      recall: support === 0 ? null : hits / support,
      f1: support + predicted === 0 ? null : (2 * hits) / (support + predicted),
      recallInterval: support === 0 ? null : wilsonInterval(hits, support),
    };
  });
  const f1s = classes.flatMap(({ f1 }) => (f1 === null ? [] : [f1]));
  const correct = confusion.reduce((sum, row, index) => sum + row[index]!, 0);
  return {
    count,
    correct,
    accuracy: count === 0 ? 0 : correct / count,
    accuracyInterval: wilsonInterval(correct, count),
    loss: count === 0 ? 0 : lossSum / count,
    topK: { k: Math.min(k, classCount), accuracy: topKAccuracy(probabilities, labels, classCount, k) },
    macroF1: f1s.length === 0 ? 0 : f1s.reduce((sum, f1) => sum + f1, 0) / f1s.length,
    classes,
    confusion,
  };
}
