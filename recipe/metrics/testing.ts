/**
 * The harness of the metrics' family: what each must keep to, and the predictions that each gives its `example` for. Used by
 * family.test.ts for every metric of the list.
 */
import { expect } from 'vitest';
import { predictionsOf } from './counts.ts';
import { titleOf, valueText } from './format.ts';
import { scoreForComparison } from './index.ts';
import type { Predictions, Metric } from './metric.ts';

/** Six images of three classes, and k = 2. Confusion matrix: 1 0 0, 1 1 1, 0 1 1. */
export const examplePredictions: Predictions = predictionsOf(
  new Float32Array(
    [
      [0.7, 0.2, 0.1],
      [0.6, 0.3, 0.1],
      [0.1, 0.8, 0.1],
      // Its own class is as probable as the first, which counts as more probable: the third of three.
      [0.2, 0.2, 0.6],
      [0.3, 0.2, 0.5],
      [0.3, 0.45, 0.25],
    ].flat(),
  ),
  [0, 1, 1, 1, 2, 2],
  3,
  2,
);

const classCount = 4;
const labels = Array.from({ length: 80 }, (_, image) => image % classCount);

/** Rows that sum to 1, drawn anew for each seed; no two values of a row are equal. */
function drawn(seed: number): number[][] {
  let state = seed + 1;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return labels.map(() => {
    const row = Array.from({ length: classCount }, () => next() ** 2 + 1e-3);
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((value) => value / sum);
  });
}

const predictions = (rows: readonly (readonly number[])[], own: readonly number[] = labels): Predictions =>
  predictionsOf(new Float32Array(rows.flat()), own, classCount, 2);

const sure = (label: number) => Array.from({ length: classCount }, (_, index) => (index === label ? 1 : 0));

const seeds = Array.from({ length: 20 }, (_, index) => index * 7919);

/** What a metric must keep to, by name; each throws where it does not. */
export const family: Record<string, (metric: Metric) => void> = {
  'is its example for the example predictions': (metric) => {
    expect(metric.compute(examplePredictions)).toBeCloseTo(metric.example, 6);
  },
  'keeps to its range': (metric) => {
    for (const seed of seeds) {
      const value = metric.compute(predictions(drawn(seed)));
      expect(value).toBeGreaterThanOrEqual(metric.range[0]);
      expect(value).toBeLessThanOrEqual(metric.range[1]);
    }
  },
  'is at the better end of its range where every answer is right and sure': (metric) => {
    const best = metric.range[metric.better === 'higher' ? 1 : 0];
    expect(metric.compute(predictions(labels.map(sure)))).toBeCloseTo(best, 12);
  },
  'gets better as wrong predictions are put right': (metric) => {
    for (const seed of seeds) {
      const rows = drawn(seed);
      const merits = [0, 0.25, 0.5, 0.75, 1].map((share) =>
        scoreForComparison(
          metric,
          metric.compute(
            predictions(rows.map((row, image) => (image < share * rows.length ? sure(labels[image]!) : row))),
          ),
        ),
      );
      merits.slice(1).forEach((value, index) => expect(value).toBeGreaterThan(merits[index]!));
    }
  },
  'does not depend on the order of images or of classes': (metric) => {
    for (const seed of seeds) {
      const rows = drawn(seed);
      const value = metric.compute(predictions(rows))!;
      const turned = labels.map((_, image) => (image * 27 + seed) % labels.length);
      const images = predictions(
        turned.map((image) => rows[image]!),
        turned.map((image) => labels[image]!),
      );
      expect(metric.compute(images)).toBeCloseTo(value, 12);
      const classes = predictions(
        rows.map((row) => row.toReversed()),
        labels.map((label) => classCount - 1 - label),
      );
      expect(metric.compute(classes)).toBeCloseTo(value, 12);
    }
  },
  'is a number or nothing where there are no images, or a class has none': (metric) => {
    for (const few of [
      predictionsOf(new Float32Array(0), [], 3, 2),
      predictionsOf(new Float32Array([1, 0]), [0], 2, 2),
    ])
      expect(metric.compute(few) ?? 0).toSatisfy(Number.isFinite);
  },
  'lies in its interval': (metric) => {
    for (const seed of seeds) {
      const given = predictions(drawn(seed));
      const interval = metric.interval?.(given);
      if (!interval) continue;
      expect(interval.low).toBeLessThanOrEqual(metric.compute(given)!);
      expect(interval.high).toBeGreaterThanOrEqual(metric.compute(given)!);
    }
  },
  'is called and written so that it can be read': (metric) => {
    expect(metric.key).toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(metric.short.length).toBeLessThanOrEqual(8);
    expect(titleOf(metric, 3)).toMatch(/^[A-Z][^.]+$/);
    expect(metric.help).toMatch(/[^.]$/);
    expect(valueText(metric, metric.example)).toMatch(
      metric.format === 'percent' ? /^-?\d+\.\d\d %$/ : /^-?\d+\.\d{4}$/,
    );
    expect(valueText(metric, null)).toBe('–');
  },
};
