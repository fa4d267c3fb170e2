/**
 * Drawing of splits: stratified by class, seeded, and the same content always on the same side, so
 * that no exact duplicate leaks from training into validation or test.
 */

export interface Drawn {
  /** Groups the items that must be drawn in the same proportion. */
  stratum: number;
  /** Items with the same content share this. */
  content: string;
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
 * Draws `share` of every stratum. A stratum of two or more items gives at least one and keeps at
 * least one; a single item is never drawn. Copies of a drawn item are drawn too, those of a kept one
 * kept, whatever their stratum.
 * @returns one flag per item, true where it was drawn
 */
export function drawStratified(items: readonly Drawn[], share: number, seed: number): boolean[] {
  const strata = new Map<number, number[]>();
  items.forEach(({ stratum }, index) => {
    const members = strata.get(stratum);
    if (members) members.push(index);
    else strata.set(stratum, [index]);
  });
  const copies = new Map<string, number[]>();
  items.forEach(({ content }, index) => {
    const same = copies.get(content);
    if (same) same.push(index);
    else copies.set(content, [index]);
  });

  const random = seededRandom(seed);
  const drawn = new Array<boolean>(items.length).fill(false);
  const settled = new Set<string>();
  for (const [, members] of [...strata].sort(([a], [b]) => a - b)) {
    if (members.length < 2) continue;
    const wanted = Math.min(members.length - 1, Math.max(1, Math.round(members.length * share)));
    let count = members.filter((index) => drawn[index]).length;
    for (let left = members.length; left > 1; left--) {
      const other = Math.floor(random() * left);
      [members[left - 1], members[other]] = [members[other]!, members[left - 1]!];
    }
    for (const index of members) {
      const { content } = items[index]!;
      if (settled.has(content)) continue;
      settled.add(content);
      if (count >= wanted) continue;
      const same = copies.get(content)!;
      const here = same.filter((copy) => items[copy]!.stratum === items[index]!.stratum).length;
      // A stratum of copies of one image stays whole, on the training side.
      if (here === members.length) continue;
      for (const copy of same) drawn[copy] = true;
      count += here;
    }
  }
  return drawn;
}
