/** Which classes a person means by what was typed, best first. Pure; what is done with them is left to the rooms. */
import type { Class } from '#contract/project.ts';
import { folded, rankOf } from './rank.ts';

/**
 * Classes that fit, best first; of equally good ones those used lately, then the order they have. Without a query all,
 * those used lately in front.
 * @param recent ids, latest first
 */
export function findClasses(
  classes: readonly Class[],
  query: string,
  recent: readonly number[] = [],
): readonly Class[] {
  const text = folded(query.trim());
  const used = new Map(recent.map((id, place) => [id, place]));
  if (text === '') {
    if (used.size === 0) return classes;
    const byId = new Map(classes.map((one) => [one.id, one]));
    const front = recent.flatMap((id) => byId.get(id) ?? []);
    return [...front, ...classes.filter(({ id }) => !used.has(id))];
  }
  const found = classes.flatMap((one, order) => {
    const rank = rankOf(folded(one.name), text);
    return rank === null ? [] : [{ one, rank, used: used.get(one.id) ?? Infinity, order }];
  });
  found.sort((a, b) => a.rank - b.rank || compare(a.used, b.used) || a.order - b.order);
  return found.map(({ one }) => one);
}

/** Infinity less infinity is no number. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

/**
 * The classes used lately with this one: in front where it is new. One that is there already stays in its place, so
 * that the list does not move under the hand.
 */
export function withRecent(recent: readonly number[], classId: number, limit = 6): readonly number[] {
  return recent.includes(classId) ? recent : [classId, ...recent].slice(0, limit);
}
