/**
 * All metrics of some predictions. Where the probabilities come from is learning/evaluation/predict.ts, what classes are
 * called is the caller's.
 */
import { classMetrics } from './class-metrics.ts';
import { predictionsOf, countsOf } from './counts.ts';
import { epochMetrics, metrics } from './index.ts';
import type { Predictions, ClassCounts, ClassMetric, Metric } from './metric.ts';
import {
  type EpochScores,
  type ClassScores,
  type Scores,
  validationKey,
  type ValidationKey,
} from './stored.ts';

const list: readonly Metric[] = metrics;
const listOfClass: readonly ClassMetric[] = classMetrics;

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
  const predictions = predictionsOf(probabilities, labels, classCount, k);
  const { count, correct, classes, confusion } = predictions;
  const values = list.flatMap((metric) => [
    [metric.key, storedValue(metric, predictions)],
    ...(metric.interval ? [[`${metric.key}Interval`, metric.interval(predictions)]] : []),
  ]);
  return { count, correct, ...Object.fromEntries(values), classes: classes.map(scoresOfClass), confusion };
}

function storedValue(metric: Metric, predictions: Predictions) {
  const value = metric.compute(predictions);
  return metric.atK && value !== null ? { k: predictions.k, accuracy: value } : value;
}

function scoresOfClass(counts: ClassCounts) {
  const values = listOfClass.map(({ key, compute }) => [key, compute(counts)]);
  return { support: counts.support, ...Object.fromEntries(values), ...intervalsOfClass(counts) };
}

const intervalsOfClass = (counts: ClassCounts) =>
  Object.fromEntries(
    listOfClass.flatMap(({ key, interval }) => (interval ? [[`${key}Interval`, interval(counts)]] : [])),
  ) as Partial<ClassScores>;

/** An epoch's fields about the validation images: its metrics alone, since those of an evaluation may be slow. */
export const validationScores = (predictions: Predictions): Pick<EpochScores, ValidationKey> =>
  Object.fromEntries(
    epochMetrics.map((metric) => [validationKey(metric), metric.compute(predictions)]),
  ) as Pick<EpochScores, ValidationKey>;

/**
 * Scores of before a metric was added, with it where the confusion matrix is all that it needs. Intervals that follow from the matrix are those of now: they
 * were of other kinds before, and one figure has one interval.
 */
export function completed<S extends Pick<Scores, 'confusion'>>(scores: S & Partial<Scores>): S {
  const counts = countsOf(scores.confusion);
  const missing = list.flatMap((metric) =>
    metric.from === 'counts' && scores[metric.key as keyof Scores] === null
      ? [[metric.key, metric.compute(counts)]]
      : [],
  );
  const intervals = list.flatMap((metric) =>
    metric.interval ? [[`${metric.key}Interval`, metric.interval(counts)]] : [],
  );
  const classes = scores.classes?.map((score, index) =>
    hasAllIntervals(score) ? score : { ...score, ...intervalsOfClass(counts.classes[index]!) },
  );
  return { ...scores, ...Object.fromEntries([...missing, ...intervals]), ...(classes && { classes }) };
}

/** Those of a thousand classes take a while: they are not computed again where all are there. */
const hasAllIntervals = (score: ClassScores): boolean =>
  classMetrics.every(({ key }) => score[key] === null || score[`${key}Interval`] !== null);
