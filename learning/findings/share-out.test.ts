/** No image is in two lists, and a list that overlaps a longer one has its share. */
import { expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

it('gives each list its first in turns', () => {
  expect(shareOut([[1, 2, 3, 4], [1, 2], [9]], 10)).toEqual([[1, 3, 4], [2], [9]]);
});

it('takes so many of each, and nothing where all of a list are taken', () => {
  expect(
    shareOut(
      [
        [1, 2, 3],
        [5, 4],
      ],
      1,
    ),
  ).toEqual([[1], [5]]);
  expect(shareOut([[7], [7]], 3)).toEqual([[7], []]);
  expect(shareOut([], 3)).toEqual([]);
});
