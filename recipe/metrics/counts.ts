/** Predictions counted: the confusion matrix, and what it says of each class. What follows from it is left to the metrics. */
import type { ClassCounts, Counts, Predictions } from './metric.ts';

/** Index of the greatest of `classCount` values from `offset` on; the first one where several are equal. */
export function greatest(values: ArrayLike<number>, classCount: number, offset = 0): number {
  let best = 0;
  for (let index = 1; index < classCount; index += 1) {
    if (values[offset + index]! > values[offset + best]!) best = index;
  }
  return best;
}

/** Mean of what is defined; null where nothing is. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Mean of a value of the classes, each weighing as much as it has images; null where there are none. */
export function weightedMean(
  classes: readonly ClassCounts[],
  value: (counts: ClassCounts) => number,
): number | null {
  const images = sumOf(classes.map(({ support }) => support));
  return images === 0 ? null : sumOf(classes.map((one) => one.support * value(one))) / images;
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** @param confusion confusion[actual][predicted], square */
export function countsOf(confusion: readonly (readonly number[])[]): Counts {
  const classes = confusion.map((row, index) => ({
    support: sumOf(row),
    predicted: sumOf(confusion.map((other) => other[index]!)),
    hits: row[index]!,
  }));
  return {
    count: sumOf(classes.map(({ support }) => support)),
    correct: sumOf(classes.map(({ hits }) => hits)),
    confusion,
    classes,
  };
}

/**
 * @param probabilities [n, classCount], row-major
 * @param labels class index of each of the n images
 * @param k of top-k; more than there are classes counts as all of them
 * @throws RangeError where sizes disagree
 */
export function predictionsOf(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
  k: number,
): Predictions {
  if (probabilities.length !== labels.length * classCount) {
    throw new RangeError(
      `Expected [${labels.length}, ${classCount}] probabilities, received ${probabilities.length} values`,
    );
  }
  const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let image = 0; image < labels.length; image += 1) {
    confusion[labels[image]!]![greatest(probabilities, classCount, image * classCount)]! += 1;
  }
  return { ...countsOf(confusion), probabilities, labels, k: Math.min(k, classCount) };
}
