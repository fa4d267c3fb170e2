/**
 * What is labelled while the project is tortured, and what must be so afterwards: images of Fashion-MNIST, three at a
 * time, in an order that a seed gives. What strikes is label.ts, replaced.ts, locked.ts and full-disk.ts.
 */
import { join } from 'node:path';
import { openBare, row, rows } from '#engine/project/database.ts';
import { OpenProject } from '#engine/project/project.ts';
import { fillWithFashion } from '#engine/testing-project.ts';
import { generator } from '#learning/random-numbers.ts';

interface Step {
  itemIds: number[];
  classId: number;
}

const images = 2500;
const classes = 10;
const together = 3;

/** The n-th step of a seed, from 0: the same in the process that labels and in the one that looks. */
export function stepOf(seed: number, turn: number): Step {
  const uniform = generator(seed, turn);
  const first = 1 + Math.floor(uniform() * (images - together));
  return {
    itemIds: Array.from({ length: together }, (_, index) => first + index),
    classId: 1 + Math.floor(uniform() * classes),
  };
}

/** The class of each image, and how many changes led there. */
export interface Labels {
  /** By item id; [0] is no item. */
  classIds: number[];
  changes: number;
}

/** What a step makes of the labels, as `OpenProject.relabel` does. */
export function after({ classIds, changes }: Labels, { itemIds, classId }: Step): Labels {
  if (itemIds.every((itemId) => classIds[itemId] === classId)) return { classIds, changes };
  const next = [...classIds];
  for (const itemId of itemIds) next[itemId] = classId;
  return { classIds: next, changes: changes + 1 };
}

export const same = (a: Labels, b: Labels): boolean =>
  a.changes === b.changes && a.classIds.every((classId, itemId) => classId === b.classIds[itemId]);

/** A project of its own at `path`. */
export async function makeProject(path: string): Promise<void> {
  await (await OpenProject.create(path, 'Torture', 'torture')).close();
  await fillWithFashion(path);
}

/** What the database of a project that nobody has open says. @throws Error where SQLite finds it damaged */
export function labelsIn(path: string): Labels {
  const database = openBare(join(path, 'project.sqlite'));
  try {
    const check = row<{ quick_check: string }>(database, 'PRAGMA quick_check')!.quick_check;
    if (check !== 'ok') throw new Error(`SQLite finds the database damaged: ${check}`);
    const classIds = [0];
    for (const item of rows<{ id: number; classId: number }>(
      database,
      'SELECT id, class_id AS classId FROM items ORDER BY id',
    ))
      classIds[item.id] = item.classId;
    const { changes } = row<{ changes: number }>(database, 'SELECT count(*) AS changes FROM journal')!;
    return { classIds, changes };
  } finally {
    database.close();
  }
}
