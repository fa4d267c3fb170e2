/** Schedules: where they start, peak and end, and that they never leave (0, peak]. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schedule } from '#contract/recipe.ts';
import { learningRate } from './schedules.ts';

test('constant stays', () => {
  expect(learningRate({ kind: 'constant' }, 0.1, 0, 10)).toBe(0.1);
  expect(learningRate({ kind: 'constant' }, 0.1, 9, 10)).toBe(0.1);
});

test('cosine warms up in a line, then falls to almost nothing', () => {
  const rates = Array.from({ length: 100 }, (_, step) =>
    learningRate({ kind: 'cosine', warmUp: 0.1 }, 1, step, 100),
  );
  expect(rates[0]).toBeCloseTo(0.1);
  expect(rates[4]).toBeCloseTo(0.5);
  expect(Math.max(...rates)).toBe(1);
  expect(rates[55]).toBeCloseTo(0.5, 1);
  expect(rates[99]).toBeLessThan(0.001);
});

test('one-cycle rises to the peak at its share and falls to nearly zero', () => {
  const rates = Array.from({ length: 101 }, (_, step) =>
    learningRate({ kind: 'one-cycle', peakAt: 0.3 }, 1, step, 101),
  );
  expect(rates[0]).toBeCloseTo(0.04);
  expect(rates.indexOf(Math.max(...rates))).toBe(30);
  expect(rates[30]).toBe(1);
  expect(rates[100]).toBeCloseTo(4e-6, 7);
});

test('every rate is positive and at most the peak, also in runs of a step or two', () => {
  const schedule: fc.Arbitrary<Schedule> = fc.oneof(
    fc.record({ kind: fc.constant('cosine' as const), warmUp: fc.double({ min: 0, max: 0.9, noNaN: true }) }),
    fc.record({
      kind: fc.constant('one-cycle' as const),
      peakAt: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(schedule, fc.integer({ min: 1, max: 500 }), (kind, steps) => {
      for (let step = 0; step < steps; step += 1) {
        const rate = learningRate(kind, 0.5, step, steps);
        if (!(rate > 0 && rate <= 0.5 + 1e-12)) return false;
      }
      return true;
    }),
  );
});
