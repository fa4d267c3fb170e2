/** Growing parts: nested, stratified, groups whole, of a seed. */
import { describe, expect, test } from 'vitest';
import { joiningShares } from './subsets.ts';

/** 3 classes of 300, 120 and 20 images, in groups of 1 to 4. */
const labels = [
  ...new Array<number>(300).fill(0),
  ...new Array<number>(120).fill(1),
  ...new Array<number>(20).fill(2),
];
const groups = labels.map(
  (_, image) => Math.floor(image / (1 + (Math.floor(image / 40) % 4))) + 1000 * labels[image]!,
);
const parts = [0.125, 0.25, 0.5, 0.75, 1];

describe('growing parts', () => {
  const shares = joiningShares(labels, groups, 7);
  const partOf = (share: number) => labels.flatMap((_, image) => (shares[image]! <= share ? [image] : []));

  test('hold the one before, and all in the end', () => {
    for (const [at, share] of parts.entries())
      if (at > 0)
        expect(new Set(partOf(share))).toEqual(new Set([...partOf(parts[at - 1]!), ...partOf(share)]));
    expect(partOf(1)).toHaveLength(labels.length);
  });
  test('have each class in its share, to half a group', () => {
    const largest = Math.max(...groups.map((one) => groups.filter((other) => other === one).length));
    for (const share of parts)
      for (const [label, total] of [300, 120, 20].entries()) {
        const own = partOf(share).filter((image) => labels[image] === label).length;
        expect(Math.abs(own - share * total)).toBeLessThanOrEqual(largest / 2);
        expect(own).toBeGreaterThan(0);
      }
  });
  test('keep groups whole', () => {
    const share = new Map<number, number>();
    for (const [image, group] of groups.entries()) {
      expect(share.get(group) ?? shares[image]).toBe(shares[image]);
      share.set(group, shares[image]!);
    }
  });
  test('are those of the seed', () => {
    expect(joiningShares(labels, groups, 7)).toEqual(shares);
    expect(joiningShares(labels, groups, 8)).not.toEqual(shares);
  });
  test('have a class of one group, and a group of two classes, in one of them', () => {
    const found = joiningShares([0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 2, 3], 1);
    expect([...found.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect([...found.subarray(4)].sort()).toEqual([0, 0.5, 5 / 6]);
  });
});
