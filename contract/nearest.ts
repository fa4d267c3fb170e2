/** What a mistyped name was probably meant to be, for messages of the command line and of the query line. */

/** The known name that differs least from a mistyped one; null where none is near. */
export function nearest(given: string, names: readonly string[]): string | null {
  const ranked = names
    .map((name) => ({
      name,
      distance: name.startsWith(given) && given.length > 1 ? 1 : editDistance(given, name),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : null;
}

/** " Did you mean X?", with the blank before it, of a name that is not known; empty where none is near. */
export function didYouMean(given: string, names: readonly string[], shown = (name: string) => name): string {
  const near = names.includes(given) ? null : nearest(given, names);
  return near === null ? '' : ` Did you mean ${shown(near)}?`;
}

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
