/**
 * What a person's change of labels, classes or images comes to, planned from the present state: its words in the history and
 * what journal.ts is to do. Null where it would change nothing. Drawing the parts anew is redraw.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { splitNames } from '#contract/project.ts';
import { groupBy } from '#learning/grouped.ts';
import { noClassId, noPart, unlabelled } from './database-problems.ts';
import { type Columns, noCounts } from './columns.ts';
import { type Database, row, rows } from './database.ts';
import { noItem } from './items.ts';
import type { Change } from './journal.ts';
import { partsOfLabelled } from './label-parts.ts';
import { splitSettings } from './settings.ts';
import { sourceById } from './sources.ts';

export interface Plan<Planned extends Change = Change> {
  /** As undo and redo name it. */
  label: string;
  change: Planned;
}

type Of<Kind extends Change['kind']> = Plan<Extract<Change, { kind: Kind }>>;

/**
 * Gives the items the class, and a part where they have none; null takes their label away.
 * @param wanted with its name where it is about to be made. @throws NOT_FOUND
 */
export function planRelabel(
  database: Database,
  columns: Columns,
  itemIds: readonly number[],
  wanted: number | { id: number; name: string } | null,
): Of<'relabel'> | null {
  const { id: classId, name } =
    typeof wanted === 'number'
      ? { id: wanted, name: classNameOf(database, wanted) }
      : (wanted ?? { id: unlabelled, name: null });
  const before = classesOf(columns, itemIds).filter(([, was]) => was !== classId);
  if (before.length === 0) return null;
  const parts =
    name === null
      ? []
      : drawnParts(
          database,
          columns,
          before.map(([itemId]) => [itemId, classId] as const),
        );
  return {
    label:
      name === null
        ? `Remove the label of ${images(before.length)}`
        : `Label ${images(before.length)} “${name}”`,
    change: { kind: 'relabel', classId, before, ...(parts.length > 0 && { parts }) },
  };
}

/** Ids of items that are there, each once. @throws NOT_FOUND */
export function requireItems(columns: Columns, itemIds: readonly number[]): number[] {
  return [...new Set(itemIds)].map((itemId) => {
    const at = columns.positionOf(itemId);
    if (at < 0 || columns.removed[at]) throw noItem(itemId);
    return itemId;
  });
}

/** Items with their classes. @throws NOT_FOUND */
const classesOf = (columns: Columns, itemIds: readonly number[]) =>
  requireItems(columns, itemIds).map((itemId): [itemId: number, classId: number] => [
    itemId,
    columns.classIds[columns.positionOf(itemId)]!,
  ]);

/** What gives images their classes, a change for each class. @param parts of those that had none */
export const relabels = (
  labels: ReadonlyMap<number, [itemId: number, was: number][]>,
  parts: ReadonlyMap<number, number>,
) =>
  [...labels].map(([classId, before]) => {
    const own = before.flatMap(([id]): [number, number][] => (parts.has(id) ? [[id, parts.get(id)!]] : []));
    return { kind: 'relabel' as const, classId, before, ...(own.length > 0 && { parts: own }) };
  });

/**
 * Gives images the classes that were suggested for them, each its own, as one step. Null where all have these.
 * @throws NOT_FOUND
 */
export function planSuggested(
  database: Database,
  columns: Columns,
  suggestions: readonly { itemId: number; classId: number }[],
): Plan | null {
  const wanted = new Map(suggestions.map(({ itemId, classId }) => [itemId, classId]));
  const before = classesOf(columns, [...wanted.keys()]).filter(([itemId, was]) => was !== wanted.get(itemId));
  const labels = groupBy(before, ([itemId]) => wanted.get(itemId)!);
  const names = [...labels.keys()].map((classId) => classNameOf(database, classId));
  if (before.length === 0) return null;
  // SplitItem together: copies of one image go into one part, whatever classes they get.
  const classes = before.map(([itemId]) => [itemId, wanted.get(itemId)!] as const);
  const parts = new Map(drawnParts(database, columns, classes));
  const as = names.length === 1 ? `“${names[0]}”` : `as suggested (${names.length} classes)`;
  return {
    label: `Label ${images(before.length)} ${as}`,
    change: { kind: 'group', changes: relabels(labels, parts) },
  };
}

/**
 * Parts for those of the items that have none yet. Excluded ones are drawn by themselves: they must not take the part that
 * a class needs an image in.
 * @param labelled items and the classes they get
 */
export function drawnParts(
  database: Database,
  columns: Columns,
  labelled: readonly (readonly [itemId: number, classId: number])[],
  isExcluded = (itemId: number) => columns.excluded[columns.positionOf(itemId)] === 1,
): [itemId: number, part: number][] {
  const open = labelled.filter(([itemId]) => columns.splits[columns.positionOf(itemId)] === noPart);
  if (open.length === 0) return [];
  const { byClass, fixedIn } = columns.counts();
  const strata = open.map(([itemId, classId]) => [itemId, isExcluded(itemId) ? -classId : classId] as const);
  return partsOfLabelled(database, strata, {
    countsOf: (id) => byClass.get(id) ?? noCounts(),
    fixes: (split) => fixedIn[splitNames.indexOf(split)]! > 0,
    settings: splitSettings(database),
  });
}

/** Takes the items out of the project; those that were removed before are left out. @throws NOT_FOUND */
export function planRemoval(columns: Columns, itemIds: readonly number[]): Plan | null {
  const there = [...new Set(itemIds)].filter((itemId) => {
    const at = columns.positionOf(itemId);
    if (at < 0) throw noItem(itemId);
    return columns.removed[at] === 0;
  });
  if (there.length === 0) return null;
  return { label: `Remove ${images(there.length)}`, change: { kind: 'remove', itemIds: there } };
}

/** Takes all images of a source out of the project. @throws NOT_FOUND */
export function planSourceRemoval(database: Database, sourceId: number): Plan {
  const { location } = sourceById(database, sourceId);
  const itemIds = rows<{ id: number }>(
    database,
    'SELECT id FROM items WHERE source_id = ? AND removed = 0',
    sourceId,
  ).map(({ id }) => id);
  return { label: `Remove the source ${location}`, change: { kind: 'remove', itemIds } };
}

/** The class gets a number that no class has had. @param others classes that the same step makes before */
export function planNewClass(database: Database, name: string, others = 0): Of<'add-class'> {
  const { id } = row<{ id: number }>(
    database,
    `SELECT 1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'classes' AND seq < ${noClassId}), 0),
      coalesce((SELECT max(id) FROM classes WHERE id < ${noClassId}), 0)) AS id`,
  )!;
  return { label: `Add class “${name}”`, change: { kind: 'add-class', classId: id + others, name } };
}

/** @throws NOT_FOUND */
export function planRename(database: Database, classId: number, name: string): Plan | null {
  const before = classNameOf(database, classId);
  if (before === name) return null;
  return {
    label: `Rename “${before}” to “${name}”`,
    change: { kind: 'rename-class', classId, before, after: name },
  };
}

export const images = (count: number) => (count === 1 ? '1 image' : `${count} images`);

/** @throws NOT_FOUND */
export function classNameOf(database: Database, classId: number): string {
  const found = row<{ name: string }>(database, 'SELECT name FROM classes WHERE id = ?', classId);
  if (found) return found.name;
  throw new AtelierError('NOT_FOUND', `Expected a class of this project, received class ${classId}.`, {
    classId,
  });
}
