/** Lists of items in another order than that of their import. What they are sorted by is the caller's. */

/**
 * Sorts positions, which come ascending, by a number of each; equal ones stay as they were.
 * @param valueAt of a position; NaN where there is none: these come last either way
 */
export function sortByNumber(
  positions: Int32Array,
  valueAt: (at: number) => number,
  descending = false,
): void {
  const values = new Map<number, number>();
  for (const at of positions) values.set(at, valueAt(at));
  positions.sort((a, b) => {
    const [first, second] = [values.get(a)!, values.get(b)!];
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number(Number.isNaN(first)) - Number(Number.isNaN(second)) || a - b;
    return (descending ? second - first : first - second) || a - b;
  });
}

/** The place of each word among all of them, 0 for the first; of equal words the same. */
export function ranksOf(words: readonly string[]): Int32Array {
  const order = Int32Array.from(words.keys()).sort((a, b) =>
    words[a]! < words[b]! ? -1 : Number(words[a]! > words[b]!),
  );
  const ranks = new Int32Array(words.length);
  order.forEach((at, place) => {
    const before = order[place - 1];
    ranks[at] = before !== undefined && words[before] === words[at] ? ranks[before]! : place;
  });
  return ranks;
}
