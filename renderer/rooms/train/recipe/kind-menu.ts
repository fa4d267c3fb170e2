/** The kinds of a list of the recipe as a menu: under the headings that they name, in their order. Pure. */
import { type FieldPath, fieldOfPath, type Kinds } from '#recipe/fields.ts';

interface Item<K> {
  value: K;
  label: string;
  about: string;
  refusal: string | null;
}

/** @param refusal why a kind cannot be added now; null where it can */
export function menuOf<K extends string>(
  kinds: Kinds,
  refusal: (kind: K) => string | null = () => null,
): { name: string; items: Item<K>[] }[] {
  const groups = new Map<string, Item<K>[]>();
  for (const { kind, label, help, group } of Object.values(kinds)) {
    if (group === undefined) continue;
    const items = groups.get(group) ?? [];
    items.push({ value: kind as K, label, about: help, refusal: refusal(kind as K) });
    groups.set(group, items);
  }
  return [...groups].map(([name, items]) => ({ name, items }));
}

/** The most entries that a list of the recipe may have. */
export function mostIn(path: FieldPath): number {
  const { value } = fieldOfPath(path);
  return value.type === 'list' ? value.most : Infinity;
}
