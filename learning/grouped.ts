/** Lists by a key. */

/** Puts one at the end of the list of its key. */
export function append<Key, T>(lists: Map<Key, T[]>, key: Key, one: T): void {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
}

/** In the order in which their keys come first. */
export function groupBy<Key, T>(all: Iterable<T>, keyOf: (one: T) => Key): Map<Key, T[]> {
  const lists = new Map<Key, T[]>();
  for (const one of all) append(lists, keyOf(one), one);
  return lists;
}
