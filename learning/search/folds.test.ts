/** Every image once, classes even, groups whole: for all sizes that come to mind, and against scikit-learn. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawFolds, mergeGroups } from './folds.ts';
import { golden } from './golden/golden.ts';

const alone = (count: number) => Int32Array.from({ length: count }, (_, index) => index);
const counts = (values: Int32Array, keep: (index: number) => boolean, kinds: number) => {
  const result = new Array<number>(kinds).fill(0);
  values.forEach((value, index) => {
    if (keep(index)) result[value]!++;
  });
  return result;
};

describe('stratified folds', () => {
  it('differ by one image at most, in each class and altogether', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 0, max: 9 }),
        (list, folds, seed) => {
          const labels = Int32Array.from(list);
          const foldOf = drawFolds(labels, alone(list.length), folds, seed);
          const spread = (sizes: number[]) => Math.max(...sizes) - Math.min(...sizes);
          expect(foldOf.every((fold) => fold >= 0 && fold < folds)).toBe(true);
          expect(spread(counts(foldOf, () => true, folds))).toBeLessThanOrEqual(1);
          for (let label = 0; label < 5; label++)
            expect(spread(counts(foldOf, (index) => labels[index] === label, folds))).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are the same for the same seed, and others for another', () => {
    const labels = Int32Array.from({ length: 60 }, (_, index) => index % 3);
    const drawn = (seed: number) => [...drawFolds(labels, alone(60), 5, seed)];
    expect(drawn(4)).toEqual(drawn(4));
    expect(drawn(4)).not.toEqual(drawn(5));
  });

  it('are refused where there is less than an image a fold', () => {
    expect(() => drawFolds(Int32Array.of(0, 1), alone(2), 3, 1)).toThrow(
      expect.objectContaining({ code: 'NOT_ENOUGH_DATA', message: expect.stringContaining('at least 3') }),
    );
  });
});

describe('grouped folds', () => {
  it('never split a group', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 25 })), {
          minLength: 60,
          maxLength: 200,
        }),
        fc.integer({ min: 2, max: 4 }),
        (images, folds) => {
          const groups = Int32Array.from(images, ([, group]) => group);
          fc.pre(new Set(groups).size >= folds);
          const foldOf = drawFolds(
            Int32Array.from(images, ([label]) => label),
            groups,
            folds,
            7,
          );
          const of = new Map<number, number>();
          groups.forEach((group, index) => {
            expect(of.get(group) ?? foldOf[index]).toBe(foldOf[index]);
            of.set(group, foldOf[index]!);
          });
          expect(new Set(foldOf).size).toBe(folds);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(golden.folds)(
    'are as even as scikit-learn’s ($folds folds)',
    ({ labels, groups, folds, unevenness }) => {
      const classes = Math.max(...labels) + 1;
      const label = Int32Array.from(labels);
      const seeds = Array.from({ length: 20 }, (_, seed) => seed);
      let mean = 0;
      for (const seed of seeds) {
        const foldOf = drawFolds(label, Int32Array.from(groups), folds, seed);
        for (let at = 0; at < classes; at++) {
          const parts = counts(foldOf, (index) => label[index] === at, folds);
          const total = parts.reduce((sum, part) => sum + part);
          const squares = parts.reduce((sum, part) => sum + (part / total - 1 / folds) ** 2, 0);
          mean += Math.sqrt(squares / folds) / classes / seeds.length;
        }
      }
      // Both averaged over twenty seeds.
      expect(mean).toBeLessThan(unevenness * 1.1);
    },
  );

  it('joins images that share any key, also through others', () => {
    const groups = mergeGroups(6, [
      ['a', 'a', 'b', 'c', '', ''],
      ['1', '2', '3', '2', '4', '5'],
    ]);
    expect([...groups]).toEqual([0, 0, 1, 0, 2, 3]);
  });
});
