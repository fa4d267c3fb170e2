import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apart,
  between,
  curvesCsv,
  extentIn,
  type Line,
  nearest,
  panned,
  smoothed,
  zoomed,
} from './points.ts';

const line = (id: string, ys: number[], label = id): Line => ({
  id,
  label,
  look: 'solid',
  points: ys.map((y, index) => ({ x: index + 1, y })),
  colour: '--accent',
  marker: 'circle',
});
const whole = { from: 0, to: 10 };

describe('smoothing', () => {
  it('is the weighted mean whose weights fall by a factor a point', () => {
    // Written out as a sum, where the code goes step by step.
    const direct = (ys: number[], weight: number) =>
      ys.map((_, n) => {
        const weights = ys.slice(0, n + 1).map((_, k) => weight ** (n - k));
        const sum = weights.reduce((a, b) => a + b, 0);
        return weights.reduce((total, w, k) => total + w * ys[k]!, 0) / sum;
      });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (ys, weight) => {
          const shown = smoothed(line('a', ys).points, weight);
          direct(ys, weight).forEach((expected, index) => expect(shown[index]!.y).toBeCloseTo(expected, 6));
        },
      ),
    );
  });

  it('starts at the first value, changes nothing at 0, and steps over what is not finite', () => {
    expect(smoothed([{ x: 1, y: 5 }], 0.9)).toEqual([{ x: 1, y: expect.closeTo(5) }]);
    expect(smoothed(line('a', [3, 1, 2]).points, 0).map(({ y }) => y)).toEqual([3, 1, 2]);
    const shown = smoothed(line('a', [4, Number.NaN, 4]).points, 0.5);
    expect(shown[1]!.y).toBeNaN();
    expect(shown[2]!.y).toBeCloseTo(4);
  });
});

describe('the window', () => {
  it('keeps what is under the pointer in its place', () => {
    expect(zoomed(whole, whole, 5, 0.5)).toEqual({ from: 2.5, to: 7.5 });
    const near = zoomed({ from: 2, to: 6 }, whole, 3, 0.5)!;
    expect((3 - near.from) / (near.to - near.from)).toBeCloseTo(0.25);
  });
  it('stays within the whole, and is the whole again when it is as wide', () => {
    expect(zoomed({ from: 0, to: 4 }, whole, 4, 2)).toEqual({ from: 0, to: 8 });
    expect(zoomed({ from: 6, to: 10 }, whole, 6, 2)).toEqual({ from: 2, to: 10 });
    expect(zoomed({ from: 6, to: 10 }, whole, 8, 3)).toBeNull();
    expect(zoomed(whole, whole, 5, 1e-9)!.to - zoomed(whole, whole, 5, 1e-9)!.from).toBeCloseTo(10 / 400);
    expect(panned({ from: 2, to: 4 }, whole, 0.5)).toEqual({ from: 3, to: 5 });
    expect(panned({ from: 8, to: 10 }, whole, 0.5)).toEqual({ from: 8, to: 10 });
    expect(panned({ from: 0, to: 2 }, whole, -3)).toEqual({ from: 0, to: 2 });
  });
  it('is drawn in either direction, and a click draws none', () => {
    expect(between(7, 3, whole)).toEqual({ from: 3, to: 7 });
    expect(between(-4, 20, whole)).toEqual(whole);
    expect(between(3, 3.001, whole)).toBeNull();
  });
});

describe('the y axis', () => {
  it('spans what is in the window and the points its edges cut to', () => {
    const lines = [line('a', [9, 1, 2, 3, 8])];
    expect(extentIn(lines, { from: 2.5, to: 3.5 }, false)).toEqual([1, 3]);
    expect(extentIn(lines, { from: 0, to: 10 }, false)).toEqual([1, 9]);
    expect(extentIn([line('a', [0, -1, 4, Number.NaN])], whole, true)).toEqual([4, 4]);
    expect(extentIn([line('a', [])], whole, false)).toBeNull();
  });
});

describe('tags at the ends of lines', () => {
  it('are pushed apart about their middle, and stay where there is room', () => {
    expect(apart([50, 10], 12)).toEqual([50, 10]);
    expect(apart([20, 20], 12)).toEqual([14, 26]);
    expect(apart([30, 20, 25], 12)).toEqual([37, 13, 25]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 6 }), (places) => {
        const sorted = apart(places, 12).sort((a, b) => a - b);
        sorted.slice(1).forEach((place, index) => expect(place - sorted[index]!).toBeGreaterThan(11.999));
      }),
    );
  });
});

describe('files', () => {
  it('hold every raw point, names with commas quoted', () => {
    expect(curvesCsv([line('a', [0.5, 0.25], 'A, "best"'), line('b', [1])], 'epoch', 'loss')).toBe(
      'line,epoch,loss\r\n"A, ""best""",1,0.5\r\n"A, ""best""",2,0.25\r\nb,1,1\r\n',
    );
  });

  it('hold no formula that a spreadsheet would work out', () => {
    expect(curvesCsv([line('a', [1], '=1+1')], '@epoch', 'loss')).toBe("line,'@epoch,loss\r\n'=1+1,1,1\r\n");
  });
});

it('the nearest point is found along x, as it lies on the screen', () => {
  const logarithmic = (x: number) => 100 * Math.log10(x);
  const points = [1, 10, 100].map((x) => ({ x, y: 0 }));
  expect([0, 80, 120, 190].map((pixel) => nearest(points, pixel, logarithmic))).toEqual([0, 1, 1, 2]);
  expect(nearest([], 3, logarithmic)).toBeNull();
});
