/** Risk–coverage curves against counting at every threshold, and the thresholds for a wish. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { riskCoverage, selectionAt, selectionForCoverage, selectionForError } from './selective.ts';

const judged = (pairs: readonly (readonly [number, number])[]) => ({
  confidence: Float32Array.from(pairs, ([confidence]) => confidence),
  right: Uint8Array.from(pairs, ([, right]) => right),
});
const some = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 12 }).map((step) => step / 16),
    fc.constantFrom(0, 1),
  ),
  {
    minLength: 1,
    maxLength: 60,
  },
);
// Ten images, two of them wrong: the fourth and the last.
const ten = riskCoverage(
  judged(
    [0.99, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5].map((value, image) => [
      value,
      image === 3 || image === 9 ? 0 : 1,
    ]),
  ),
);

describe('risk and coverage', () => {
  test('are what counting at each threshold gives', () => {
    fc.assert(
      fc.property(some, (pairs) => {
        const curve = riskCoverage(judged(pairs));
        expect([...curve.thresholds]).toEqual(
          [...new Set(pairs.map(([value]) => value))].sort((a, b) => b - a),
        );
        curve.thresholds.forEach((threshold, at) => {
          const answered = pairs.filter(([value]) => value >= threshold);
          const wrong = answered.filter(([, right]) => right === 0).length;
          expect(selectionAt(curve, at)).toEqual({
            threshold,
            answered: answered.length,
            wrong,
            coverage: answered.length / pairs.length,
            error: wrong / answered.length,
            interval: clopperPearsonInterval(wrong, answered.length),
          });
        });
      }),
    );
  });
  test('the area is the mean error over all numbers of images', () => {
    // Errors among the first 1, 2, … 10: 0 0 0 1/4 1/5 1/6 1/7 1/8 1/9 2/10.
    expect(ten.area).toBeCloseTo((1 / 4 + 1 / 5 + 1 / 6 + 1 / 7 + 1 / 8 + 1 / 9 + 2 / 10) / 10, 12);
    // Equally sure: in an order of chance each number of images has the same expected error.
    expect(
      riskCoverage(
        judged([
          [0.5, 1],
          [0.5, 0],
          [0.5, 1],
          [0.5, 1],
        ]),
      ).area,
    ).toBeCloseTo(1 / 4, 12);
    expect(riskCoverage(judged([])).area).toBeNull();
  });
  test('the order of the images does not matter, and what is no number is least sure', () => {
    fc.assert(
      fc.property(some, (pairs) => {
        const turned = riskCoverage(judged(pairs.toReversed()));
        expect(turned.area).toBeCloseTo(riskCoverage(judged(pairs)).area!, 12);
      }),
    );
    expect([
      ...riskCoverage(
        judged([
          [NaN, 0],
          [0.5, 1],
        ]),
      ).wrong,
    ]).toEqual([0, 1]);
  });
});

describe('the threshold for a wish', () => {
  test('of errors predictions as many as it can', () => {
    expect(selectionForError(ten, 0)).toMatchObject({
      threshold: Math.fround(0.9),
      answered: 3,
      wrong: 0,
      coverage: 0.3,
    });
    expect(selectionForError(ten, 0.15)).toMatchObject({ answered: 9, wrong: 1 });
    expect(selectionForError(ten, 0.2)).toMatchObject({ answered: 10, error: 0.2 });
    expect(selectionForError(riskCoverage(judged([[0.9, 0]])), 0.5)).toBeNull();
    expect(selectionForError(riskCoverage(judged([])), 0.5)).toBeNull();
  });
  test('surely keeps the upper end of the interval to it too', () => {
    // One wrong of nine leaves up to 48 %, none of three up to 71 %.
    expect(selectionForError(ten, 0.5, { surely: true })).toMatchObject({ answered: 9, wrong: 1 });
    expect(selectionForError(ten, 0.4, { surely: true })).toBeNull();
  });
  test('of coverage is the highest that predictions so many', () => {
    expect(selectionForCoverage(ten, 0.55)).toMatchObject({ threshold: 0.75, answered: 6 });
    expect(selectionForCoverage(ten, 1)).toMatchObject({ answered: 10 });
    expect(selectionForCoverage(ten, 0)).toMatchObject({ answered: 1 });
    expect(selectionForCoverage(riskCoverage(judged([])), 0.5)).toBeNull();
  });
});
