/**
 * What a metric is. Each has a file beside this one and a line in index.ts, from which follows what is computed, stored,
 * drawn, listed, compared, exported and optimised (docs/extend/add-a-metric.md). Plain arithmetic, no tensors.
 */
import type { Interval } from './interval.ts';

/** One class among what was answered: images of it, images said to be of it, and those of both. */
export interface ClassCounts {
  support: number;
  predicted: number;
  hits: number;
}

/** What was answered, counted. */
export interface Counts {
  count: number;
  correct: number;
  /** confusion[actual][predicted], counts. */
  confusion: readonly (readonly number[])[];
  /** In the order of the confusion matrix. */
  classes: readonly ClassCounts[];
}

/** What was answered, image by image. */
export interface Predictions extends Counts {
  /** [count, classes], row-major; each row sums to 1. */
  probabilities: Float32Array;
  /** Class index of each image, [count]. */
  labels: ArrayLike<number>;
  /** The recipe's `topK`, at most the number of classes. */
  k: number;
}

interface Described {
  /** Its name in files and on the wire, and with `validation` before it in epochs: never renamed. */
  key: string;
  /** As it stands in a sentence; `titleOf` makes the heading. */
  label: string;
  /** What it measures, in a few words. */
  help: string;
  /** percent: a share of 1. */
  format: 'percent' | 'number';
  better: 'higher' | 'lower';
}

export type Metric = Described & {
  /** For columns of a terminal, at most 8 characters. */
  short: string;
  /** Least and greatest value that it can have. */
  range: readonly [number, number];
  /** epoch: after each epoch of a training, so that it has a curve, and in evaluations; evaluation: there alone. */
  at: 'epoch' | 'evaluation';
  /** The traced step counts it on the training images too (learning/training/step/step.ts). */
  training?: true;
  /** Every run and evaluation that was ever stored has it; of others it is null where they are older than the metric. */
  always?: true;
  /** Depends on the recipe's `topK`: label, help and short name it as "k", and evaluations keep it with the value. */
  atK?: true;
  /** At 95 %, exact. */
  interval?(counts: Counts): Interval;
  /** Few images make it greater (or smaller) than it is: a bootstrap interval would not hold it as often as it says, so there is none. */
  biased?: true;
  /** Its value for the predictions of testing.ts, worked out by hand. */
  example: number;
} & (
    | {
        /** Those can be computed for evaluations that are older than the metric. */
        from: 'counts';
        /** @returns null where it is not defined */
        compute(counts: Counts): number | null;
      }
    | { from: 'probabilities'; compute(predictions: Predictions): number | null }
  );

/** What is measured of a single class. */
export type ClassMetric = Described & {
  /** @returns null where it is not defined */
  compute(counts: ClassCounts): number | null;
  interval?(counts: ClassCounts): Interval | null;
};
