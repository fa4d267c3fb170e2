/** Curves against scikit-learn's points and areas (bench/peers/golden_metrics.py), and what thinning must keep. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import golden from '#recipe/metrics/golden.json';
import { generator } from '../random-numbers.ts';
import { type CurvePoint, curvesOf } from './curves.ts';
import { type Point, thin } from './thin.ts';

const near = (value: number | undefined, wanted: number | null) => {
  if (wanted === null) expect(value).toBeUndefined();
  else expect(Math.abs(value! - wanted), `${value} where ${wanted} was expected`).toBeLessThanOrEqual(1e-9);
};
const trapezoids = (points: readonly Point[]) =>
  points.slice(1).reduce((sum, { x, y }, at) => sum + ((x - points[at]!.x) * (y + points[at]!.y)) / 2, 0);
const steps = (points: readonly Point[]) =>
  points.reduce((sum, { x, y }, at) => sum + (x - (points[at - 1]?.x ?? 0)) * y, 0);

describe.each(golden.cases)('$name', (row) => {
  const probabilities = Float32Array.from(row.steps, (step) => step / golden.steps);
  const curves = curvesOf(predictionsOf(probabilities, row.labels, row.classes, 1));
  test('areas are scikit-learn’s, and those under the points', () => {
    curves.forEach(({ roc, precisionRecall }, index) => {
      near(roc?.area, row.rocAucs[index]!);
      near(precisionRecall?.area, row.averagePrecisions[index]!);
      if (roc) near(trapezoids(roc.points), roc.area);
      if (precisionRecall) near(steps(precisionRecall.points), precisionRecall.area);
    });
  });
  test('points are scikit-learn’s', () => {
    const has = ([xs, ys]: number[][], { x, y }: Point) =>
      xs!.some((other, at) => Math.abs(other - x) < 1e-12 && Math.abs(ys![at]! - y) < 1e-12);
    const { roc, precisionRecall } = curves[0]!;
    for (const point of roc!.points) expect(has(row.roc, point), JSON.stringify(point)).toBe(true);
    for (const point of precisionRecall!.points) expect(has(row.precisionRecall, point)).toBe(true);
  });
  test('thresholds give the points they stand at', () => {
    const own = row.labels.map((label) => label === 0);
    const count = (threshold: number, of: boolean) =>
      own.filter((is, image) => is === of && probabilities[image * row.classes]! >= threshold).length;
    const positives = own.filter(Boolean).length;
    const { roc, precisionRecall } = curves[0]!;
    const at = (points: readonly CurvePoint[]) =>
      points.flatMap(({ threshold, ...point }) => (threshold === null ? [] : [{ ...point, threshold }]));
    for (const { x, y, threshold } of at(roc!.points)) {
      near(x, count(threshold, false) / (own.length - positives));
      near(y, count(threshold, true) / positives);
    }
    for (const { x, y, threshold } of at(precisionRecall!.points)) {
      near(x, count(threshold, true) / positives);
      near(y, count(threshold, true) / (count(threshold, true) + count(threshold, false)));
    }
  });
});

test('a class without images has no curves, and one with all of them no ROC curve', () => {
  const [all, none] = curvesOf(predictionsOf(new Float32Array([0.9, 0.1, 0.8, 0.2]), [0, 0], 2, 1));
  expect(all).toMatchObject({ roc: null, precisionRecall: { area: 1 } });
  expect(none).toEqual({ roc: null, precisionRecall: null });
});

describe('thinned', () => {
  test('curves of 6,000 images have 200 points and the same area to be seen', () => {
    const uniform = generator(9);
    const labels = Array.from({ length: 6000 }, (_, image) => image % 2);
    const rows = labels.flatMap((label) => {
      const value = label === 0 ? uniform() ** 0.4 : uniform() ** 1.5;
      return [value, 1 - value];
    });
    const predictions = predictionsOf(new Float32Array(rows), labels, 2, 1);
    for (const { roc, precisionRecall } of curvesOf(predictions)) {
      for (const { points } of [roc!, precisionRecall!]) expect(points).toHaveLength(200);
      expect(Math.abs(trapezoids(roc!.points) - roc!.area)).toBeLessThan(5e-4);
      expect(Math.abs(trapezoids(precisionRecall!.points) - precisionRecall!.area)).toBeLessThan(2e-3);
    }
  });
  test('a line keeps its ends, its order and, while it may, every corner', () => {
    const line = Array.from({ length: 1001 }, (_, at) => ({
      x: at,
      y: at < 300 ? 0 : at < 600 ? at - 300 : 300,
    }));
    expect(thin(line, 4)).toEqual(
      [line[0], line[300], line[600], line[1000]].map((point) => expect.objectContaining(point)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: fc.integer({ min: 0, max: 99 }), y: fc.integer({ min: 0, max: 99 }) }), {
          minLength: 2,
          maxLength: 80,
        }),
        fc.integer({ min: 2, max: 80 }),
        (points, most) => {
          const kept = thin(points, most);
          expect(kept).toHaveLength(Math.min(most, points.length));
          expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
          const places = kept.map((point) => points.indexOf(point));
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        },
      ),
    );
  });
  test('leaves out the smallest triangle first, as looking at all of them does', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 40 }),
        (heights) => {
          const points = heights.map((y, x) => ({ x, y: y * 1.000_1 ** x }));
          const left = [...points];
          const sizes = new Map<Point, number>();
          let least = 0;
          while (left.length > 3) {
            left.slice(1, -1).forEach((b, at) => {
              const [a, c] = [left[at]!, left[at + 2]!];
              const size = Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)) / 2;
              sizes.set(b, Math.max(least, size));
            });
            const smallest = left.slice(1, -1).reduce((a, b) => (sizes.get(b)! < sizes.get(a)! ? b : a));
            const ties = left.slice(1, -1).filter((point) => sizes.get(point) === sizes.get(smallest));
            fc.pre(ties.length === 1);
            least = sizes.get(smallest)!;
            left.splice(left.indexOf(smallest), 1);
            expect(thin(points, left.length)).toEqual(left);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
