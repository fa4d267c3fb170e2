/**
 * The metrics: one list, in the order of columns and curves. What is stored of them is stored.ts, how they are written
 * format.ts; computing them is scores.ts.
 */
import { accuracy } from './accuracy.ts';
import { averagePrecision } from './average-precision.ts';
import { balancedAccuracy } from './balanced-accuracy.ts';
import { cohenKappa } from './cohen-kappa.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { loss } from './cross-entropy.ts';
import { macroF1 } from './macro-f1.ts';
import { macroPrecision } from './macro-precision.ts';
import { matthewsCorrelation } from './matthews-correlation.ts';
import type { Metric } from './metric.ts';
import { rocAuc } from './roc-auc.ts';
import { topK } from './top-k.ts';
import { weightedF1 } from './weighted-f1.ts';
import { weightedPrecision } from './weighted-precision.ts';

export { classMetrics } from './class-metrics.ts';

export const metrics = [
  loss,
  accuracy,
  topK,
  macroF1,
  balancedAccuracy,
  weightedF1,
  macroPrecision,
  weightedPrecision,
  cohenKappa,
  matthewsCorrelation,
  rocAuc,
  averagePrecision,
  expectedCalibrationError,
] as const satisfies readonly Metric[];

export type AnyMetric = (typeof metrics)[number];
export type EpochMetric = Extract<AnyMetric, { at: 'epoch' }>;
export type TrainingMetric = Extract<EpochMetric, { training: true }>;

/** Those that each epoch of a training has, on the validation images. */
export const epochMetrics: readonly EpochMetric[] = metrics.filter(
  (metric): metric is EpochMetric => metric.at === 'epoch',
);
/** Those that each epoch has on the training images too. */
export const trainingMetrics: readonly TrainingMetric[] = epochMetrics.filter(
  (metric): metric is TrainingMetric => 'training' in metric,
);
/** As results are told: what should be high first. */
export const asResults = <M extends Pick<Metric, 'better'>>(list: readonly M[]): M[] => [
  ...list.filter(({ better }) => better === 'higher'),
  ...list.filter(({ better }) => better === 'lower'),
];
export const resultMetrics: readonly AnyMetric[] = asResults(metrics);

/**
 * By which the best epoch is chosen, an early stop is decided and the trials of a study are ranked: the first, and where
 * it is equal the next (docs/decisions/0007-best-epoch.md). On the validation images.
 */
export const bestEpochMetrics = [accuracy, loss] as const satisfies readonly EpochMetric[];
/** What a study optimises. */
export const objective = bestEpochMetrics[0];

/** A value such that more of it is better; that of nothing is the least. */
export const scoreForComparison = ({ better }: Pick<Metric, 'better'>, value: number | null): number =>
  value === null ? -Infinity : better === 'higher' ? value : -value;
