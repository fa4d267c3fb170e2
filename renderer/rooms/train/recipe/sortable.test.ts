import { describe, expect, it } from 'vitest';
import { landing, moveTo, placeOf } from './sortable.ts';

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

  it('leaves the keyboard on the same control, or on the handle where that is disabled', () => {
    const row = (...disabled: string[]) =>
      ['handle', 'up', 'down', 'duplicate'].map((name) => ({ name, disabled: disabled.includes(name) }));
    expect(landing(row(), 2)?.name).toBe('down');
    expect(landing(row('up'), 1)?.name).toBe('handle');
    expect(landing(row('down'), 1)?.name).toBe('up');
    expect(landing(row('down'), 2)?.name).toBe('handle');
    expect(landing([], 2)).toBeUndefined();
  });
});
