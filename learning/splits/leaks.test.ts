/** Near duplicates on both sides of a split, counted by image. */
import { expect, it } from 'vitest';
import type { Split } from '#contract/project.ts';
import { assignParts } from './assign-groups.ts';
import { groupImages } from './groups.ts';
import { compareLeaks, measureFoldLeak, measureGroupLeak, measureLeak } from './leaks.ts';

it('counts each image of validation and test that has a near duplicate in training once', () => {
  const parts: (Split | null)[] = ['train', 'test', 'validation', 'test', 'train', null];
  const pairs = [
    { a: 0, b: 1 },
    { a: 1, b: 4 },
    { a: 2, b: 3 },
    { a: 5, b: 0 },
  ];
  expect(measureLeak(pairs, parts)).toEqual({
    validation: { images: 1, leaked: 0, share: 0 },
    test: { images: 2, leaked: 1, share: 0.5 },
  });
  expect(measureLeak([], []).test).toEqual({ images: 0, leaked: 0, share: 0 });
});

it('counts images whose group trains, however they are joined', () => {
  const parts: (Split | null)[] = ['train', 'test', 'test', 'validation', 'test', null];
  expect(measureGroupLeak([7, 7, 7, 3, 3, 7], parts)).toEqual({
    validation: { images: 1, leaked: 0, share: 0 },
    test: { images: 3, leaked: 2, share: 2 / 3 },
  });
});

it('is nothing where groups stay whole, and much where images are drawn one by one', () => {
  const images = Array.from({ length: 297 }, (_, id) => ({ id, stratum: id % 3, part: null }));
  // Threes of one class.
  const pairs = images.flatMap(({ id }) => (id % 9 < 6 ? [{ a: id, b: id + 3, similarity: 0.99 }] : []));
  const { groups } = groupImages(images.length, { nearDuplicates: pairs });
  const draw = { testShare: 0.15, validationShare: 0.2, seed: 1 };
  const parts = (groupOf: (id: number) => number) =>
    assignParts(
      images.map((image) => ({ ...image, group: groupOf(image.id) })),
      draw,
    ).parts;
  const { naive, grouped } = compareLeaks(
    pairs,
    parts((id) => id),
    parts((id) => groups[id]!),
  );
  expect(naive.test.share).toBeGreaterThan(0.7);
  expect(naive.validation.share).toBeGreaterThan(0.7);
  expect([grouped.test.leaked, grouped.validation.leaked]).toEqual([0, 0]);
  expect(Math.abs(grouped.test.images - naive.test.images)).toBeLessThanOrEqual(3);
});

it('of folds is in any two', () => {
  expect(
    measureFoldLeak(
      [
        { a: 0, b: 1 },
        { a: 2, b: 3 },
      ],
      [0, 1, 2, 2],
    ),
  ).toEqual({ images: 4, leaked: 2, share: 0.5 });
});
