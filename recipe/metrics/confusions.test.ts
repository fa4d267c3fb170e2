import fc from 'fast-check';
import { expect, it } from 'vitest';
import { confusionDifference, inOrderOf } from './confusion-difference.ts';
import { topConfusions } from './top-confusions.ts';

it('the top confusions are what sorting all cells gives', () => {
  const matrices = fc.integer({ min: 1, max: 8 }).chain((side) =>
    fc.array(fc.array(fc.nat({ max: 4 }), { minLength: side, maxLength: side }), {
      minLength: side,
      maxLength: side,
    }),
  );
  fc.assert(
    fc.property(matrices, fc.nat({ max: 10 }), (confusion, limit) => {
      const sorted = confusion
        .flatMap((row, actual) => row.map((images, predicted) => ({ actual, predicted, images })))
        .filter(({ actual, predicted, images }) => actual !== predicted && images > 0)
        .sort((a, b) => b.images - a.images)
        .slice(0, limit);
      expect(topConfusions(confusion, limit)).toEqual(sorted);
    }),
  );
});

it('a matrix in the order of others stands by the ids, and is none where classes differ', () => {
  const confusion = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  expect(inOrderOf([30, 10, 20], [10, 20, 30], confusion)).toEqual([
    [9, 7, 8],
    [3, 1, 2],
    [6, 4, 5],
  ]);
  expect(inOrderOf([10, 20], [10, 20, 30], confusion)).toBeNull();
  expect(inOrderOf([10, 20, 40], [10, 20, 30], confusion)).toBeNull();
});

it('the difference is the second less the first, in counts or in shares of each', () => {
  const first = [
    [8, 2],
    [1, 3],
  ];
  const second = [
    [4, 1],
    [0, 4],
  ];
  expect(confusionDifference(first, second, 'none')).toEqual([
    [-4, -1],
    [-1, 1],
  ]);
  expect(confusionDifference(first, second, 'row')).toEqual([
    [0, 0],
    [-0.25, 0.25],
  ]);
  expect(confusionDifference(first, second, 'all')[0]![0]).toBeCloseTo(4 / 9 - 8 / 14, 12);
  for (const by of ['none', 'row', 'column', 'all'] as const)
    expect(confusionDifference(second, second, by).flat()).toEqual([0, 0, 0, 0]);
});
