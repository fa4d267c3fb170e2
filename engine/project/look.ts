/**
 * Opens a project's database to look at where nothing can be written: a read-only folder, a full disk. SQLite wants
 * to make two files beside a database in WAL mode; where it cannot, the database alone is read if all is in it, else a
 * copy of the database and of what its log holds. Opening it to write is database.ts.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { sqliteCodeOf } from '#contract/storage-errors.ts';

type Database = InstanceType<typeof DatabaseSync>;

/** Primary codes by which SQLite says that it could not make the files that it wants beside the database. */
const cannotMake = [8, 10, 13, 14];

/** @param wait milliseconds to wait within SQLite for a lock. @throws what SQLite says */
export function lookInto(path: string, wait: number): Database {
  try {
    return read(path, '', wait);
  } catch (thrown) {
    const code = sqliteCodeOf(thrown);
    if (code === null || !cannotMake.includes(code & 0xff) || !existsSync(path)) throw thrown;
  }
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  // Nobody writes to it from here, and whoever does so from elsewhere keeps a log.
  if (!log || log.size === 0) return read(path, '&immutable=1', wait);
  return copyOf(path, wait);
}

function read(path: string, how: string, wait: number): Database {
  const database = new DatabaseSync(`${pathToFileURL(path).href}?mode=ro${how}`, {
    readOnly: true,
    timeout: wait,
  });
  try {
    // Opening alone reads nothing.
    database.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return database;
}

/** In the first place that has room; on Linux memory is one. */
function copyOf(path: string, wait: number): Database {
  let fault: unknown;
  for (const place of [tmpdir(), '/dev/shm']) {
    let folder: string | undefined;
    const remove = () => {
      // Windows keeps what is open: there it goes with the next cleaning of the temporary folder.
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    };
    try {
      folder = mkdtempSync(join(place, 'atelier-look-'));
      const copy = join(folder, 'project.sqlite');
      for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
      const database = new DatabaseSync(copy, { timeout: wait });
      database.exec('PRAGMA query_only = ON');
      database.prepare('SELECT count(*) FROM sqlite_master').get();
      // It is open, and stays so without a name.
      if (process.platform !== 'win32') remove();
      return database;
    } catch (thrown) {
      fault ??= thrown;
      remove();
    }
  }
  throw fault;
}
