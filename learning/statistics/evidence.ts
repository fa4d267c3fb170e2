/**
 * What the predictions of an evaluation say beyond its figures: an interval for each metric, curves, calibration before and after a temperature,
 * and what leaving unsure images unanswered would gain. Whose predictions they are is left to the caller.
 */
import type { Calibration, Evidence, MetricEvidence } from '#contract/evidence.ts';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import { expectedCalibrationError } from '#recipe/metrics/expected-calibration-error.ts';
import { metrics } from '#recipe/metrics/index.ts';
import { loss } from '#recipe/metrics/cross-entropy.ts';
import type { Metric, Predictions } from '#recipe/metrics/metric.ts';
import { SampleRankings } from '#recipe/metrics/ranking.ts';
import { topPredictions } from '#recipe/metrics/top-predictions.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { binInterval, calibrationErrors, reliabilityBins } from '#recipe/statistics/reliability.ts';
import type { Work } from '../work-in-turns.ts';
import { bootstrapTogether } from './bootstrap-together.ts';
import { brierScore } from './brier.ts';
import { curvesOf } from './curves.ts';
import { sampleOf } from './metric-interval.ts';
import { riskCoverage, selectionForCoverage } from './selective.ts';
import { fitTemperature, scale } from './temperature.ts';
import { thin } from './thin.ts';

/** Metrics that are a share of the images, which has an exact interval. */
const shares: readonly Metric['key'][] = ['accuracy', 'topK'];
const mostDraws = 2000;
const leastDraws = 200;
/** Probabilities read for one interval: more images or classes get fewer samples. */
const mostRead = 4e8;
const mostPoints = 200;

/** The part that is judged: its predictions, and the items that they are of. */
export interface JudgedPart {
  /** [n, classCount], row-major. */
  probabilities: Float32Array;
  /** Class index of each image, [n]. */
  labels: Int32Array;
}

export type PartEvidence = Omit<Evidence, 'runId' | 'split' | 'evaluatedAt' | 'classes'> & {
  classes: Omit<Evidence['classes'][number], 'classId' | 'name'>[];
};

/**
 * @param part the images that the figures are of
 * @param validation those that the temperature is fitted on; null where there are none
 * @param onProgress share of 1
 * @throws RangeError where sizes disagree
 */
export function* evidenceOf(
  part: JudgedPart,
  validation: JudgedPart | null,
  classCount: number,
  k: number,
  onProgress: (share: number) => void = () => undefined,
): Work<PartEvidence> {
  const predictions = predictionsOf(part.probabilities, part.labels, classCount, k);
  const { count } = predictions;
  const fitted = validation && fitTemperature(validation.probabilities, validation.labels, classCount);
  const temperature = fitted && !fitted.bounded ? fitted.temperature : null;
  const scaled =
    temperature === null
      ? null
      : predictionsOf(scale(part.probabilities, temperature, classCount), part.labels, classCount, k);
  yield;
  const draws = Math.round(
    Math.max(leastDraws, Math.min(mostDraws, mostRead / Math.max(1, count * classCount))),
  );
  const sure = yield* intervals(predictions, scaled, draws, onProgress);
  const curve = riskCoverage(topPredictions(scaled ?? predictions));
  const points = Array.from(curve.thresholds, (threshold, at) => ({
    threshold,
    x: curve.answered[at]! / count,
    y: curve.wrong[at]! / curve.answered[at]!,
  }));
  return {
    count,
    draws,
    metrics: sure.metrics,
    classes: curvesOf(predictions).map(({ roc, precisionRecall }) => ({
      roc: roc && { ...roc, points: [...roc.points] },
      precisionRecall: precisionRecall && { ...precisionRecall, points: [...precisionRecall.points] },
    })),
    calibration: calibrationOf(predictions, sure.error),
    temperature:
      temperature === null
        ? null
        : {
            temperature,
            images: validation!.labels.length,
            calibration: calibrationOf(scaled!, sure.scaledError)!,
          },
    coverage: {
      points: thin(points, mostPoints).map(({ threshold, x, y }) => ({ threshold, coverage: x, error: y })),
      area: curve.area,
      most: selectionForCoverage(curve, 0.9),
      all: selectionForCoverage(curve, 1),
    },
  };
}

function* intervals(
  predictions: Predictions,
  scaled: Predictions | null,
  draws: number,
  onProgress: (share: number) => void,
): Work<{
  metrics: MetricEvidence[];
  error: MetricEvidence['interval'];
  scaledError: MetricEvidence['interval'];
}> {
  const list: readonly Metric[] = metrics;
  const drawn = list.filter(({ key }) => !shares.includes(key));
  const ranked = new SampleRankings(predictions);
  const error = (of: Predictions) => expectedCalibrationError.compute(of) ?? NaN;
  const found = yield* bootstrapTogether(
    {
      count: predictions.count,
      compute(sample) {
        const some = sampleOf(predictions, sample);
        ranked.share(some, sample);
        const values = drawn.map((metric) => metric.compute(some) ?? NaN);
        return scaled ? [...values, error(sampleOf(scaled, sample))] : values;
      },
    },
    { draws },
    onProgress,
  );
  const intervalOf = (key: string) => found[drawn.findIndex((metric) => metric.key === key)] ?? null;
  return {
    error: intervalOf(expectedCalibrationError.key),
    scaledError: scaled ? (found[drawn.length] ?? null) : null,
    metrics: list.flatMap((metric): MetricEvidence[] => {
      const value = metric.compute(predictions);
      if (value === null) return [];
      const { key } = metric;
      if (!shares.includes(key)) return [{ key, value, interval: intervalOf(key), method: 'bootstrap' }];
      const { count } = predictions;
      const interval = clopperPearsonInterval(Math.round(value * count), count);
      return [{ key, value, interval, method: 'exact' }];
    }),
  };
}

function calibrationOf(predictions: Predictions, interval: Calibration['interval']): Calibration | null {
  const bins = reliabilityBins(topPredictions(predictions));
  const errors = calibrationErrors(bins);
  if (!errors) return null;
  return {
    bins: bins.map((bin) => ({ ...bin, interval: bin.images === 0 ? null : binInterval(bin) })),
    error: errors.expected,
    interval,
    loss: loss.compute(predictions),
    brier: brierScore(predictions.probabilities, predictions.labels, predictions.classes.length)!,
  };
}
