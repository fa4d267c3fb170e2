import { describe, expect, it } from 'vitest';
import { isWide, isWithin, movedPlace, rangeBetween } from './cursor.ts';
import { cellWords, imagesIn, isStrong, matrixOf, rangeWords, valueWords } from './matrix.ts';

const confusion = [
  [90, 10, 0],
  [5, 15, 0],
  [0, 1, 1],
];
const names = ['Coat', 'Shirt', 'Bag'];
const plain = (more: Partial<Parameters<typeof matrixOf>[0]> = {}) =>
  matrixOf({ confusion, names, normalization: 'none', order: [0, 1, 2], ...more });

describe('the matrix as it is shown', () => {
  it('has its classes in the order asked for', () => {
    const { names: shown, counts, values } = plain({ order: [2, 0, 1] });
    expect(shown).toEqual(['Bag', 'Coat', 'Shirt']);
    expect([...counts]).toEqual([1, 0, 1, 0, 90, 10, 0, 5, 15]);
    expect([...values]).toEqual([...counts]);
  });

  it('tints counts by their share of the row, and shares of all by the largest', () => {
    const { tints } = plain();
    expect([tints[2], isStrong(tints[0]!), isStrong(tints[8]!), isStrong(tints[1]!)]).toEqual([
      0,
      true,
      false,
      false,
    ]);
    expect(plain({ normalization: 'all' }).tints[0]).toBe(1);
  });

  it('says each cell in words: images, shares, and what differs', () => {
    const coatAsShirt = rangeBetween({ actual: 0, predicted: 1 }, { actual: 0, predicted: 1 });
    expect(rangeWords(plain(), coatAsShirt)).toBe('actual Coat, predicted Shirt: 10 images');
    expect(cellWords(plain(), 1)).toBe('');
    const byRow = plain({ normalization: 'row' });
    expect([valueWords(byRow, byRow.values[1]!), cellWords(byRow, 1)]).toEqual(['10.0', '10.0\u202f%']);
  });

  it('is what one run has more and fewer of than another', () => {
    const before = [
      [80, 20, 0],
      [5, 15, 0],
      [2, 0, 0],
    ];
    const baseline = { name: 'One', confusion: before };
    const { values, tints } = plain({ baseline });
    expect([...values]).toEqual([10, -10, 0, 0, 0, 0, -2, 1, 1]);
    expect([tints[0], tints[1], tints[3]]).toEqual([1, -1, 0]);
    const matrix = plain({ baseline });
    expect([valueWords(matrix, 10), valueWords(matrix, -10), valueWords(matrix, 0)]).toEqual([
      '+10',
      '−10',
      '0',
    ]);
    expect([cellWords(matrix, 0), cellWords(matrix, 1), cellWords(matrix, 3)]).toEqual([
      '+10 against One',
      '−10 against One',
      '0 against One',
    ]);
    const shares = plain({ baseline, normalization: 'row' });
    expect(cellWords(shares, 1)).toBe('−10.0 points against One');
    expect(valueWords(shares, -0.0001)).toBe('0.0');
  });
});

describe('a range', () => {
  const range = (a: [number, number], b: [number, number]) =>
    rangeBetween({ actual: a[0], predicted: a[1] }, { actual: b[0], predicted: b[1] });

  it('goes from one place to another in either direction, a header standing for all', () => {
    expect(range([2, 0], [1, 1])).toEqual({ actual: [1, 2], predicted: [0, 1] });
    expect(range([1, -1], [2, -1])).toEqual({ actual: [1, 2], predicted: null });
    expect([
      isWide(range([1, 1], [1, 1])),
      isWide(range([1, 1], [1, 2])),
      isWide(range([-1, 1], [-1, 1])),
    ]).toEqual([false, true, false]);
    expect(isWithin(range([1, -1], [2, -1]), { actual: 2, predicted: 0 })).toBe(true);
    expect(isWithin(range([0, 0], [1, 1]), { actual: 2, predicted: 0 })).toBe(false);
  });

  it('is said by its first and last classes with the images behind it', () => {
    expect(imagesIn(plain(), range([0, 0], [1, 1]))).toBe(120);
    expect(rangeWords(plain(), range([0, 0], [1, 1]))).toBe(
      'actual Coat to Shirt, predicted Coat to Shirt: 120 images',
    );
    expect(rangeWords(plain(), range([0, -1], [0, -1]))).toBe('actual Coat: 100 images');
    expect(rangeWords(plain(), range([-1, 2], [-1, 2]))).toBe('predicted Bag: 1 image');
  });
});

it('keys walk cells and headers, a page, and to the ends', () => {
  const go = (key: string, actual: number, predicted: number, ctrlKey = false) => {
    const to = movedPlace({ key, ctrlKey, metaKey: false }, { actual, predicted }, 30);
    return to && [to.actual, to.predicted];
  };
  expect(go('ArrowRight', 0, 0)).toEqual([0, 1]);
  expect(go('ArrowLeft', 4, 0)).toEqual([4, -1]);
  expect(go('ArrowUp', 0, 4)).toEqual([-1, 4]);
  expect(go('ArrowLeft', -1, 0)).toBeNull();
  expect(go('ArrowDown', 29, 4)).toBeNull();
  expect(go('PageDown', 25, 4)).toEqual([29, 4]);
  expect(go('PageUp', 4, 4)).toEqual([0, 4]);
  expect([go('Home', 3, 9), go('End', 3, 9)]).toEqual([
    [3, 0],
    [3, 29],
  ]);
  expect([go('Home', 3, 9, true), go('End', 3, 9, true)]).toEqual([
    [0, 0],
    [29, 29],
  ]);
  expect(go('a', 3, 9)).toBeNull();
});
