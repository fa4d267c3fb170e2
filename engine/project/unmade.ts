/**
 * A project that was still being made when its maker died (`kill -9`, a power cut): how it is told from every other one, so
 * that the next attempt to make a project there takes it over. Taking it over is project.ts.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, row } from './database.ts';
import { databaseName, folders } from './folder.ts';
import { lookInto } from './look.ts';

/** Key in `meta` from a project's making until it is closed, or opened again. */
const mark = 'making';

const filesOf = (name: string) => ['', '-wal', '-shm', '-journal'].map((end) => name + end);
const ownFiles: ReadonlySet<string> = new Set([
  ...filesOf(databaseName),
  ...filesOf('lock.sqlite'),
  'lock.json',
]);
const ownFolders: ReadonlySet<string> = new Set(folders);

/** Whether nothing came into the project yet, or, after an undo, ever. */
export function isBlank(database: Database): boolean {
  return ['sources', 'items', 'classes', 'journal', 'runs', 'studies'].every(
    (table) =>
      // The schema itself may be half made.
      !row(database, "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = ?", table) ||
      !row(database, `SELECT 1 AS one FROM ${table} LIMIT 1`),
  );
}

/** Whether it is blank, and its maker neither finished nor left it. */
export const isUnmadeDatabase = (database: Database): boolean =>
  isBlank(database) && (!hasSettings(database) || isMarked(database));

const hasSettings = (database: Database): boolean =>
  row(database, "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'meta'") !== undefined &&
  row(database, 'SELECT 1 AS one FROM meta LIMIT 1') !== undefined;

export const isMarked = (database: Database): boolean =>
  row(database, 'SELECT 1 AS one FROM meta WHERE key = ?', mark) !== undefined;

/**
 * Whether a folder holds what a maker that died leaves, and nothing else: nobody loses anything where a project is made in it.
 * Only looks; who takes it over asks the database again when it holds the lock.
 */
export function isUnmade(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const ours = entry.isDirectory() ? ownFolders : entry.isFile() ? ownFiles : null;
      if (!ours?.has(entry.name)) return false;
    }
    const filled = folders.filter(
      (part) => existsSync(join(folder, part)) && readdirSync(join(folder, part)).length > 0,
    );
    const path = join(folder, databaseName);
    if (!existsSync(path)) return filled.length === 0;
    const database = lookInto(path, 0);
    try {
      if (!isUnmadeDatabase(database)) return false;
      // Files of a first import that was killed; without settings there never was one.
      return filled.every((part) => hasSettings(database) && (part === 'packs' || part === 'uploads'));
    } finally {
      database.close();
    }
  } catch {
    // What cannot be looked into is not taken for nothing.
    return false;
  }
}

export const markMaking = (database: Database): void => {
  database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '')").run(mark);
};

export const unmarkMaking = (database: Database): void => {
  database.prepare('DELETE FROM meta WHERE key = ?').run(mark);
};
