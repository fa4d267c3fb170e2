/**
 * Undo and redo over the whole data set. Every change is kept as JSON with what it replaced, in the
 * same transaction as the change itself. Memory (columns.ts) follows after the commit.
 */
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { sqliteCodeOf } from '#contract/storage-errors.ts';
import { noPart, textOf } from './database-problems.ts';
import { requireUnused } from './classes.ts';
import type { Columns } from './columns.ts';
import { applyCuration, CurationChange, followCuration } from './curation.ts';
import { type Database, row, rows } from './database.ts';
import { applyRemoval, applyUpdate, followRemoval, RemoveChange, UpdateChange } from './removal.ts';
import { setItems, setParts, towards } from './set-items.ts';

const whole = z.int();
/** `testShare` is missing in what an earlier version wrote. */
const draw = z.object({ share: z.number(), seed: whole, testShare: z.number().optional() });

/** What can be undone. Pairs are [item, what it was before]. */
const SingleChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('relabel'),
    /** 0: none */
    classId: whole,
    before: z.array(z.tuple([whole, whole])),
    /** [item, its part as the index in `splitNames`] of those that had none before */
    parts: z.array(z.tuple([whole, whole])).optional(),
  }),
  z.object({ kind: z.literal('add-class'), classId: whole, name: z.string() }),
  z.object({ kind: z.literal('rename-class'), classId: whole, before: z.string(), after: z.string() }),
  z.object({
    kind: z.literal('redraw-split'),
    /** [item, its part before and after, as the index in `splitNames`] */
    moved: z.array(z.tuple([whole, whole, whole])),
    before: draw,
    after: draw,
  }),
  RemoveChange,
  UpdateChange,
  ...CurationChange.options,
]);
/** One, or several as one step. */
const Change = z.union([
  SingleChange,
  z.object({ kind: z.literal('group'), changes: z.array(SingleChange) }),
]);
export type Change = z.infer<typeof Change>;

interface Entry {
  id: number;
  label: unknown;
  change: string;
}

/** Labels of the next undo and redo, null where there is none. */
export function journalHeads(database: Database): { undo: string | null; redo: string | null } {
  // Without the change: that may be a label of 100,000 images.
  const label = (next: string) => {
    const entry = row<{ label: unknown }>(database, `SELECT label FROM journal ${next}`);
    return entry ? textOf(entry.label) : null;
  };
  return { undo: label(nextUndo), redo: label(nextRedo) };
}

/** SQL: a number that this program gave. SQLite gives no more beyond the greatest, which a hand may have written. */
const ours = `id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER - 1}`;
const nextUndo = `WHERE undone = 0 AND ${ours} ORDER BY id DESC LIMIT 1`;
const nextRedo = `WHERE undone = 1 AND ${ours} ORDER BY id LIMIT 1`;
const entryTo = (direction: 'undo' | 'redo', database: Database) =>
  row<Entry>(database, `SELECT id, label, change FROM journal ${direction === 'undo' ? nextUndo : nextRedo}`);

/** The change that was made last and stands; null where there is none. */
export function lastChange(database: Database): { id: number; change: Change } | null {
  const entry = entryTo('undo', database);
  return entry ? { id: entry.id, change: Change.parse(JSON.parse(entry.change)) } : null;
}

/**
 * Tells this state of the data set from those before and after it; the numbers of changes that were undone are given again, so its
 * time stands beside it. Empty where nothing was changed yet.
 */
export function journalMark(database: Database): string {
  const last = row<{ id: number; at: unknown }>(database, `SELECT id, at FROM journal ${nextUndo}`);
  return last ? `${last.id} ${textOf(last.at)}` : '';
}

/** A change by its number and time: numbers of undone changes are given again. Number 0 stands for none. */
export interface JournalPlace {
  id: number;
  at: string;
}

/** The change that was made last and stands. */
export function lastPlace(database: Database): JournalPlace {
  const last = row<{ id: number; at: unknown }>(database, `SELECT id, at FROM journal ${nextUndo}`);
  return last ? { id: last.id, at: textOf(last.at) } : { id: 0, at: '' };
}

/** Whether that very change is still written down, be it undone or not. */
export function placeStands(database: Database, { id, at }: JournalPlace): boolean {
  if (id === 0) return true;
  const found = row<{ at: unknown }>(database, 'SELECT at FROM journal WHERE id = ?', id);
  return found !== undefined && textOf(found.at) === at;
}

/** The changes after that number that stand, in their order; those that cannot be read are left out. */
export function changesAfter(database: Database, id: number): Change[] {
  const found = rows<{ change: string }>(
    database,
    `SELECT change FROM journal WHERE undone = 0 AND id > ? AND ${ours} ORDER BY id`,
    id,
  );
  return found.flatMap(({ change }) => {
    try {
      return [Change.parse(JSON.parse(change))];
    } catch {
      return [];
    }
  });
}

/** Whether a change that stands has moved images one by one into parts that a person named. */
export const hasMovedParts = (database: Database): boolean =>
  row(
    database,
    `SELECT id FROM journal WHERE undone = 0 AND instr(change, '"kind":"set-part"') > 0 LIMIT 1`,
  ) !== undefined;

/**
 * Takes back all changes after that number, the last first; each can be done again. Call inside a transaction.
 * @throws CONFLICT where one cannot be taken back
 */
export function undoAfter(database: Database, id: number): Change[] {
  const undone: Change[] = [];
  for (;;) {
    const next = entryTo('undo', database);
    if (!next || next.id <= id) return undone;
    undone.push(step(database, 'undo'));
  }
}

/** Applies a new change and writes it down; what had been undone is forgotten. Call inside a transaction. */
export function record(database: Database, label: string, change: Change): void {
  apply(database, change, true);
  database.prepare('DELETE FROM journal WHERE undone = 1').run();
  database
    .prepare(
      `INSERT INTO journal (id, at, label, change)
       VALUES ((SELECT 1 + coalesce(max(id), 0) FROM journal WHERE ${ours}), ?, ?, ?)`,
    )
    .run(new Date().toISOString(), label, JSON.stringify(change));
}

/**
 * Takes the last change back, or does the last undone one again. Call inside a transaction.
 * @throws CONFLICT where there is nothing to take back
 */
export function step(database: Database, direction: 'undo' | 'redo'): Change {
  const entry = entryTo(direction, database);
  if (!entry) {
    throw new AtelierError('CONFLICT', `Expected a change to ${direction}, but there is none left.`);
  }
  const change = changeOf(entry, direction);
  try {
    apply(database, change, direction === 'redo');
  } catch (thrown) {
    // A hand put into the database what its own rules refuse.
    if (((sqliteCodeOf(thrown) ?? 0) & 0xff) === constraint) throw cannotStep(entry, direction, thrown);
    throw thrown;
  }
  database.prepare('UPDATE journal SET undone = ? WHERE id = ?').run(direction === 'undo' ? 1 : 0, entry.id);
  return change;
}

const constraint = 19;

const cannotStep = ({ label }: Entry, direction: 'undo' | 'redo', cause: unknown) =>
  new AtelierError(
    'CONFLICT',
    `Cannot ${direction} “${textOf(label)}”: what the project keeps of it cannot be applied any more.`,
    {},
    { cause },
  );

/** @throws CONFLICT where it cannot be read */
function changeOf(entry: Entry, direction: 'undo' | 'redo'): Change {
  try {
    return Change.parse(JSON.parse(entry.change));
  } catch (cause) {
    throw cannotStep(entry, direction, cause);
  }
}

/**
 * Strikes out the change that `step` could not make, so that it does not bar the way to those beyond it: one that
 * cannot be taken back stays as it is; one that cannot be done again goes with all that followed it.
 * Call inside a transaction. @returns whether there was one
 */
export function forget(database: Database, direction: 'undo' | 'redo'): boolean {
  const entry = entryTo(direction, database);
  if (!entry) return false;
  const which = direction === 'undo' ? 'id = ?' : 'undone = 1 AND id >= ?';
  database.prepare(`DELETE FROM journal WHERE ${which}`).run(entry.id);
  return true;
}

/** What is said of a change that `forget` has struck out. */
export const passedOver = (thrown: AtelierError, direction: 'undo' | 'redo'): AtelierError =>
  new AtelierError(
    'CONFLICT',
    `${thrown.message} It is left as it is now, and no longer stands in the way of ${direction}.`,
    thrown.details,
    { cause: thrown },
  );

const inOrder = <T>(changes: readonly T[], forward: boolean): readonly T[] =>
  forward ? changes : [...changes].reverse();

function apply(database: Database, change: Change, forward: boolean): void {
  switch (change.kind) {
    case 'relabel':
      setItems(
        database,
        'class_id',
        change.before.map(([itemId, before]) => [itemId, forward ? change.classId : before]),
      );
      setParts(database, change.parts, forward);
      break;
    case 'add-class':
      if (forward) {
        database
          .prepare('INSERT INTO classes (id, name) VALUES (?, ?)')
          .run(change.classId, requireUnused(database, change.name));
      } else removeClass(database, change);
      break;
    case 'rename-class': {
      const name = forward ? change.after : change.before;
      database
        .prepare('UPDATE classes SET name = ? WHERE id = ?')
        .run(requireUnused(database, name, change.classId), change.classId);
      break;
    }
    case 'redraw-split': {
      setItems(database, 'split', towards(forward, change.moved));
      const { share, seed, testShare } = forward ? change.after : change.before;
      const keep = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
      keep.run('validationShare', String(share));
      keep.run('splitSeed', String(seed));
      if (testShare !== undefined) keep.run('testShare', String(testShare));
      break;
    }
    case 'remove':
      applyRemoval(database, change.itemIds, forward);
      break;
    case 'update-source':
      applyUpdate(database, change, forward);
      break;
    case 'group':
      for (const one of inOrder(change.changes, forward)) apply(database, one, forward);
      break;
    default:
      applyCuration(database, change, forward);
  }
}

function removeClass(database: Database, { classId, name }: { classId: number; name: string }): void {
  const used = row(
    database,
    'SELECT id FROM items WHERE class_id = ? OR imported_class_id = ? LIMIT 1',
    classId,
    classId,
  );
  if (used) {
    throw new AtelierError(
      'CONFLICT',
      `Cannot take back the class "${name}": an import has brought images of it since.`,
      { classId },
    );
  }
  database.prepare('DELETE FROM classes WHERE id = ?').run(classId);
}

/** Brings the columns in memory up to date with a committed change; answers the items it touched. */
export function follow(columns: Columns, change: Change, forward: boolean): number[] {
  switch (change.kind) {
    case 'relabel':
      for (const [itemId, before] of change.before) {
        columns.setClass(itemId, forward ? change.classId : before);
      }
      for (const [itemId, part] of change.parts ?? []) {
        columns.setSplit(itemId, forward ? part : noPart);
      }
      return change.before.map(([itemId]) => itemId);
    case 'redraw-split':
      for (const [itemId, part] of towards(forward, change.moved)) columns.setSplit(itemId, part);
      return change.moved.map(([itemId]) => itemId);
    case 'remove':
    case 'update-source':
      return followRemoval(columns, change, forward);
    case 'add-class':
    case 'rename-class':
      return [];
    case 'group':
      return [...new Set(inOrder(change.changes, forward).flatMap((one) => follow(columns, one, forward)))];
    default:
      return followCuration(columns, change, forward);
  }
}
