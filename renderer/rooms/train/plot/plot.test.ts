import { describe, expect, it } from 'vitest';
import { evenTicks, extent, makeScale, nearest, pathOf } from './plot.ts';

describe('scales', () => {
  it('place values evenly', () => {
    const scale = makeScale([0, 10], [100, 300]);
    expect(scale.place(5)).toBe(200);
  });
  it('give each power of ten the same width', () => {
    const scale = makeScale([1e-4, 1], [0, 400], { logarithmic: true });
    expect([1e-3, 1e-2, 1e-1].map((value) => Math.round(scale.place(value)))).toEqual([100, 200, 300]);
    expect(scale.ticks).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1]);
  });
  it('have a width even for a single value', () => {
    expect(makeScale([2, 2], [0, 100]).place(2)).toBe(50);
    expect(makeScale([2, 2], [0, 100], { logarithmic: true }).place(2)).toBeCloseTo(50);
    expect(makeScale([0, 0], [0, 100]).place(0)).toBe(50);
  });
  it('have round ticks within the range', () => {
    expect(evenTicks(0, 14, 5)).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(evenTicks(1.2, 3.6, 3)).toEqual([2, 3]);
    expect(evenTicks(0.31, 2.2, 4)).toEqual([0.5, 1, 1.5, 2]);
    expect(makeScale([0.02, 0.09], [0, 1], { logarithmic: true }).ticks.length).toBeGreaterThan(1);
  });
});

it('a path is broken at what is not finite', () => {
  const scale = makeScale([0, 10], [0, 10]);
  const points = [0, 1, NaN, 3, 4].map((y, x) => ({ x, y }));
  expect(pathOf(points, scale, scale)).toBe('M0.0 0.0L1.0 1.0M3.0 3.0L4.0 4.0');
});

it('the extent leaves out what is not finite', () => {
  expect(extent([3, NaN, -1, Infinity])).toEqual([-1, 3]);
  expect(extent([])).toEqual([0, 1]);
});

it('the nearest point is found along x', () => {
  const scale = makeScale([1, 100], [0, 200], { logarithmic: true });
  const points = [1, 10, 100].map((x) => ({ x, y: 0 }));
  expect([0, 80, 120, 190].map((place) => nearest(points, place, scale))).toEqual([0, 1, 1, 2]);
  expect(nearest([], 3, scale)).toBeNull();
});
