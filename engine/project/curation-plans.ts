/**
 * What a person's curation comes to, planned from the present state: excluding images, notes, marks as hard, colours, and deleting, merging
 * and splitting classes. Labels one by one are plans.ts, a whole table of them label-table.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { type Split, splitNames } from '#contract/project.ts';
import { unlabelled } from './database-problems.ts';
import type { Columns } from './columns.ts';
import { type Database, row, rows } from './database.ts';
import type { Change } from './journal.ts';
import { classNameOf, images, type Plan, planNewClass, planRelabel, requireItems } from './plans.ts';

const cells = <T>(database: Database, column: 'excluded' | 'note', itemIds: readonly number[]) =>
  rows<{ id: number; was: T }>(
    database,
    `SELECT id, ${column} AS was FROM items WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    JSON.stringify(itemIds),
  );

/** Takes images out of all parts, with the reason; null brings them back into theirs. @throws NOT_FOUND */
export function planExclude(
  database: Database,
  columns: Columns,
  itemIds: readonly number[],
  reason: string | null,
): Plan | null {
  const before = cells<string | null>(database, 'excluded', requireItems(columns, itemIds))
    .filter(({ was }) => was !== reason)
    .map(({ id, was }): [number, string | null] => [id, was]);
  if (before.length === 0) return null;
  const what = images(before.length);
  return {
    label: reason === null ? `Include ${what}` : `Exclude ${what} (${reason})`,
    change: { kind: 'exclude', reason, before },
  };
}

/** Marks images as hard, or takes the mark away. Null where all are as asked. @throws NOT_FOUND */
export function planHard(columns: Columns, itemIds: readonly number[], hard: boolean): Plan | null {
  const changed = requireItems(columns, itemIds).filter(
    (itemId) => (columns.hard[columns.positionOf(itemId)] === 1) !== hard,
  );
  if (changed.length === 0) return null;
  const what = images(changed.length);
  return {
    label: hard ? `Mark ${what} as hard` : `Mark ${what} as hard no more`,
    change: { kind: 'mark-hard', hard, itemIds: changed },
  };
}

/** Puts images into parts, each into its own; those without a label stay in none. Null where all are there. @throws NOT_FOUND */
export function planParts(
  columns: Columns,
  wanted: readonly { itemId: number; split: Split }[],
): Plan | null {
  const partOf = new Map(wanted.map(({ itemId, split }) => [itemId, splitNames.indexOf(split)]));
  const moved = requireItems(columns, [...partOf.keys()]).flatMap((itemId): [number, number, number][] => {
    const at = columns.positionOf(itemId);
    const part = partOf.get(itemId)!;
    const was = columns.splits[at]!;
    return columns.classIds[at] === unlabelled || was === part ? [] : [[itemId, was, part]];
  });
  if (moved.length === 0) return null;
  const parts = new Set(moved.map(([, , part]) => part));
  const where = parts.size === 1 ? `the ${splitNames[moved[0]![2]]} part` : `${parts.size} parts`;
  return { label: `Move ${images(moved.length)} to ${where}`, change: { kind: 'set-part', moved } };
}

/** @throws NOT_FOUND */
export function planNote(
  database: Database,
  columns: Columns,
  itemIds: readonly number[],
  note: string,
): Plan | null {
  const before = cells<string>(database, 'note', requireItems(columns, itemIds))
    .filter(({ was }) => was !== note)
    .map(({ id, was }): [number, string] => [id, was]);
  if (before.length === 0) return null;
  return {
    label: `${note === '' ? 'Remove the note of' : 'Write a note on'} ${images(before.length)}`,
    change: { kind: 'note', note, before },
  };
}

/** @param colour null for the one that its place gives. @throws NOT_FOUND */
export function planRecolour(database: Database, classId: number, colour: string | null): Plan | null {
  const name = classNameOf(database, classId);
  const before = colourOf(database, classId);
  if (before === colour) return null;
  return {
    label: `Recolour “${name}”`,
    change: { kind: 'recolour-class', classId, before, after: colour },
  };
}

const colourOf = (database: Database, classId: number) =>
  row<{ colour: string | null }>(database, 'SELECT colour FROM classes WHERE id = ?', classId)?.colour ??
  null;

/**
 * Deletes a class: its images become unlabelled, or images of `into`; they keep their parts.
 * @throws NOT_FOUND, CONFLICT where it is to become itself
 */
export function planDeleteClass(
  database: Database,
  columns: Columns,
  classId: number,
  into: number | null,
): Plan {
  const name = classNameOf(database, classId);
  if (into === classId) {
    throw new AtelierError('CONFLICT', `Expected another class to merge “${name}” into, received the same.`, {
      classId,
    });
  }
  const target = into === null ? null : classNameOf(database, into);
  const idsWhere = (of: Int32Array) =>
    Array.from(columns.ids.subarray(0, columns.length)).filter((_, at) => of[at] === classId);
  return {
    label: target === null ? `Delete class “${name}”` : `Merge “${name}” into “${target}”`,
    change: {
      kind: 'delete-class',
      classId,
      name,
      colour: colourOf(database, classId),
      into: into ?? 0,
      // Removed images too: they come back with what their class has become.
      itemIds: idsWhere(columns.classIds),
      imported: idsWhere(columns.importedClassIds),
    },
  };
}

/** Gives images a new class, in one step. @returns the plan, and the class's id. @throws NOT_FOUND, CONFLICT */
export function planSplitClass(
  database: Database,
  columns: Columns,
  itemIds: readonly number[],
  name: string,
): { plan: Plan; classId: number } {
  const add = planNewClass(database, name);
  const { classId } = add.change;
  const label = planRelabel(database, columns, itemIds, { id: classId, name });
  const changes: Exclude<Change, { kind: 'group' }>[] = [add.change];
  if (label) changes.push(label.change);
  return {
    plan: { label: `Split ${images(itemIds.length)} into “${name}”`, change: { kind: 'group', changes } },
    classId,
  };
}
