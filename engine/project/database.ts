/**
 * SQLite behind the interface of `node:sqlite`, so that the builtin can take its place one day.
 * Durability is decided here (WAL, synchronous FULL); what is stored is left to migrations.ts.
 */
import { DatabaseSync } from '@photostructure/sqlite';
import { AtelierError } from '#contract/errors.ts';
import { migrate } from './migrations.ts';

export type Database = InstanceType<typeof DatabaseSync>;
export type Value = null | number | bigint | string | Uint8Array;

/**
 * Opens the project's database and brings it to this version's schema.
 * An acknowledged write is on the disk: every commit is synced (synchronous = FULL).
 * @throws PROJECT_TOO_NEW, PROJECT_DAMAGED
 */
export function openDatabase(path: string): Database {
  const database = new DatabaseSync(path, { timeout: 2000, enableForeignKeyConstraints: true });
  try {
    migrate(database, path);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** A second connection that only reads; for workers. */
export function openForReading(path: string): Database {
  return new DatabaseSync(path, { readOnly: true, timeout: 2000 });
}

/** A file-backed database without schema or journal mode of its own: what the lock is made of. */
export function openBare(path: string): Database {
  return new DatabaseSync(path, { timeout: 0 });
}

/** Runs `work` in one transaction: all of it or nothing. @throws DISK_FULL */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw writeFault(thrown);
  }
}

/** What a write that failed is told as. */
export const writeFault = (thrown: unknown): unknown => (isFull(thrown) ? diskFull(thrown) : thrown);

/** SQLITE_FULL, as the driver tells it. */
const isFull = (thrown: unknown) =>
  thrown instanceof Error &&
  !(thrown instanceof AtelierError) &&
  /database or disk is full|SQLITE_FULL/.test(thrown.message);

const diskFull = (cause: unknown) =>
  new AtelierError(
    'DISK_FULL',
    'No space is left to write the project. Nothing was changed; free some, then try again.',
    {},
    { cause },
  );

/** Rows of a query. SQLite does not know our types: the caller names the columns it selected. */
export function rows<T extends object>(database: Database, sql: string, ...values: Value[]): T[] {
  return database.prepare(sql).all(...values) as T[];
}

/** The first row of a query, or undefined. */
export function row<T extends object>(database: Database, sql: string, ...values: Value[]): T | undefined {
  return database.prepare(sql).get(...values) as T | undefined;
}
