/** Writes the class, the part or the words of many items. What they are to be is left to journal.ts and removal.ts. */
import { groupBy } from '#learning/grouped.ts';
import { noPart, unlabelled } from './database-problems.ts';
import type { Database } from './database.ts';

/** One statement per value, not per item: a change of all items must not hold up other commands. */
export function setItems(
  database: Database,
  column: 'class_id' | 'imported_class_id' | 'split' | 'excluded' | 'note' | 'hard',
  pairs: readonly (readonly [itemId: number, value: number | string | null])[],
): void {
  const update = database.prepare(
    `UPDATE items SET ${column} = ? WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const none = column === 'split' ? noPart : unlabelled;
  for (const [value, group] of groupBy(pairs, ([, value]) => value)) {
    const itemIds = group.map(([itemId]) => itemId);
    update.run(value === none && column !== 'hard' ? null : value, JSON.stringify(itemIds));
  }
}

/** Of [item, before, after] what each is to be. */
export const towards = (
  forward: boolean,
  steps: readonly (readonly [itemId: number, before: number, after: number])[],
) => steps.map(([itemId, before, after]) => [itemId, forward ? after : before] as const);

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
