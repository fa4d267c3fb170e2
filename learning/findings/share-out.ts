/** Lists that may name the same image as lists that do not: no image stands in two entries of a finding. Pure. */

/**
 * In turns each list takes the first of its own that no other has taken yet.
 * @param lists places of images, those that count most first
 * @param most of each
 * @returns for each list what it has now, in its order
 */
export function shareOut(lists: readonly (readonly number[])[], most: number): number[][] {
  const taken = new Set<number>();
  const shared = lists.map((): number[] => []);
  const next = lists.map(() => 0);
  for (let round = 0; round < most; round++) {
    let anything = false;
    lists.forEach((list, which) => {
      while (next[which]! < list.length && taken.has(list[next[which]!]!)) next[which]!++;
      if (next[which]! >= list.length) return;
      const place = list[next[which]!]!;
      taken.add(place);
      shared[which]!.push(place);
      anything = true;
    });
    if (!anything) break;
  }
  return shared;
}
