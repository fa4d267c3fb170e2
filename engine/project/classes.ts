/** The classes as people see them, with what they count and their colours. Changing them is journal.ts. */
import { AtelierError } from '#contract/errors.ts';
import { longestClassName, readableName } from '#contract/names.ts';
import { type Class, Colour } from '#contract/project.ts';
import { noClassId } from './database-problems.ts';
import { type Columns, noCounts } from './columns.ts';
import { type Database, row, rows } from './database.ts';

/** Keys of the Label room, in the order of the classes. */
const classKeys = '1234567890abcdefghijklmnopqrstuvwxyz';

/** Told apart by people who see colours differently, too (Tol's bright and muted sets), on light and dark ground. */
const colours = '#4477aa #ee6677 #228833 #ccbb44 #66ccee #aa3377 #ee8866 #44aa99 #999933 #882255'.split(' ');
/** By the class's number, so that a class keeps its colour when others go. */
const colourAt = (id: number): string => colours[(id - 1) % colours.length]!;

/** @throws CONFLICT where another class bears the name */
export function requireUnused(database: Database, name: string, exceptId = 0): string {
  if (row(database, 'SELECT id FROM classes WHERE name = ? AND id <> ?', name, exceptId)) {
    throw new AtelierError(
      'CONFLICT',
      `Expected a name that no other class has, received "${name}". Choose another one.`,
      { name },
    );
  }
  return name;
}

/** In the order of their ids. A class that a hand took away from under its images is there in name. */
export function classesWithCounts(database: Database, columns: Columns): Class[] {
  const { byClass } = columns.counts();
  const known = rows<{ id: number; name: unknown; colour: unknown }>(
    database,
    `SELECT id, name, colour FROM classes WHERE id > 0 AND id < ${noClassId} ORDER BY id`,
  ).map(({ id, name, colour }, index) => ({
    id,
    name: readableName(name, longestClassName),
    key: classKeys[index] ?? null,
    colour: Colour.safeParse(colour).data ?? colourAt(id),
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
      colour: colourAt(id),
      counts: { ...counts },
    })),
  ];
}
