import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gap, gridShape, placesAround, rangeInSight, revealed, rowsInSight, rowsOf } from './grid.ts';
import { requestOf } from './grid-request.ts';

describe('a long grid', () => {
  it('fills the width and never overflows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 4000 }), fc.integer({ min: 40, max: 200 }), (width, size) => {
        const { columns, cell } = gridShape(width, size, 70_000, 1);
        const used = columns * cell + (columns - 1) * gap;
        expect(used).toBeLessThanOrEqual(width);
        expect(width - used).toBeLessThan(columns);
      }),
    );
  });

  it('sees what is in sight and no more, wherever one has scrolled', () => {
    const shape = gridShape(1000, 80, 70_000, 0);
    fc.assert(
      fc.property(fc.double({ min: 0, max: shape.height, noNaN: true }), (top) => {
        const { first, last } = rangeInSight(shape, top, 800);
        expect(last - first).toBeLessThan(800 / shape.rowHeight + 1);
        const middle = Math.min(shape.rows - 1, Math.floor((top + 400) / shape.rowHeight));
        expect(rowsOf(first, last)).toContain(middle);
        const made = rowsInSight(shape, top, 800);
        expect(made.length).toBeLessThan(800 / shape.rowHeight + 7);
        expect(made).toEqual(expect.arrayContaining(rowsOf(first, last)));
      }),
    );
    expect(rangeInSight(shape, shape.height + 5000, 800)).toEqual({
      first: shape.rows - 1,
      last: shape.rows - 1,
    });
    const none = rangeInSight(gridShape(1000, 80, 0, 0), 0, 800);
    expect(rowsOf(none.first, none.last)).toEqual([]);
    expect(rowsInSight(gridShape(1000, 80, 0, 0), 0, 800)).toEqual([]);
  });

  it('reveals a cell by the shortest way', () => {
    const shape = gridShape(1000, 80, 70_000, 0);
    expect(revealed(shape, 0, 500, 800)).toBe(0);
    expect(revealed(shape, 69_999, 0, 800)).toBe(shape.height - 800);
    expect(revealed(shape, shape.columns * 3, 100, 800)).toBe(100);
  });

  it('asks for what is seen, then for as much after it and before it, within the list', () => {
    const shape = gridShape(1000, 80, 70_000, 0);
    fc.assert(
      fc.property(fc.double({ min: 0, max: shape.height, noNaN: true }), (top) => {
        const { inSight, beside } = placesAround(shape, rangeInSight(shape, top, 800), 70_000);
        const request = requestOf(inSight, beside, (place) => place + 1);
        expect(request.now[0]).toBe(inSight.first + 1);
        const all = [...request.now, ...request.next].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: all.length }, (_, at) => beside.first + 1 + at));
        expect([beside.first >= 0, beside.last < 70_000, all.at(-1)]).toEqual([true, true, beside.last + 1]);
      }),
    );
    const { inSight, beside } = placesAround(shape, { first: 10, last: 12 }, 70_000);
    const known = new Set([111, 112, 140, 145, 108, 90]);
    const request = requestOf(inSight, beside, (place) => (known.has(place) ? place : undefined));
    expect([inSight, shape.columns]).toEqual([{ first: 110, last: 142 }, 11]);
    expect(request).toEqual({ now: [111, 112, 140], next: [145, 108, 90] });
    const none = gridShape(1000, 80, 0, 0);
    expect(placesAround(none, rangeInSight(none, 0, 800), 0).inSight.last).toBe(-1);
  });
});
