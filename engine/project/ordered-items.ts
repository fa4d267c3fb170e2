/** Lists of images that have an order of their own, such as the most suspect first: a window on those that a filter lets through. */
import type { Item, ItemFilter } from '#contract/project.ts';
import type { BehindCells } from './columns.ts';
import type { OpenProject } from './project.ts';

/** @param behind as `Columns.matching` has it */
export function itemsInOrder(
  { columns, itemsById }: Pick<OpenProject, 'columns' | 'itemsById'>,
  order: Iterable<number>,
  {
    filter,
    offset,
    limit,
    behind,
  }: { filter: ItemFilter; offset: number; limit: number; behind: BehindCells | null },
): { total: number; items: Item[] } {
  const passing = new Set(columns.matching(filter, behind));
  const found = [...order].filter((itemId) => passing.has(columns.positionOf(itemId)));
  const ids = found.slice(offset, offset + limit);
  const items = new Map(itemsById(ids).map((item) => [item.id, item]));
  return { total: found.length, items: ids.flatMap((id) => items.get(id) ?? []) };
}
