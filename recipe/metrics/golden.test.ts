/** Metrics against scikit-learn, with ties, absent classes and classes never predicted (bench/peers/golden_metrics.py). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrationErrors, reliabilityBins } from '../statistics/reliability.ts';
import { predictionsOf } from './counts.ts';
import golden from './golden.json';
import { metrics } from './index.ts';
import type { Predictions, Metric } from './metric.ts';
import { areaUnderRoc, averagePrecisionOf, rankingOf } from './ranking.ts';
import { topPredictions } from './top-predictions.ts';

const list: readonly Metric[] = metrics;
const near = (value: number | null, wanted: number | null) => {
  if (wanted === null) expect(value).toBeNull();
  else expect(Math.abs(value! - wanted), `${value} where ${wanted} was expected`).toBeLessThanOrEqual(1e-9);
};
const valueOf = (key: string, predictions: Predictions) =>
  list.find((metric) => metric.key === key)!.compute(predictions);

describe.each(golden.cases)('$name', (row) => {
  const probabilities = Float32Array.from(row.steps, (step) => step / golden.steps);
  const predictions = predictionsOf(probabilities, row.labels, row.classes, 1);
  test.each([
    'macroF1',
    'balancedAccuracy',
    'weightedF1',
    'macroPrecision',
    'weightedPrecision',
    'cohenKappa',
    'matthewsCorrelation',
    'rocAuc',
    'averagePrecision',
    'expectedCalibrationError',
  ] as const)('%s', (key) => near(valueOf(key, predictions), row[key]));
  test('areas of each class', () => {
    for (let index = 0; index < row.classes; index += 1) {
      near(areaUnderRoc(rankingOf(predictions, index)), row.rocAucs[index]!);
      near(averagePrecisionOf(rankingOf(predictions, index)), row.averagePrecisions[index]!);
    }
  });
  test('the largest calibration error', () => {
    near(
      calibrationErrors(reliabilityBins(topPredictions(predictions)))!.maximum,
      row.maximumCalibrationError,
    );
  });
  test('weighted recall is the accuracy, and macro recall the balanced accuracy: neither is a metric of its own', () => {
    near(valueOf('accuracy', predictions), row.weightedRecall);
    near(valueOf('balancedAccuracy', predictions), row.macroRecall);
  });
});

describe('what is not defined', () => {
  const predictions = (rows: number[][], labels: number[]) =>
    predictionsOf(new Float32Array(rows.flat()), labels, rows[0]?.length ?? 2, 1);
  test('is null: where all images are of one class, or there are none', () => {
    const one = predictions(
      [
        [0.9, 0.1],
        [0.8, 0.2],
      ],
      [0, 0],
    );
    expect(valueOf('cohenKappa', one)).toBeNull();
    expect(valueOf('matthewsCorrelation', one)).toBeNull();
    expect(valueOf('rocAuc', one)).toBeNull();
    expect(valueOf('averagePrecision', one)).toBe(1);
    const none = predictionsOf(new Float32Array(0), [], 2, 1);
    for (const key of ['weightedF1', 'weightedPrecision', 'macroPrecision', 'rocAuc', 'averagePrecision'])
      expect(valueOf(key, none)).toBeNull();
    expect(valueOf('expectedCalibrationError', none)).toBeNull();
  });
  test('kappa and the correlation fall to -1 where two classes are always taken for each other', () => {
    const wrong = predictions(
      [
        [0.1, 0.9],
        [0.9, 0.1],
      ],
      [0, 1],
    );
    expect(valueOf('cohenKappa', wrong)).toBe(-1);
    expect(valueOf('matthewsCorrelation', wrong)).toBeCloseTo(-1, 12);
  });
  test('what is no number is ranked last and is in no bin', () => {
    const odd = predictions(
      [
        [NaN, NaN],
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      [0, 0, 1],
    );
    // Of the pairs of class 0 with the image of class 1: the number that is none loses, the other wins.
    expect(areaUnderRoc(rankingOf(odd, 0))).toBe(0.5);
    expect(valueOf('expectedCalibrationError', odd)).toBeCloseTo((0.1 + 0.2) / 2, 6);
  });
});

test('areas are what counting every pair and every threshold gives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ value: fc.integer({ min: 0, max: 8 }), own: fc.boolean() }), {
        minLength: 1,
        maxLength: 40,
      }),
      (images) => {
        const probabilities = new Float32Array(images.flatMap(({ value }) => [value / 8, 1 - value / 8]));
        const predictions = predictionsOf(
          probabilities,
          images.map(({ own }) => (own ? 0 : 1)),
          2,
          1,
        );
        const ranking = rankingOf(predictions, 0);
        const own = images.filter((image) => image.own);
        const others = images.filter((image) => !image.own);
        const pairs = own.flatMap((a) =>
          others.map((b) => (a.value > b.value ? 1 : a.value === b.value ? 0.5 : 0)),
        );
        const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
        near(areaUnderRoc(ranking), pairs.length === 0 ? null : sum(pairs) / pairs.length);
        const precisions = own.map(
          ({ value }) =>
            own.filter((other) => other.value >= value).length /
            images.filter((other) => other.value >= value).length,
        );
        near(averagePrecisionOf(ranking), own.length === 0 ? null : sum(precisions) / own.length);
      },
    ),
  );
});
