/** Groups stay whole, classes as even as whole groups allow, and what was drawn before groups were known stays as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Split } from '#contract/project.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { drawFolds } from '#learning/search/folds.ts';
import { golden } from '#learning/search/golden/golden.ts';
import { assignFolds, assignParts, type GroupedImage } from './assign-groups.ts';
import { stratifiedGroupSplit } from './draw-parts.ts';

type Image = GroupedImage & { part: Split | null };
const shares = { testShare: 0.15, validationShare: 0.2, seed: 3 };
const share = fc.option(fc.double({ min: 0.05, max: 0.6, noNaN: true }));

const imagesOf = (labels: readonly number[], groups: readonly number[]): Image[] =>
  labels.map((stratum, id) => ({ id, stratum, group: groups[id]!, part: null }));
/** A folder of images for each group: its class and how many. */
const groupsOf = (sizes: readonly (readonly [stratum: number, size: number])[]): Image[] =>
  sizes
    .flatMap(([stratum, size], group) => Array.from({ length: size }, () => ({ stratum, group })))
    .map((image, id) => ({ id, ...image, part: null }));

const somePictures = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 40 })), {
    minLength: 1,
    maxLength: 120,
  })
  .map((list) =>
    imagesOf(
      list.map(([label]) => label),
      list.map(([, group]) => group),
    ),
  );

function expectWhole(images: readonly Image[], bins: ArrayLike<unknown>): void {
  const of = new Map<number, unknown>();
  images.forEach(({ group }, at) => {
    expect(of.get(group) ?? bins[at]).toBe(bins[at]);
    of.set(group, bins[at]);
  });
}

describe('where each image is its own group', () => {
  const alone = fc.array(
    fc.record({
      stratum: fc.integer({ min: -1, max: 5 }),
      part: fc.constantFrom<Split | null>(null, null, 'test', 'train'),
    }),
    { minLength: 1, maxLength: 150 },
  );

  it('parts are those that were drawn before, whatever order the images come in', () => {
    fc.assert(
      fc.property(alone, share, share, fc.integer(), (list, testShare, validationShare, seed) => {
        const images = list.map((image, id) => ({ ...image, id, group: 7 * id }));
        const before = stratifiedGroupSplit(
          images.map(({ stratum, part, group }) => ({ stratum, part, group })),
          { testShare, validationShare, seed },
        );
        const mixed = shuffle([...images], generator(seed));
        const { parts } = assignParts(mixed, { testShare, validationShare, seed });
        expect(parts).toEqual(mixed.map(({ id }) => before[id]));
      }),
    );
  });

  it('folds are those that were drawn before, whatever order the images come in', () => {
    fc.assert(
      fc.property(alone, fc.integer({ min: 2, max: 5 }), fc.integer(), (list, folds, seed) => {
        fc.pre(list.length >= folds);
        // Classes as a study has them, from 0.
        const images = list.map(({ stratum }, id) => ({ id, stratum: stratum + 1, group: 7 * id }));
        const before = drawFolds(
          Int32Array.from(images, ({ stratum }) => stratum),
          Int32Array.from(images.keys()),
          folds,
          seed,
        );
        const mixed = shuffle([...images], generator(seed));
        expect([...assignFolds(mixed, folds, seed).foldOf]).toEqual(mixed.map(({ id }) => before[id]));
      }),
    );
  });
});

describe('parts of groups', () => {
  it('keep groups whole, the same for a seed whatever the order and the numbers of groups', () => {
    fc.assert(
      fc.property(somePictures, share, share, fc.integer(), (images, testShare, validationShare, seed) => {
        const draw = { testShare, validationShare, seed };
        const { parts } = assignParts(images, draw);
        expectWhole(images, parts);
        const mixed = shuffle(
          images.map((image) => ({ ...image, group: 1000 - image.group })),
          generator(seed, 1),
        );
        expect(assignParts(mixed, draw).parts).toEqual(mixed.map(({ id }) => parts[id]));
      }),
    );
  });

  it('serve training first, then validation, then test, in every class', () => {
    const classes = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(classes, fc.integer(), (sizes, seed) => {
        const images = groupsOf(
          sizes.flatMap((groups, stratum) => groups.map((size) => [stratum, size] as const)),
        );
        const { parts } = assignParts(images, { ...shares, seed });
        sizes.forEach((groups, stratum) => {
          const has = (part: Split) =>
            images.some((image, at) => image.stratum === stratum && parts[at] === part);
          expect([has('train'), has('validation'), has('test')]).toEqual([
            true,
            groups.length > 1,
            groups.length > 2,
          ]);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('are nearer to the shares than drawn one image after the other', () => {
    const random = generator(8);
    let [before, after] = [0, 0];
    for (let seed = 0; seed < 30; seed += 1) {
      const images = groupsOf(
        Array.from({ length: 40 }, (_, at) => [at % 3, 1 + Math.floor(random() * 12)] as const),
      );
      const off = (parts: readonly Split[]) =>
        [0, 1, 2].reduce((sum, stratum) => {
          const own = parts.filter((_, at) => images[at]!.stratum === stratum);
          const tested = Math.abs(own.filter((part) => part === 'test').length - own.length * 0.15);
          return (
            sum +
            tested +
            Math.abs(own.filter((part) => part === 'validation').length - own.length * 0.85 * 0.2)
          );
        }, 0);
      after += off(assignParts(images, { ...shares, seed }).parts);
      before += off(
        stratifiedGroupSplit(
          images.map(({ stratum, group, part }) => ({ stratum, group, part })),
          { ...shares, seed },
        ),
      );
    }
    expect(after).toBeLessThan(before / 2);
  });

  it('put what is open where the rest of its group is fixed', () => {
    const images = groupsOf(Array.from({ length: 30 }, (_, at) => [at % 2, 3] as const)).map((image) => ({
      ...image,
      part: image.group === 4 && image.id % 3 === 0 ? ('test' as const) : null,
    }));
    const { parts } = assignParts(images, shares);
    expect(parts.filter((_, at) => images[at]!.group === 4)).toEqual(['test', 'test', 'test']);
  });

  it('say what could not be spread', () => {
    const sizes = [[0, 20], [1, 6], [1, 4], ...Array.from({ length: 40 }, () => [2, 1])] as [
      number,
      number,
    ][];
    const { parts, unbalanced } = assignParts(groupsOf(sizes), shares);
    expect(unbalanced).toMatchObject([
      { stratum: 0, reason: 'one-group', images: 20, groups: 1, largest: 20, counts: [20, 0, 0] },
      { stratum: 1, reason: 'few-groups', groups: 2, largest: 6, counts: [6, 4, 0] },
    ]);
    expect(parts.slice(0, 20)).toEqual(new Array(20).fill('train'));
    const large = assignParts(groupsOf(new Array(3).fill([0, 30]) as [number, number][]), shares);
    expect(large.unbalanced).toMatchObject([
      { reason: 'uneven', counts: [30, 30, 30], wanted: [61, 15, 14] },
    ]);
  });
});

describe('folds of groups', () => {
  /** As in the documentation of even-out.ts, reckoned again. */
  function unevenness(images: readonly Image[], foldOf: ArrayLike<number>, folds: number): number {
    const squares = (own: readonly number[]) => {
      const counts = new Array<number>(folds).fill(0);
      for (const at of own) counts[foldOf[at]!]!++;
      return counts.reduce((sum, count) => sum + (count / Math.max(1, own.length) - 1 / folds) ** 2, 0);
    };
    const all = [...images.keys()];
    const strata = [...new Set(images.map(({ stratum }) => stratum))];
    return strata.reduce(
      (sum, stratum) => sum + squares(all.filter((at) => images[at]!.stratum === stratum)),
      0.01 * squares(all),
    );
  }

  /** Of all ways to deal groups so that no fold is empty. */
  function leastUnevenness(images: readonly Image[], groups: number, folds: number): number {
    let least = Infinity;
    for (let way = 0; way < folds ** groups; way += 1) {
      const bins = Array.from({ length: groups }, (_, group) => Math.floor(way / folds ** group) % folds);
      if (new Set(bins).size < folds) continue;
      least = Math.min(
        least,
        unevenness(
          images,
          images.map(({ group }) => bins[group]!),
          folds,
        ),
      );
    }
    return least;
  }

  it('are the most even there are of a few groups, all but always', () => {
    const random = generator(5);
    let best = 0;
    for (let trial = 0; trial < 40; trial += 1) {
      const folds = 2 + (trial % 2);
      const groups = 7 - folds + Math.floor(random() * 2);
      const images = groupsOf(
        Array.from(
          { length: groups },
          () => [Math.floor(random() * 2), 1 + Math.floor(random() * 9)] as const,
        ),
      ).map((image) => (random() < 0.2 ? { ...image, stratum: 1 - image.stratum } : image));
      const { foldOf } = assignFolds(images, folds, trial);
      const found = unevenness(images, foldOf, folds);
      const least = leastUnevenness(images, groups, folds);
      expect(found).toBeGreaterThan(least - 1e-9);
      expect(found - least).toBeLessThan(0.03);
      if (found < least + 1e-9) best += 1;
    }
    expect(best).toBeGreaterThanOrEqual(39);
  });

  it('keep groups whole, the same for a seed whatever the order', () => {
    fc.assert(
      fc.property(somePictures, fc.integer({ min: 2, max: 4 }), fc.integer(), (images, folds, seed) => {
        fc.pre(new Set(images.map(({ group }) => group)).size >= folds);
        const { foldOf } = assignFolds(images, folds, seed);
        expectWhole(images, foldOf);
        expect(new Set(foldOf).size).toBe(folds);
        const mixed = shuffle([...images], generator(seed, 1));
        expect([...assignFolds(mixed, folds, seed).foldOf]).toEqual(mixed.map(({ id }) => foldOf[id]));
      }),
      { numRuns: 30 },
    );
  });

  it.each(golden.folds)(
    'are twice as even as scikit-learn’s ($folds folds)',
    ({ labels, groups, folds, unevenness: theirs }) => {
      const images = imagesOf(labels, groups);
      const classes = Math.max(...labels) + 1;
      let mean = 0;
      for (let seed = 0; seed < 20; seed += 1) {
        const { foldOf } = assignFolds(images, folds, seed);
        for (let label = 0; label < classes; label += 1) {
          const own = [...foldOf].filter((_, at) => labels[at] === label);
          const squares = Array.from(
            { length: folds },
            (_, fold) => (own.filter((each) => each === fold).length / own.length - 1 / folds) ** 2,
          ).reduce((sum, square) => sum + square, 0);
          mean += Math.sqrt(squares / folds) / classes / 20;
        }
      }
      expect(mean).toBeLessThan(theirs / 2);
    },
  );

  it('say which class is one group', () => {
    const sizes = [[0, 12], ...Array.from({ length: 30 }, () => [1, 2])] as [number, number][];
    const { unbalanced } = assignFolds(groupsOf(sizes), 3, 1);
    expect(unbalanced).toMatchObject([{ stratum: 0, reason: 'one-group', images: 12, wanted: [4, 4, 4] }]);
  });

  it('are refused where there are fewer groups than folds', () => {
    expect(() => assignFolds(groupsOf([[0, 5]]), 2, 1)).toThrow(
      expect.objectContaining({ code: 'NOT_ENOUGH_DATA' }),
    );
  });
});
