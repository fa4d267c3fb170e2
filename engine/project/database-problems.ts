/**
 * Cells of the database that hold what this program would never write: a hand, another program or a rotten disk may
 * have. They are read as something that can be shown, and said; the rest of the project is as it was. Rows of runs and
 * studies, which cannot do without any of their fields, are left to damaged.ts.
 */
import { faultOfName, longestClassName, longestName } from '#contract/names.ts';
import { storages } from '../images/storage/storages.ts';
import { type Database, rows } from './database.ts';
import { RunId } from '#contract/ids.ts';
import { visible } from '#contract/visible.ts';

/** Largest id that the columns in memory hold; it stands for a class that an item names and that cannot be one. */
export const noClassId = 2 ** 31 - 1;
/** Stands in memory and in the journal for the class of an unlabelled image; the database has NULL. */
export const unlabelled = 0;
/** Stands in memory for the part of an image that is in none yet; the database has NULL. */
export const noPart = 3;

/** As text, whatever it is. */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (cell instanceof Uint8Array) return `(${cell.length} bytes)`;
  return cell === null || cell === undefined ? '' : String(cell);
}

/** As a whole number within bounds. */
export const wholeOf = (cell: unknown, low: number, high: number, otherwise: number): number =>
  Number.isInteger(cell) && (cell as number) >= low && (cell as number) <= high
    ? (cell as number)
    : otherwise;

/** SQL for the same, where rows are too many to be looked at one by one. @param absent where the cell is null */
export const wholeIn = (
  column: string,
  low: number,
  high: number,
  otherwise: number,
  absent = otherwise,
): string =>
  `CASE WHEN ${column} IS NULL THEN ${absent} WHEN typeof(${column}) = 'integer' AND ${column} BETWEEN ${low} AND ${high} THEN ${column} ELSE ${otherwise} END`;

/** What was found, each said once, in the order in which it was met. */
export class DatabaseProblems {
  readonly #said = new Set<string>();

  say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    process.stderr.write(`${visible(text)}\n`);
  }

  list(): string[] {
    return [...this.#said];
  }
}

/** Looks through the tables of which a person sees all rows. The others tell when they are read. */
export function findBadCells(database: Database, problems: DatabaseProblems): void {
  const settings = rows<{ key: unknown; value: unknown }>(database, 'SELECT key, value FROM meta');
  for (const key of ['id', 'name', 'createdAt', 'validationShare', 'splitSeed']) {
    if (settings.every((setting) => setting.key !== key))
      problems.say(`The project's setting “${key}” is missing. What it would be otherwise is used.`);
  }
  const bad = <Row extends object>(sql: string) => rows<Row & { count: number }>(database, sql);
  for (const { key, value } of settings) {
    const fault = faultOfMeta(textOf(key), value);
    if (fault) problems.say(`The project's setting “${textOf(key)}” cannot be read: ${fault}`);
  }
  for (const { id, name } of rows<{ id: number; name: unknown }>(database, 'SELECT id, name FROM classes')) {
    const fault =
      typeof name === 'string' ? faultOfName(name, longestClassName) : 'Expected a text. Rename it.';
    if (fault) problems.say(`The name of class ${id} is none that a class can have: ${fault}`);
    if (wholeOf(id, 1, noClassId - 1, 0) === 0)
      problems.say(`Class ${id} is left out: its number is none that a class can have.`);
  }
  const [strays] = bad(`SELECT count(*) AS count FROM items WHERE id <= 0 OR id > ${noClassId}`);
  if (strays!.count > 0)
    problems.say(`${strays!.count} images are left out: their numbers are none that an image can have.`);
  for (const { id } of bad<{ id: number }>(
    `SELECT id, 0 AS count FROM sources WHERE typeof(location) <> 'text' OR typeof(root) <> 'text'
      OR typeof(imported_at) <> 'text' OR typeof(items) <> 'integer' OR items < 0 OR storage NOT IN (${storages.map(({ name }) => `'${name}'`).join(', ')}) OR id <= 0 OR id >= ${noClassId}`,
  ))
    problems.say(
      `Source ${id} is described by cells that cannot be read. Import it again into a new project.`,
    );
  const [files] = bad(
    "SELECT count(*) AS count FROM set_aside WHERE typeof(path) <> 'text' OR typeof(reason) <> 'text'",
  );
  if (files!.count > 0) problems.say(`${files!.count} skipped files are named by cells that cannot be read.`);
  const [changes] = bad(
    `SELECT count(*) AS count FROM journal WHERE typeof(label) <> 'text' OR typeof(change) <> 'text'
      OR NOT json_valid(change) OR undone NOT IN (0, 1)`,
  );
  if (changes!.count > 0)
    problems.say(`${changes!.count} changes of the history cannot be read. They cannot be undone.`);
}

function faultOfMeta(key: string, value: unknown): string | null {
  if (typeof value !== 'string') return 'Expected a text. What it would be otherwise is used.';
  const other = 'What it would be otherwise is used.';
  switch (key) {
    case 'id':
      return value === '' ? `Expected an id, received an empty text. ${other}` : null;
    case 'name':
      return faultOfName(value, Math.max(longestName, longestClassName));
    case 'createdAt':
      return Number.isNaN(Date.parse(value)) ? `Expected a date, received “${value}”. ${other}` : null;
    case 'validationShare':
    case 'testShare':
      return shareOf(value) === null ? `Expected a share of 0 to 1, received “${value}”. ${other}` : null;
    case 'splitSeed':
    case 'lastRun':
    case 'lastStudy':
      return countOf(value) === null ? `Expected a whole number, received “${value}”. ${other}` : null;
    default: {
      const deleted = deletedRunOf(key);
      return key.startsWith(deletedMark) && deleted === null
        ? 'Expected the id of a deleted run. No folder is removed for it.'
        : null;
    }
  }
}

/** A share as `meta` keeps it; null where it is none. */
export function shareOf(value: unknown): number | null {
  const share = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return share >= 0 && share <= 1 ? share : null;
}

/** A whole number as `meta` keeps it; null where it is none. */
export function countOf(value: unknown): number | null {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/** Key in `meta` by which a deleted run's folder is known until it is gone. */
export const deletedMark = 'deleted:';

/** The run whose folder is to go; null where that is no run's name, but, say, a way out of the project's folder. */
export function deletedRunOf(key: string): string | null {
  const runId = RunId.safeParse(key.slice(deletedMark.length));
  return key.startsWith(deletedMark) && runId.success ? runId.data : null;
}
