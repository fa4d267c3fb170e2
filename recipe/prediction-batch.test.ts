/** How many images are answered about in one call: all of them between the calls, each call alike, none too large. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { predictedAtOnce } from './prediction-batch.ts';

test.each([
  [1500, 1280, 1500],
  [10_000, 1280, 2500],
  [3000, 200_000, 250],
  [7, 200_000, 7],
  [1, 1, 1],
])('%d images of %d numbers: %d in a call', (images, size, expected) => {
  expect(predictedAtOnce(images, size)).toBe(expected);
});

test('few are looked at in vain, and no call is larger than asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 1, max: 400_000 }),
      (images, size) => {
        const atOnce = predictedAtOnce(images, size);
        const calls = Math.ceil(images / atOnce);
        expect(atOnce).toBeLessThanOrEqual(Math.max(256, 2 ** 22 / size));
        expect(calls * atOnce - images).toBeLessThan(calls);
      },
    ),
  );
});
