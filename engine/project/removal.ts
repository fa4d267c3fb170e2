/**
 * What the journal does to items and sources: removing images, and taking over what a re-scan found. An item's row stays
 * where it is, for it is a row of every pack; removed ones are left out of all lists, counts and parts. Nothing on disk is
 * ever deleted. What a re-scan finds is left to engine/intake/rescan/compare.ts.
 */
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { noPart } from './database-problems.ts';
import type { Columns } from './columns.ts';
import { type Database, row } from './database.ts';
import { setItems, setParts, towards } from './set-items.ts';

const whole = z.int();
const step = z.tuple([whole, whole, whole]);
const Place = z.object({ location: z.string(), root: z.string() });
export type Place = z.infer<typeof Place>;

export const RemoveChange = z.object({ kind: z.literal('remove'), itemIds: z.array(whole) });
export type RemoveChange = z.infer<typeof RemoveChange>;

/** Taking over what a re-scan found, as one step. */
export const UpdateChange = z.object({
  kind: z.literal('update-source'),
  added: z.array(whole),
  removed: z.array(whole),
  /** [item, its name within the source before and after] */
  moved: z.array(z.tuple([whole, z.string(), z.string()])),
  /** [item, its class before and after], 0: none */
  labels: z.array(step),
  /** [item, its part as the index in `splitNames`] of those that had none before */
  parts: z.array(z.tuple([whole, whole])).optional(),
  /** Where originals are read from, and what the person chose; null where that stays. */
  place: z.object({ sourceIds: z.array(whole), before: Place, after: Place }).nullable(),
});
export type UpdateChange = z.infer<typeof UpdateChange>;

/** @throws CONFLICT where images come back that were imported again since */
export function applyRemoval(database: Database, itemIds: number[], removed: boolean): void {
  if (itemIds.length === 0) return;
  const list = JSON.stringify(itemIds);
  database
    .prepare('UPDATE items SET removed = ? WHERE id IN (SELECT value FROM json_each(?))')
    .run(removed ? 1 : 0, list);
  if (!removed) refuseTwins(database, itemIds);
  countItems(database);
}

/** @throws CONFLICT where images come back that were imported again since */
export function applyUpdate(database: Database, change: UpdateChange, forward: boolean): void {
  const [into, out] = forward ? [change.added, change.removed] : [change.removed, change.added];
  applyRemoval(database, out, true);
  const name = database.prepare('UPDATE items SET name = ? WHERE id = ?');
  for (const [itemId, before, after] of change.moved) name.run(forward ? after : before, itemId);
  setItems(database, 'class_id', towards(forward, change.labels));
  setParts(database, change.parts, forward);
  if (change.place) {
    const { location, root } = forward ? change.place.after : change.place.before;
    const move = database.prepare('UPDATE sources SET location = ?, root = ? WHERE id = ?');
    for (const sourceId of change.place.sourceIds) move.run(location, root, sourceId);
  }
  applyRemoval(database, into, false);
  refuseTwins(
    database,
    change.moved.map(([itemId]) => itemId),
  );
}

/** Brings `sources.items` up to date. */
function countItems(database: Database): void {
  database.exec(
    `UPDATE sources SET items = coalesce((SELECT count FROM
       (SELECT source_id, count(*) AS count FROM items WHERE removed = 0 GROUP BY source_id) WHERE source_id = sources.id), 0)`,
  );
}

/** One file is one image of the project. @throws CONFLICT where one of these items has the file of another */
function refuseTwins(database: Database, itemIds: number[]): void {
  if (itemIds.length === 0) return;
  const twin = row<{ name: string }>(
    database,
    `WITH back AS (
       SELECT sources.root, items.name FROM items JOIN sources ON sources.id = source_id
       WHERE removed = 0 AND items.id IN (SELECT value FROM json_each(?1)))
     SELECT items.name FROM items JOIN sources ON sources.id = source_id
     WHERE removed = 0 AND items.id NOT IN (SELECT value FROM json_each(?1))
       AND (sources.root, items.name) IN (SELECT root, name FROM back) LIMIT 1`,
    JSON.stringify(itemIds),
  );
  if (!twin) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected each file to be one image, but ${twin.name} is another image's by now: it was imported again since, or is kept beside the one that takes its name. Nothing was changed.`,
    { name: twin.name },
  );
}

/** Brings the columns in memory up to date with a committed change; answers the items it touched. */
export function followRemoval(
  columns: Columns,
  change: RemoveChange | UpdateChange,
  forward: boolean,
): number[] {
  if (change.kind === 'remove') {
    for (const itemId of change.itemIds) columns.setRemoved(itemId, forward);
    return change.itemIds;
  }
  for (const itemId of change.added) columns.setRemoved(itemId, !forward);
  for (const itemId of change.removed) columns.setRemoved(itemId, forward);
  for (const [itemId, before, after] of change.moved) columns.setName(itemId, forward ? after : before);
  for (const [itemId, classId] of towards(forward, change.labels)) columns.setClass(itemId, classId);
  for (const [itemId, part] of change.parts ?? []) columns.setSplit(itemId, forward ? part : noPart);
  return [
    ...change.added,
    ...change.removed,
    ...change.moved.map(([itemId]) => itemId),
    ...change.labels.map(([itemId]) => itemId),
  ];
}
