/** When bfloat16 is recommended: both conditions, at their edges, against averages worked by hand. */
import { expect, test } from 'vitest';
import { comparePrecisions, largestAllowedDifference, leastGain } from './compare-precisions.ts';
import { smoothed } from './smoothing.ts';

test('smoothed is the weighted mean of all values so far, the weight of each tenth past falling by beta', () => {
  const values = [3, 1, 4, 1, 5];
  const expected = values.map((_, last) => {
    const weights = values.slice(0, last + 1).map((_, index) => 0.8 ** (last - index));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.reduce((sum, weight, index) => sum + weight * values[index]!, 0) / total;
  });
  smoothed(values, 0.8).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12));
});

const flat = (loss: number, imagesPerSecond: number, steps = 100) => ({
  losses: new Array<number>(steps).fill(loss),
  imagesPerSecond,
});

test('the loss must follow and the gain be worth it', () => {
  expect(comparePrecisions(flat(2, 1000), flat(2.02, 2000))).toEqual({
    largestDifference: expect.closeTo(0.01, 10) as number,
    recommended: true,
  });
  expect(comparePrecisions(flat(2, 1000), flat(2, 1000 * leastGain)).recommended).toBe(true);
  expect(comparePrecisions(flat(2, 1000), flat(2, 1090))).toEqual({
    largestDifference: 0,
    recommended: false,
  });
  // Lower is other too.
  for (const side of [1, -1]) {
    const off = 2 * (1 + side * (largestAllowedDifference + 0.001));
    expect(comparePrecisions(flat(2, 1000), flat(off, 5000))).toEqual({
      largestDifference: expect.closeTo(largestAllowedDifference + 0.001, 10) as number,
      recommended: false,
    });
  }
});

test('one odd batch is smoothed away, a lasting difference is not', () => {
  const odd = flat(2, 2000);
  odd.losses[50] = 2.5;
  expect(comparePrecisions(flat(2, 1000), odd).largestDifference).toBeCloseTo(0.025, 3);
  const lasting = flat(2, 2000);
  lasting.losses.fill(2.5, 50);
  expect(comparePrecisions(flat(2, 1000), lasting).largestDifference).toBeCloseTo(0.249, 2);
});

test('one that ended early, and two that saw nothing, are not recommended', () => {
  const unknown = { largestDifference: null, recommended: false };
  expect(comparePrecisions(flat(2, 1000), flat(2, 9000, 40))).toEqual(unknown);
  expect(comparePrecisions(flat(2, 1000, 0), flat(2, 9000, 0))).toEqual(unknown);
});
