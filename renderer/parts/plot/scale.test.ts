import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenTicks, extent, logarithmicTicks, niceAxis } from './scale.ts';

describe('ticks', () => {
  it('are round numbers, seldom more than asked for', () => {
    expect(evenTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(evenTicks(0.12, 0.31, 5)).toEqual([0.15, 0.2, 0.25, 0.3]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const ticks = evenTicks(low, low + span, 5);
          expect(ticks.length).toBeLessThanOrEqual(6);
          expect(ticks.length).toBeGreaterThan(0);
          for (const tick of ticks) expect(tick).toBeGreaterThan(low - span * 1e-6);
        },
      ),
    );
  });
  it('on the logarithm are powers of ten as long as there are two', () => {
    expect(logarithmicTicks(1e-4, 1, 6)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(logarithmicTicks(1e-8, 1, 5)).toEqual([1e-8, 1e-6, 1e-4, 1e-2, 1]);
    expect(logarithmicTicks(2, 9, 5)).toEqual([2, 4, 6, 8]);
  });
});

it('the extent leaves out what is not finite, and is never empty', () => {
  expect(extent([3, NaN, -1, Infinity])).toEqual([-1, 3]);
  expect(extent([])).toEqual([0, 1]);
  expect(extent([2, 2])).toEqual([1, 3]);
  expect(extent([0])).toEqual([-0.5, 0.5]);
});

describe('the lines of an axis', () => {
  it('stand at round numbers and hold all values', () => {
    expect(niceAxis(0.94, 2.41)).toEqual({ min: 0.5, max: 2.5, step: 0.5 });
    expect(niceAxis(0.1146, 0.732)).toEqual({ min: 0, max: 0.8, step: expect.closeTo(0.2) });
    expect(niceAxis(3, 3)).toEqual({ min: 3, max: 4, step: 1 });
    fc.assert(
      fc.property(
        fc.double({ min: -1e4, max: 1e4, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
        (low, span) => {
          const { min, max, step } = niceAxis(low, low + span);
          expect(min).toBeLessThanOrEqual(low + 1e-6 * step);
          expect(max).toBeGreaterThanOrEqual(low + span - 1e-6 * step);
          expect((max - min) / step).toBeLessThan(7.5);
        },
      ),
    );
  });
});
