/** Writes the class or the part of many items. What they are to be is left to journal.ts and removal.ts. */
import { noPart, unlabelled } from './cells.ts';
import type { Database } from './database.ts';

/** One statement per value, not per item: a change of all items must not hold up other commands. */
export function setItems(
  database: Database,
  column: 'class_id' | 'imported_class_id' | 'split',
  pairs: readonly (readonly [itemId: number, value: number])[],
): void {
  const byValue = new Map<number, number[]>();
  for (const [itemId, value] of pairs) {
    const itemIds = byValue.get(value);
    if (itemIds) itemIds.push(itemId);
    else byValue.set(value, [itemId]);
  }
  const update = database.prepare(
    `UPDATE items SET ${column} = ? WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const none = column === 'split' ? noPart : unlabelled;
  for (const [value, itemIds] of byValue) update.run(value === none ? null : value, JSON.stringify(itemIds));
}

/** The parts that images get with their first label, and lose when that is taken back. */
export const setParts = (
  database: Database,
  parts: readonly (readonly [itemId: number, part: number])[] = [],
  forward: boolean,
): void =>
  setItems(
    database,
    'split',
    parts.map(([itemId, part]) => [itemId, forward ? part : noPart]),
  );
