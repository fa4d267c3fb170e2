import { describe, expect, it } from 'vitest';
import { moveTo, placeOf } from './sortable.ts';

describe('sorting by hand', () => {
  const middles = [10, 30, 50, 70];
  it.each([
    [0, 5, 0],
    [0, 29, 0],
    [0, 31, 1],
    [0, 200, 3],
    [3, 71, 3],
    [3, 49, 2],
    [3, -10, 0],
    [2, 50, 2],
  ])('row %i dragged to height %i lands at %i', (from, y, to) => {
    expect(placeOf(middles, from, y)).toBe(to);
  });

  it('moves up and down, and not out of the list', () => {
    const list = ['a', 'b', 'c', 'd'];
    moveTo(list, 0, 2);
    expect(list).toEqual(['b', 'c', 'a', 'd']);
    moveTo(list, 3, 0);
    expect(list).toEqual(['d', 'b', 'c', 'a']);
    moveTo(list, 0, -1);
    moveTo(list, 3, 4);
    expect(list).toEqual(['d', 'b', 'c', 'a']);
  });
});
