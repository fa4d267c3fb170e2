/** Reading a rate off curves whose shape is known. */
import { describe, expect, test } from 'vitest';
import { hasDiverged, highestRate, lowestRate, readCurve, searchRate, searchSteps } from './rate-curve.ts';

test('rates climb evenly on the logarithm, from the lowest to the highest', () => {
  expect(searchRate(0)).toBe(lowestRate);
  expect(searchRate(searchSteps - 1)).toBeCloseTo(highestRate, 10);
  const growth = searchRate(1) / searchRate(0);
  for (let step = 1; step < searchSteps; step += 1) {
    expect(searchRate(step) / searchRate(step - 1)).toBeCloseTo(growth, 10);
  }
});

/** Falls from `high` to `low` about `centre` (a rate), and climbs again from `wall` on. */
const valley = (centre: number, wall: number, high = 2.3, low = 1) =>
  Array.from({ length: searchSteps }, (_, step) => {
    const rate = searchRate(step);
    const fall = (high - low) / (1 + (rate / centre) ** -2);
    return high - fall + Math.max(0, Math.log(rate / wall)) * 4;
  });

/** The same deviates each time. */
const noise = (size: number) =>
  Array.from({ length: searchSteps }, (_, step) => {
    const hash = Math.sin((step + 1) * 12.9898) * 43758.5453;
    return size * (2 * (hash - Math.floor(hash)) - 1);
  });

describe('readCurve', () => {
  test.each([1e-4, 1e-2, 0.3])(
    'suggests the rate of the steepest fall, here %f, within half a decade',
    (centre) => {
      const { suggestion, points } = readCurve(valley(centre, centre * 30));
      expect(Math.abs(Math.log10(suggestion! / centre))).toBeLessThan(0.5);
      expect(points).toHaveLength(searchSteps);
      expect(points[0]).toEqual({ rate: lowestRate, loss: expect.closeTo(2.3, 3) as number });
    },
  );

  test('noise of the batches moves it little', () => {
    const deviates = noise(0.1);
    const { suggestion } = readCurve(valley(0.01, 0.3).map((loss, step) => loss + deviates[step]!));
    expect(Math.abs(Math.log10(suggestion! / 0.01))).toBeLessThan(0.75);
  });

  test('the climb after the least loss is not asked, however it falls later', () => {
    const losses = valley(0.001, 0.01);
    const { suggestion } = readCurve(losses);
    expect(suggestion).toBeLessThan(0.01);
  });

  test('null where it never fell: flat, noisy, or only climbing', () => {
    expect(readCurve(new Array<number>(searchSteps).fill(2.3)).suggestion).toBeNull();
    expect(readCurve(noise(0.2).map((deviate) => 2.3 + deviate)).suggestion).toBeNull();
    expect(
      readCurve(Array.from({ length: searchSteps }, (_, step) => 2.3 + step / 50)).suggestion,
    ).toBeNull();
    expect(readCurve([NaN])).toEqual({ points: [], suggestion: null });
    expect(readCurve([])).toEqual({ points: [], suggestion: null });
  });

  test('a last loss that is not finite is left out', () => {
    const losses = [...valley(0.01, 1).slice(0, 110), Infinity];
    const { points, suggestion } = readCurve(losses);
    expect(points).toHaveLength(110);
    expect(suggestion).not.toBeNull();
    expect(points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });
});

test('it has diverged once the smoothed loss is over four times its least, or one is not finite', () => {
  expect(hasDiverged([])).toBe(false);
  expect(hasDiverged([2, 2, 1, 1])).toBe(false);
  expect(hasDiverged([2, 2, NaN])).toBe(true);
  expect(hasDiverged([2, Infinity])).toBe(true);
  // One wild batch is no divergence, a few in a row are.
  const calm = new Array<number>(50).fill(1);
  expect(hasDiverged([...calm, 20])).toBe(false);
  expect(hasDiverged([...calm, 20, 20])).toBe(true);
});
