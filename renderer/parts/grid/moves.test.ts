import { describe, expect, it } from 'vitest';
import { moveInGrid } from './moves.ts';

describe('the cursor of a grid', () => {
  // 0 1 2 3
  // 4 5 6 7
  // 8 9
  const grid = { count: 10, columns: 4, page: 2 };
  it.each([
    ['ArrowRight', 3, 4],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 9, 9],
    ['ArrowUp', 2, 2],
    ['ArrowUp', 6, 2],
    ['ArrowDown', 5, 9],
    ['ArrowDown', 7, 9],
    ['ArrowDown', 8, 8],
    ['PageDown', 1, 9],
    ['PageUp', 9, 1],
    ['End', 0, 9],
    ['Home', 9, 0],
  ])('%s from %i goes to %i', (key, from, to) => expect(moveInGrid(key, from, grid)).toBe(to));

  it('does not move for other keys or in an empty grid', () => {
    expect(moveInGrid('Enter', 1, grid)).toBeNull();
    expect(moveInGrid('Home', 0, { ...grid, count: 0 })).toBeNull();
  });
});
