/**
 * What the journal does to curate a data set: excluding images, notes on them, marks as hard, dismissed findings, parts said one by one, colours of classes, and
 * classes that go (their images become unlabelled, or those of another class). What a change comes to is curation-plans.ts.
 */
import * as z from 'zod';
import { FindingKind } from '#contract/findings.ts';
import { requireUnused } from './classes.ts';
import type { Columns } from './columns.ts';
import type { Database } from './database.ts';
import { setItems, towards } from './set-items.ts';

const whole = z.int();
const text = z.string().nullable();

/** Pairs are [item, what it was before]. */
export const CurationChange = z.discriminatedUnion('kind', [
  /** null: not excluded */
  z.object({ kind: z.literal('exclude'), reason: text, before: z.array(z.tuple([whole, text])) }),
  z.object({ kind: z.literal('note'), note: z.string(), before: z.array(z.tuple([whole, z.string()])) }),
  z.object({ kind: z.literal('dismiss-finding'), finding: FindingKind, itemIds: z.array(whole) }),
  z.object({ kind: z.literal('mark-hard'), hard: z.boolean(), itemIds: z.array(whole) }),
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
      setItems(
        database,
        'excluded',
        change.before.map(([itemId, was]) => [itemId, forward ? change.reason : was]),
      );
      break;
    case 'note':
      setItems(
        database,
        'note',
        change.before.map(([itemId, was]) => [itemId, forward ? change.note : was]),
      );
      break;
    case 'mark-hard':
      setItems(
        database,
        'hard',
        change.itemIds.map((itemId) => [itemId, forward === change.hard ? 1 : 0]),
      );
      break;
    case 'dismiss-finding': {
      const statement = database.prepare(
        forward
          ? 'INSERT OR IGNORE INTO dismissed_findings (finding, item_id) VALUES (?, ?)'
          : 'DELETE FROM dismissed_findings WHERE finding = ? AND item_id = ?',
      );
      for (const itemId of change.itemIds) statement.run(change.finding, itemId);
      break;
    }
    case 'set-part':
      setItems(database, 'split', towards(forward, change.moved));
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

/** Brings the columns in memory up to date with a committed change; answers the items it touched. */
export function followCuration(columns: Columns, change: CurationChange, forward: boolean): number[] {
  switch (change.kind) {
    case 'exclude':
      for (const [itemId, was] of change.before)
        columns.setExcluded(itemId, (forward ? change.reason : was) !== null);
      return change.before.map(([itemId]) => itemId);
    case 'note':
      for (const [itemId, was] of change.before) columns.setNote(itemId, forward ? change.note : was);
      return change.before.map(([itemId]) => itemId);
    case 'mark-hard':
      for (const itemId of change.itemIds) columns.setHard(itemId, forward === change.hard);
      return change.itemIds;
    case 'dismiss-finding':
      for (const itemId of change.itemIds) columns.setDismissed(change.finding, itemId, forward);
      return change.itemIds;
    case 'set-part':
      for (const [itemId, part] of towards(forward, change.moved)) columns.setSplit(itemId, part);
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
