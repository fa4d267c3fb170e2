/**
 * What a worker has written to the project and not committed. The studio says when it counts: a worker whose studio is gone
 * ends, and the database forgets what was pending. While it is pending nobody else can write.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { type Database, inWords, openDatabase } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';

export interface PendingOptions {
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

const rowsPerTurn = 500;

export class Pending<T> {
  constructor(
    private readonly database: Database,
    private readonly path: string,
    readonly result: T,
    private readonly onRollback: () => void,
  ) {}

  /** @throws DISK_FULL and all that `storageError` knows; then nothing was written */
  commit(): T {
    try {
      inWords(this.path, () => this.database.exec('COMMIT'));
    } catch (thrown) {
      this.rollback();
      throw thrown;
    }
    this.database.close();
    return this.result;
  }

  rollback(): void {
    if (this.database.isTransaction) this.database.exec('ROLLBACK');
    this.database.close();
    this.onRollback();
  }
}

/**
 * Writes `work` into the project's database and leaves it pending. @throws what `work` throws, DISK_FULL; then nothing was
 * written, and `onRollback` was called
 */
export async function prepare<T>(
  projectPath: string,
  work: (database: Database) => Promise<T>,
  onRollback: () => void = () => undefined,
): Promise<Pending<T>> {
  const path = join(projectPath, databaseName);
  const database = openDatabase(path);
  const pending = (result: T) => new Pending(database, path, result, onRollback);
  try {
    database.exec('BEGIN IMMEDIATE');
    return pending(await work(database));
  } catch (thrown) {
    pending(undefined as T).rollback();
    return inWords(path, () => {
      throw thrown;
    });
  }
}

/** Writes row by row; a cancel is heard, and a studio that died is noticed, between them. @throws CANCELLED */
export async function writeRows<T>(
  list: readonly T[],
  write: (row: T, index: number) => void,
  { signal, onProgress }: PendingOptions,
): Promise<void> {
  for (let at = 0; at < list.length; at += rowsPerTurn) {
    if (signal?.aborted) throw new AtelierError('CANCELLED', 'Cancelled. Nothing was changed.');
    list.slice(at, at + rowsPerTurn).forEach((row, index) => write(row, at + index));
    onProgress?.(Math.min(list.length, at + rowsPerTurn), list.length);
    await turnOfEventLoop();
  }
}
