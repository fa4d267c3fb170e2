/**
 * SQLite behind the interface of `node:sqlite`, so that the builtin can take its place one day.
 * Durability is decided here (WAL, synchronous FULL); what is stored is left to migrations.ts, the studio's own
 * connection to connection.ts, and opening where nothing can be written to look.ts.
 */
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { AtelierError, storageError } from '#contract/errors.ts';
import { lookInto } from './look.ts';
import { migrate } from './migrations.ts';

export type Database = InstanceType<typeof DatabaseSync>;
type Value = null | number | bigint | string | Uint8Array;

/** Milliseconds for which a process that has nothing else to do waits in SQLite for a lock. The studio never does. */
const workerWait = 10_000;

interface Opening {
  /** Milliseconds to wait within SQLite, holding up the process. */
  wait?: number;
  /** Makes the file where there is none. */
  create?: boolean;
}

/**
 * Opens the project's database and brings it to this version's schema.
 * An acknowledged write is on the disk: every commit is synced (synchronous = FULL).
 * @throws PROJECT_TOO_NEW, PROJECT_DAMAGED, PROJECT_LOCKED, and all that `storageError` knows
 */
export function openDatabase(path: string, { wait = workerWait, create = false }: Opening = {}): Database {
  return inWords(path, () => {
    const database = new DatabaseSync(`${pathToFileURL(path).href}?mode=${create ? 'rwc' : 'rw'}`, {
      timeout: wait,
      enableForeignKeyConstraints: true,
    });
    try {
      migrate(database);
      return database;
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  });
}

/** A second connection that only reads; for workers. Works where nothing can be written, too. */
export function openForReading(path: string): Database {
  return inWords(path, () => lookInto(path, workerWait));
}

/** A file-backed database without schema or journal mode of its own: what the lock is made of. */
export function openBare(path: string): Database {
  return new DatabaseSync(path, { timeout: 0 });
}

/** Runs `work` in one transaction: all of it or nothing. @throws all that `storageError` knows */
export function transaction<T>(database: Database, work: () => T): T {
  return inWords(database.location() ?? 'memory', () => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (thrown) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw thrown;
    }
  });
}

/** What SQLite throws in `work` in the one true word for it; anything else stays what it is. */
export function inWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof AtelierError) throw thrown;
    throw storageError(thrown, { kind: 'project', path, doing: 'write' }) ?? thrown;
  }
}

/** Rows of a query. SQLite does not know our types: the caller names the columns it selected. */
export function rows<T extends object>(database: Database, sql: string, ...values: Value[]): T[] {
  const statement = database.prepare(sql);
  try {
    return statement.all(...values) as T[];
  } catch (thrown) {
    if (!isTooLarge(thrown)) throw thrown;
    statement.setReadBigInts(true);
    return (statement.all(...values) as Record<string, unknown>[]).map(withNumbers) as T[];
  }
}

/** The first row of a query, or undefined. */
export function row<T extends object>(database: Database, sql: string, ...values: Value[]): T | undefined {
  return rows<T>(database, sql, ...values)[0];
}

/**
 * Gives the row of this id what of `change` is not undefined; objects as JSON. Columns are called as the fields, none of which
 * comes from outside, are: finished_at for finishedAt.
 */
export function updateRow<T extends object>(
  database: Database,
  table: 'runs' | 'studies',
  id: string,
  change: T,
): void {
  const fields = (Object.keys(change) as (keyof T & string)[]).filter((key) => change[key] !== undefined);
  const values = fields.map((key): Value => {
    const value = change[key] as Value | object;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
  const columns = fields.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  database
    .prepare(`UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`)
    .run(...values, id);
}

/** A hand may have written a number that JavaScript cannot hold exactly; the row is read all the same, and its schema refuses it. */
const isTooLarge = (thrown: unknown) =>
  thrown instanceof Error &&
  /too large|ERR_OUT_OF_RANGE/.test(`${thrown.message} ${(thrown as { code?: string }).code}`);

const withNumbers = (found: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
