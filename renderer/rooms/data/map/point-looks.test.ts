/** Which points are lit: those of images that the grid lists, and of these the selected ones. */
import { expect, test } from 'vitest';
import { classesOfPoints, coloursOfPoints, looksOfPoints } from './point-looks.ts';
import { looks } from './scatter.ts';

// Image 3 was removed since, image 9 came since.
const points = Int32Array.of(1, 3, 4, 7);
const all = { itemIds: Int32Array.of(1, 4, 7, 9), classIds: Int32Array.of(5, 0, 6, 5) };
const classes = classesOfPoints(points, all);

test('points have the class of their image as of now', () => {
  expect([...classes]).toEqual([5, -1, 0, 6]);
  const colours = coloursOfPoints(classes, new Map([[5, '#ff8000']]), '#111213');
  // A class that is not known yet looks like none.
  expect([...colours]).toEqual([255, 128, 0, 17, 18, 19, 17, 18, 19, 17, 18, 19]);
});

test('selected are over listed, and both over all others; images that are gone are not seen', () => {
  const { gone, faint, listed, selected } = looks;
  const look = (ids: number[], places: number[] = []) => [
    ...looksOfPoints(points, classes, Int32Array.from(ids), new Set(places)),
  ];
  expect(look([1, 4, 7, 9])).toEqual([listed, gone, listed, listed]);
  expect(look([9, 7, 1], [1, 5])).toEqual([listed, gone, faint, selected]);
  expect(look([3])).toEqual([faint, gone, faint, faint]);
});
