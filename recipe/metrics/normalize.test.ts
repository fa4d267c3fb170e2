/** Shares of a confusion matrix, against scikit-learn's `confusion_matrix(…, normalize=…)` of the same counts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizations, normalize } from './normalize.ts';

const confusion = [
  [3, 1, 0],
  [0, 0, 0],
  [1, 2, 5],
];

test.each([
  ['none', confusion],
  [
    'row',
    [
      [0.75, 0.25, 0],
      [0, 0, 0],
      [0.125, 0.25, 0.625],
    ],
  ],
  [
    'column',
    [
      [0.75, 1 / 3, 0],
      [0, 0, 0],
      [0.25, 2 / 3, 1],
    ],
  ],
  [
    'all',
    [
      [0.25, 1 / 12, 0],
      [0, 0, 0],
      [1 / 12, 1 / 6, 5 / 12],
    ],
  ],
] as const)('%s', (by, shares) => {
  normalize(confusion, by).forEach((row, index) =>
    row.forEach((value, column) => expect(value).toBeCloseTo(shares[index]![column]!, 12)),
  );
});

test('rows, columns or all sum to 1 where they hold something, and nothing is lost', () => {
  const square = fc.integer({ min: 1, max: 6 }).chain((side) =>
    fc.array(fc.array(fc.nat(50), { minLength: side, maxLength: side }), {
      minLength: side,
      maxLength: side,
    }),
  );
  fc.assert(
    fc.property(square, fc.constantFrom(...normalizations.slice(1)), (counts, by) => {
      const shares = normalize(counts, by);
      const lines = (values: number[][]) =>
        by === 'row'
          ? values
          : by === 'column'
            ? values.map((_, at) => values.map((row) => row[at]!))
            : [values.flat()];
      lines(shares).forEach((line, at) => {
        const empty = lines(counts)[at]!.every((value) => value === 0);
        expect(line.reduce((sum, value) => sum + value, 0)).toBeCloseTo(empty ? 0 : 1, 9);
      });
    }),
  );
});
