/**
 * What the journal does to curate a data set: excluding images, notes on them, parts said one by one, colours of classes, and
 * classes that go (their images become unlabelled, or those of another class). What a change comes to is curation-plans.ts.
 */
import * as z from 'zod';
import { requireUnused } from './classes.ts';
import type { Columns } from './columns.ts';
import type { Database } from './database.ts';
import { setItems } from './set-items.ts';

const whole = z.int();
const text = z.string().nullable();

/** Pairs are [item, what it was before]. */
export const CurationChange = z.discriminatedUnion('kind', [
  /** null: not excluded */
  z.object({ kind: z.literal('exclude'), reason: text, before: z.array(z.tuple([whole, text])) }),
  z.object({ kind: z.literal('note'), note: z.string(), before: z.array(z.tuple([whole, z.string()])) }),
  /** [item, its part before and after, as the index in `splitNames`] */
  z.object({ kind: z.literal('set-part'), moved: z.array(z.tuple([whole, whole, whole])) }),
  z.object({ kind: z.literal('recolour-class'), classId: whole, before: text, after: text }),
  z.object({
    kind: z.literal('delete-class'),
    classId: whole,
    name: z.string(),
    colour: text,
    /** The class that its images get; 0: none. */
    into: whole,
    itemIds: z.array(whole),
    /** Images to which the source gave it. */
    imported: z.array(whole),
  }),
]);
export type CurationChange = z.infer<typeof CurationChange>;

/** @throws CONFLICT where a class cannot come back, since another one has its name by now */
export function applyCuration(database: Database, change: CurationChange, forward: boolean): void {
  switch (change.kind) {
    case 'exclude':
      setTexts(database, 'excluded', change.before, forward ? change.reason : undefined);
      break;
    case 'note':
      setTexts(database, 'note', change.before, forward ? change.note : undefined);
      break;
    case 'set-part':
      setItems(
        database,
        'split',
        change.moved.map(([itemId, before, after]) => [itemId, forward ? after : before]),
      );
      break;
    case 'recolour-class':
      database
        .prepare('UPDATE classes SET colour = ? WHERE id = ?')
        .run(forward ? change.after : change.before, change.classId);
      break;
    case 'delete-class': {
      const { classId, name, colour, into, itemIds, imported } = change;
      if (!forward)
        database
          .prepare('INSERT INTO classes (id, name, colour) VALUES (?, ?, ?)')
          .run(classId, requireUnused(database, name), colour);
      const now = forward ? into : classId;
      setItems(
        database,
        'class_id',
        itemIds.map((itemId) => [itemId, now]),
      );
      setItems(
        database,
        'imported_class_id',
        imported.map((itemId) => [itemId, now]),
      );
      if (forward) database.prepare('DELETE FROM classes WHERE id = ?').run(classId);
      break;
    }
    default:
      change satisfies never;
  }
}

/** One statement per text. @param all the text of all of them; what each was before where undefined */
function setTexts(
  database: Database,
  column: 'excluded' | 'note',
  before: readonly (readonly [itemId: number, was: string | null])[],
  all: string | null | undefined,
): void {
  const byText = new Map<string | null, number[]>();
  for (const [itemId, was] of before) {
    const now = all === undefined ? was : all;
    const others = byText.get(now);
    if (others) others.push(itemId);
    else byText.set(now, [itemId]);
  }
  const update = database.prepare(
    `UPDATE items SET ${column} = ? WHERE id IN (SELECT value FROM json_each(?))`,
  );
  for (const [now, itemIds] of byText) update.run(now, JSON.stringify(itemIds));
}

/** Brings the columns in memory up to date with a committed change; answers the items it touched. */
export function followCuration(columns: Columns, change: CurationChange, forward: boolean): number[] {
  switch (change.kind) {
    case 'exclude':
      for (const [itemId, was] of change.before)
        columns.setExcluded(itemId, (forward ? change.reason : was) !== null);
      return change.before.map(([itemId]) => itemId);
    case 'note':
      return change.before.map(([itemId]) => itemId);
    case 'set-part':
      for (const [itemId, before, after] of change.moved) columns.setSplit(itemId, forward ? after : before);
      return change.moved.map(([itemId]) => itemId);
    case 'recolour-class':
      return [];
    case 'delete-class': {
      const now = forward ? change.into : change.classId;
      for (const itemId of change.imported) columns.setImportedClass(itemId, now);
      for (const itemId of change.itemIds) columns.setClass(itemId, now);
      return change.itemIds;
    }
  }
}
