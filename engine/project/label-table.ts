/**
 * A table of labels taken over as one undoable step: each row's image found by its path or its content, and what the rows come
 * to. A row that cannot be taken over is named, never guessed. Reading CSV is left to those who have files.
 */
import { isAbsolute, resolve } from 'node:path';
import type { LabelEdit, LabelFault, LabelRow, LabelsReport } from '#contract/labels.ts';
import { splitNames } from '#contract/project.ts';
import { append } from '#learning/grouped.ts';
import { noPart, textOf, unlabelled } from './database-problems.ts';
import type { Columns } from './columns.ts';
import { type Database, rows } from './database.ts';
import type { Change } from './journal.ts';
import { drawnParts, images, type Plan, planNewClass, relabels } from './plans.ts';

type Single = Exclude<Change, { kind: 'group' }>;

interface Known {
  id: number;
  name: string;
  root: string;
  hash: string;
  class: string | null;
  excluded: string | null;
  note: string;
}

const knownSql = `SELECT items.id, items.name, sources.root, lower(hex(hash)) AS hash, classes.name AS class, excluded, note FROM items
  JOIN sources ON sources.id = source_id LEFT JOIN classes ON classes.id = class_id WHERE removed = 0`;

/** A page of the table that goes out; `after` is the last item of the page before. */
export function labelRows(
  database: Database,
  columns: Columns,
  after: number,
  limit: number,
): (LabelRow & { itemId: number })[] {
  const page = rows<Known>(database, `${knownSql} AND items.id > ${after} ORDER BY items.id LIMIT ${limit}`);
  return page.map(({ id, name, hash, class: label, excluded, note }) => ({
    itemId: id,
    path: textOf(name),
    hash: textOf(hash),
    label: label === null ? null : textOf(label),
    split: splitNames[columns.partAt(columns.positionOf(id))] ?? null,
    excluded: excluded === null ? null : textOf(excluded),
    hard: columns.hard[columns.positionOf(id)] === 1,
    note: textOf(note),
  }));
}

/** Finds a row's image. */
class Finder {
  readonly #byName = new Map<string, Known[]>();
  readonly #byPath = new Map<string, Known>();
  readonly #byHash = new Map<string, Known[]>();

  constructor(known: readonly Known[], projectPath: string) {
    for (const item of known) {
      append(this.#byName, item.name, item);
      append(this.#byHash, item.hash, item);
      this.#byPath.set(resolve(projectPath, item.root, item.name), item);
    }
  }

  find({ path, hash }: LabelEdit): Known | { reason: string } {
    if (path !== undefined && path !== '') {
      const named = isAbsolute(path) ? list(this.#byPath.get(resolve(path))) : this.#named(path);
      const same = hash === undefined ? named : named.filter((item) => item.hash === hash);
      if (same.length === 1) return same[0]!;
      if (same.length > 1)
        return {
          reason: `${same.length} images have this path, in several sources. Give the hash, or the whole path.`,
        };
      if (hash === undefined) return { reason: 'No image of the project has this path.' };
      if (named.length > 0 && !this.#byHash.has(hash))
        return { reason: 'The image at this path has other content than the hash says.' };
    }
    if (hash === undefined) return { reason: 'The row names neither a path nor a hash.' };
    const alike = this.#byHash.get(hash) ?? [];
    if (alike.length === 1) return alike[0]!;
    return {
      reason:
        alike.length === 0
          ? 'No image of the project has this path or this hash.'
          : `${alike.length} images have this content, and none of them has this path.`,
    };
  }

  #named(path: string): readonly Known[] {
    // A table for spreadsheets puts an apostrophe before what looks like a formula.
    return this.#byName.get(path) ?? this.#byName.get(unquoted(path)) ?? [];
  }
}

const list = <T>(one: T | undefined): T[] => (one === undefined ? [] : [one]);
const unquoted = (text: string) => (/^'[=+\-@\t\r\n]/.test(text) ? text.slice(1) : text);

/** @returns null for the plan where nothing would change */
export function planLabelTable(
  database: Database,
  columns: Columns,
  projectPath: string,
  edits: readonly LabelEdit[],
): { plan: Plan | null; report: Omit<LabelsReport, 'newTest'> } {
  const finder = new Finder(rows<Known>(database, `${knownSql} ORDER BY items.id`), projectPath);
  const faults: LabelFault[] = [];
  const wanted = new Map<number, { edit: LabelEdit; item: Known }>();
  for (const edit of edits) {
    const item = finder.find(edit);
    const fault = (reason: string) =>
      faults.push({ row: edit.row, path: edit.path ?? edit.hash ?? '', reason });
    if ('reason' in item) fault(item.reason);
    else {
      const before = wanted.get(item.id);
      if (!before) wanted.set(item.id, { edit, item });
      else if (!alike(before.edit, edit))
        fault(`It says something else than row ${before.edit.row}, which is of the same image and counts.`);
    }
  }
  const classIds = new Map(
    rows<{ id: number; name: string }>(database, 'SELECT id, name FROM classes').map(({ id, name }) => [
      name,
      id,
    ]),
  );
  const changes: Single[] = [];
  const newClasses: string[] = [];
  const idOf = (name: string): number => {
    const known = classIds.get(name) ?? classIds.get(unquoted(name));
    if (known !== undefined) return known;
    const { change } = planNewClass(database, unquoted(name), newClasses.length);
    changes.push(change);
    newClasses.push(change.name);
    classIds.set(change.name, change.classId);
    return change.classId;
  };

  const labels = new Map<number, [itemId: number, was: number][]>();
  const moved: [number, number, number][] = [];
  const reasons = new Map<string | null, [number, string | null][]>();
  const marks = new Map<boolean, number[]>();
  const notes = new Map<string, [number, string][]>();
  let unchanged = 0;
  for (const [itemId, { edit, item }] of wanted) {
    const at = columns.positionOf(itemId);
    if (at < 0) continue;
    const was = columns.classIds[at]!;
    let changed = false;
    const change = <K, T>(lists: Map<K, T[]>, key: K, one: T) => {
      append(lists, key, one);
      changed = true;
    };
    const now = edit.label === undefined ? was : edit.label === null ? unlabelled : idOf(edit.label);
    if (now !== was) change(labels, now, [itemId, was]);
    if (edit.split !== undefined) {
      const part = splitNames.indexOf(edit.split);
      const stays = columns.splits[at] === part;
      // With its label an image loses its part, which a row that was written out still names.
      if (now === unlabelled && !(stays && was !== unlabelled))
        faults.push({
          row: edit.row,
          path: item.name,
          reason: `It is unlabelled, so it cannot be in the ${edit.split} part. Give it a label too.`,
        });
      else if (!stays) {
        moved.push([itemId, columns.splits[at]!, part]);
        changed = true;
      }
    }
    if (edit.excluded !== undefined && edit.excluded !== item.excluded)
      change(reasons, edit.excluded, [itemId, item.excluded]);
    if (edit.hard !== undefined && edit.hard !== (columns.hard[at] === 1)) change(marks, edit.hard, itemId);
    if (edit.note !== undefined && edit.note !== item.note) change(notes, edit.note, [itemId, item.note]);
    if (!changed) unchanged++;
  }
  // Parts that the table says come first: what is then still without one is drawn.
  if (moved.length > 0) changes.push({ kind: 'set-part', moved });
  const said = new Set(moved.map(([itemId]) => itemId));
  const first = [...labels].flatMap(([classId, before]) =>
    classId === unlabelled
      ? []
      : before.filter(([id]) => !said.has(id)).map(([id]) => [id, classId] as const),
  );
  const reasonOf = new Map(
    [...reasons].flatMap(([reason, before]) => before.map(([id]) => [id, reason] as const)),
  );
  const isExcluded = (itemId: number) =>
    reasonOf.has(itemId) ? reasonOf.get(itemId) !== null : columns.excluded[columns.positionOf(itemId)] === 1;
  const parts = new Map(drawnParts(database, columns, first, isExcluded));
  changes.push(...relabels(labels, parts));
  for (const [reason, before] of reasons) changes.push({ kind: 'exclude', reason, before });
  for (const [hard, itemIds] of marks) changes.push({ kind: 'mark-hard', hard, itemIds });
  for (const [note, before] of notes) changes.push({ kind: 'note', note, before });

  const taken = (labels.get(unlabelled) ?? []).length;
  const included = (reasons.get(null) ?? []).length;
  const report: Omit<LabelsReport, 'newTest'> = {
    rows: edits.length,
    unchanged,
    labelled: sizeOf(labels) - taken,
    unlabelled: taken,
    moved: moved.filter(([, before]) => before !== noPart).length,
    excluded: sizeOf(reasons) - included,
    included,
    hard: sizeOf(marks),
    noted: sizeOf(notes),
    newClasses,
    faults: faults.sort((a, b) => a.row - b.row),
  };
  const plan =
    changes.length === 0
      ? null
      : {
          label: `Take over labels of ${images(wanted.size - unchanged)}`,
          change: { kind: 'group' as const, changes },
        };
  return { plan, report };
}

const sizeOf = (lists: ReadonlyMap<unknown, readonly unknown[]>): number =>
  [...lists.values()].reduce((sum, { length }) => sum + length, 0);
const alike = (a: LabelEdit, b: LabelEdit) =>
  a.label === b.label &&
  a.split === b.split &&
  a.excluded === b.excluded &&
  a.hard === b.hard &&
  a.note === b.note;
