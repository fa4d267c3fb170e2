import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Split, splitNames } from '#contract/project.ts';
import { type SplitItem, stratifiedGroupSplit } from './draw-parts.ts';

const items = fc.array(
  fc.record({
    stratum: fc.integer({ min: 0, max: 4 }),
    group: fc.integer({ min: 0, max: 60 }),
    part: fc.constant(null),
  }),
  { maxLength: 200 },
);
const share = fc.double({ min: 0.05, max: 0.9, noNaN: true });
const open = (stratum: number, groups: number[]): SplitItem[] =>
  groups.map((group) => ({ stratum, group, part: null }));
const countOf = (parts: Split[]) =>
  Object.fromEntries(splitNames.map((name) => [name, parts.filter((part) => part === name).length]));

describe('stratifiedGroupSplit', () => {
  it('never parts a group, and draws the same for the same seed', () => {
    fc.assert(
      fc.property(items, share, share, fc.integer(), (pool, testShare, validationShare, seed) => {
        const draw = { testShare, validationShare, seed };
        const parts = stratifiedGroupSplit(pool, draw);
        expect(stratifiedGroupSplit(pool, draw)).toEqual(parts);
        const ofGroup = new Map<number, Split>();
        pool.forEach(({ group }, index) => {
          expect(ofGroup.get(group) ?? parts[index]).toBe(parts[index]);
          ofGroup.set(group, parts[index]!);
        });
      }),
    );
  });

  it('serves training first, then validation, then test, in every class, whatever the shares and groups', () => {
    const classes = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(classes, share, share, fc.integer(), (sizes, testShare, validationShare, seed) => {
        const pool = sizes.flatMap((groups, stratum) =>
          groups.flatMap((size, group) => open(stratum, new Array<number>(size).fill(stratum * 100 + group))),
        );
        const parts = stratifiedGroupSplit(pool, { testShare, validationShare, seed });
        sizes.forEach((groups, stratum) => {
          const count = countOf(parts.filter((_, index) => pool[index]!.stratum === stratum));
          expect(count.train, 'train').toBeGreaterThan(0);
          expect(count.validation! > 0, 'validation').toBe(groups.length > 1);
          expect(count.test! > 0, 'test').toBe(groups.length > 2);
        });
      }),
    );
  });

  it('draws the share of every class to the image where nothing is copied', () => {
    const pool = Array.from({ length: 1000 }, (_, index): SplitItem => ({
      stratum: index % 3,
      group: index,
      part: null,
    }));
    const draw = { testShare: null, validationShare: 0.2, seed: 5 };
    const parts = stratifiedGroupSplit(pool, draw);
    for (const stratum of [0, 1, 2]) {
      const members = parts.filter((_, index) => pool[index]!.stratum === stratum);
      expect(countOf(members).validation).toBe(Math.round(members.length * 0.2));
    }
    expect(stratifiedGroupSplit(pool, { ...draw, seed: 6 })).not.toEqual(parts);
  });

  it('takes a large group only where the part would otherwise be empty', () => {
    const large = new Array<number>(50).fill(99);
    const draw = { testShare: null, validationShare: 0.2, seed: 1 };
    const singles = Array.from({ length: 60 }, (_, group) => group);
    for (let seed = 0; seed < 20; seed++)
      expect(
        countOf(stratifiedGroupSplit(open(0, [...large, ...singles]), { ...draw, seed })).validation,
      ).toBe(22);
    const groups = [0, 1, 2].flatMap((group) => new Array<number>(30 + group).fill(group));
    for (let seed = 0; seed < 20; seed++)
      expect(
        countOf(stratifiedGroupSplit(open(0, groups), { ...draw, validationShare: 0.05, seed })).validation,
      ).toBe(30);
  });

  it('leaves what has a part where it is, and counts it into the share', () => {
    const fixed = open(0, [100, 101, 102]).map((item): SplitItem => ({ ...item, part: 'validation' }));
    const pool = [
      ...fixed,
      ...open(
        0,
        Array.from({ length: 47 }, (_, group) => group),
      ),
    ];
    const parts = stratifiedGroupSplit(pool, { testShare: null, validationShare: 0.2, seed: 1 });
    expect(parts.slice(0, 3)).toEqual(['validation', 'validation', 'validation']);
    expect(countOf(parts)).toEqual({ train: 40, validation: 10, test: 0 });
  });
});
