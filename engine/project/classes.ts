/** The classes as people see them, with what they count. Changing them is journal.ts. */
import { longestClassName, readableName } from '#contract/names.ts';
import type { Class } from '#contract/project.ts';
import { noClassId } from './cells.ts';
import { type Columns, noCounts } from './columns.ts';
import { type Database, rows } from './database.ts';

/** Keys of the Label room, in the order of the classes. */
const classKeys = '1234567890abcdefghijklmnopqrstuvwxyz';

/** In the order of their ids. A class that a hand took away from under its images is there in name. */
export function classesWithCounts(database: Database, columns: Columns): Class[] {
  const { byClass } = columns.counts();
  const known = rows<{ id: number; name: unknown }>(
    database,
    `SELECT id, name FROM classes WHERE id > 0 AND id < ${noClassId} ORDER BY id`,
  ).map(({ id, name }, index) => ({
    id,
    name: readableName(name, longestClassName),
    key: classKeys[index] ?? null,
    counts: { ...(byClass.get(id) ?? noCounts()) },
  }));
  const ids = new Set(known.map(({ id }) => id));
  const missing = [...byClass].filter(([id, { total }]) => total > 0 && !ids.has(id));
  return [
    ...known,
    ...missing.map(([id, counts]) => ({
      id,
      name: `(class ${id} is missing)`,
      key: null,
      counts: { ...counts },
    })),
  ];
}
