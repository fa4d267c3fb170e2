/** Bins of equal width and of equal mass; errors against scikit-learn are in recipe/metrics/golden.test.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binInterval, calibrationErrors, reliabilityBins } from './reliability.ts';

const judged = { confidence: [0, 0.2, 0.21, 0.5, 0.9, 1], right: [0, 0, 1, 1, 1, 0] };

describe('reliability bins', () => {
  test('of equal width hold their upper edge, and the first 0 too', () => {
    const bins = reliabilityBins(judged, { bins: 5 });
    expect(bins.map(({ images }) => images)).toEqual([2, 1, 1, 0, 2]);
    expect(bins[0]).toMatchObject({ low: 0, high: 0.2, right: 0, confidence: 0.1, accuracy: 0 });
    expect(bins[3]).toEqual({
      low: 3 / 5,
      high: 4 / 5,
      images: 0,
      right: 0,
      confidence: null,
      accuracy: null,
    });
    expect(bins[4]).toMatchObject({ right: 1, confidence: 0.95, accuracy: 0.5 });
  });
  test('errors are the mean and the largest distance', () => {
    const errors = calibrationErrors(reliabilityBins(judged, { bins: 5 }))!;
    expect(errors.expected).toBeCloseTo((2 * 0.1 + 0.79 + 0.5 + 2 * 0.45) / 6, 12);
    expect(errors.maximum).toBeCloseTo(0.79, 12);
    expect(calibrationErrors(reliabilityBins({ confidence: [], right: [] }))).toBeNull();
  });
  test('of equal mass hold about as many images each, never equal probabilities apart', () => {
    const confidence = Array.from({ length: 100 }, (_, image) => (image + 1) / 101);
    const right = confidence.map(() => 1);
    expect(
      reliabilityBins({ confidence, right }, { bins: 5, equal: 'mass' }).map(({ images }) => images),
    ).toEqual([20, 20, 20, 20, 20]);
    const same = reliabilityBins(
      { confidence: [0.5, 0.5, 0.5, 0.7], right: [1, 0, 0, 1] },
      { bins: 4, equal: 'mass' },
    );
    expect(same.map(({ images, high }) => [images, high])).toEqual([
      [3, 0.5],
      [1, 1],
    ]);
  });
  test('hold every image once, in order, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('width' as const, 'mass' as const),
        (confidence, count, equal) => {
          const bins = reliabilityBins(
            { confidence, right: confidence.map(() => 1) },
            { bins: count, equal },
          );
          expect(bins.reduce((sum, { images }) => sum + images, 0)).toBe(confidence.length);
          expect(bins.length).toBeLessThanOrEqual(count);
          expect([bins[0]!.low, bins.at(-1)!.high]).toEqual([0, 1]);
          bins.slice(1).forEach(({ low }, index) => expect(low).toBe(bins[index]!.high));
          for (const { low, high, images, confidence: mean } of bins) {
            if (images === 0) continue;
            expect(mean).toBeGreaterThanOrEqual(low - 1e-12);
            expect(mean).toBeLessThanOrEqual(high + 1e-12);
          }
        },
      ),
    );
  });
  test('a share is as sure as its images are many', () => {
    const [bin] = reliabilityBins({ confidence: [0.9, 0.9], right: [1, 1] }, { bins: 1 });
    expect(binInterval(bin!)).toEqual({ low: expect.closeTo(0.025 ** 0.5, 9), high: 1 });
  });
});
