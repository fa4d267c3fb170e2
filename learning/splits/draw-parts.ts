/**
 * Drawing of parts: stratified by class, seeded, and images that belong together (copies, groups) always in one part,
 * so that nothing leaks from training into validation or test. Training is served first, then validation, then test.
 * Which images are open, and which stay where they are, is the caller's; evening large groups out is assign-groups.ts.
 */
import type { Split } from '#contract/project.ts';
import { append } from '../grouped.ts';

export interface SplitItem {
  /** The class: each is drawn from in the same proportion. */
  stratum: number;
  /** Images that share it go to one part: copies of one image, images of one group. */
  group: number;
  /** Where the image is and stays; null where its part is to be drawn. */
  part: Split | null;
}

export interface Shares {
  /** Of all images; null where no test part is drawn. */
  testShare: number | null;
  /** Of what is not test data; null where no validation part is drawn. */
  validationShare: number | null;
  seed: number;
}

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Gives every open image a part. A class of one group trains; of two, one trains and one validates; from
 * three on each part that is drawn gets at least one. A group that is larger than a part's share goes there only
 * where the part would otherwise be empty.
 * @returns the part of each image, in their order; those that had one keep it
 */
export function stratifiedGroupSplit(
  items: readonly SplitItem[],
  { testShare, validationShare, seed }: Shares,
): Split[] {
  const parts = items.map(({ part }) => part);
  const strata = new Map<number, number[]>();
  const copies = new Map<number, number[]>();
  items.forEach(({ stratum, group, part }, index) => {
    append(strata, stratum, index);
    if (part === null) append(copies, group, index);
  });

  const drawInto = (target: Split, share: number, random: () => number, needed: readonly Split[]) => {
    const seen = new Set<number>();
    for (const [, all] of [...strata].sort(([a], [b]) => a - b)) {
      const has = (part: Split) => all.some((index) => parts[index] === part);
      // Those of another class may have taken copies along already.
      const openOrTaken = all.filter((index) => parts[index] === null || parts[index] === target);
      const base = target === 'test' ? all.length : all.filter((index) => parts[index] !== 'test').length;
      const members = openOrTaken.filter((index) => items[index]!.part === null);
      const open = new Set(
        members.filter((index) => parts[index] === null).map((index) => items[index]!.group),
      );
      const leave = needed.filter((part) => !has(part)).length;
      const wanted = Math.max(1, Math.round(base * share));
      let count = openOrTaken.filter((index) => parts[index] === target).length;
      let left = open.size;
      shuffle(members, random);

      const take = (group: number, here: number) => {
        for (const copy of copies.get(group)!) parts[copy] = target;
        count += here;
        left--;
      };
      let smallest: { group: number; here: number } | null = null;
      for (const index of members) {
        const { group } = items[index]!;
        if (seen.has(group)) continue;
        seen.add(group);
        if (count >= wanted || left <= leave) continue;
        const here = copies
          .get(group)!
          .filter((copy) => items[copy]!.stratum === items[index]!.stratum).length;
        if (count + here - wanted <= wanted - count) take(group, here);
        else if (!smallest || here < smallest.here) smallest = { group, here };
      }
      if (count === 0 && smallest && left > leave) take(smallest.group, smallest.here);
    }
  };
  const needed: Split[] = validationShare === null ? ['train'] : ['train', 'validation'];
  if (testShare !== null) drawInto('test', testShare, seededRandom(seed + 1), needed);
  if (validationShare !== null) drawInto('validation', validationShare, seededRandom(seed), ['train']);
  return parts.map((part) => part ?? 'train');
}

/** In place, as Fisher and Yates. */
function shuffle(list: number[], random: () => number): void {
  for (let left = list.length; left > 1; left--) {
    const other = Math.floor(random() * left);
    [list[left - 1], list[other]] = [list[other]!, list[left - 1]!];
  }
}
