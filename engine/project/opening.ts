/**
 * How a project's folder is made, and how its lock and its database are taken hold of: to work, or, where nothing can
 * be written, to look. What is done with them is project.ts.
 */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import { longestName, readableName } from '#contract/names.ts';
import { isFull } from '#contract/storage-errors.ts';
import { makeFolder } from '../places.ts';
import { Connection, type ConnectionTerms } from './connection.ts';
import { type Database, row } from './database.ts';
import {
  databaseName,
  existingFolder,
  folders,
  projectFolder,
  requireWritableFolder,
  suffix,
} from './folder.ts';
import { removeLeftovers, removeUnmade, removeUnusedUploads } from './leftovers.ts';
import { type Lock, lockProject } from './lock.ts';
import { writeSettings } from './settings.ts';
import { isBlank, isUnmade, isUnmadeDatabase, markMaking } from './unmade.ts';

/** @returns whether the folder itself was made. @throws PROJECT_EXISTS, FILE_NOT_WRITABLE, DISK_FULL */
function makeFolders(folder: string): boolean {
  const there = existsSync(folder);
  if (there && !statSync(folder).isDirectory()) {
    throw new AtelierError(
      'PROJECT_EXISTS',
      `Expected a new or empty folder, but ${folder} is a file. Choose another name.`,
      { path: folder },
    );
  }
  if (there && !isUnmade(folder)) {
    if (existsSync(join(folder, databaseName))) throw projectExists(folder);
    throw new AtelierError(
      'PROJECT_EXISTS',
      `Expected a new or empty folder, but ${folder} holds files. Choose another name.`,
      { path: folder },
    );
  }
  const made = !there;
  try {
    for (const part of folders) makeFolder(join(folder, part));
  } catch (cause) {
    if (isFull(cause)) throw storageError(cause, { kind: 'file', path: folder, doing: 'write' })!;
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') {
      throw new AtelierError(
        'FILE_NOT_WRITABLE',
        `Expected a name that the file system takes, received ${folder}, which is too long. Choose a shorter one.`,
        { path: folder },
        { cause },
      );
    }
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected a place where a project can be made, but ${dirname(folder)} cannot be written to. Choose another place.`,
      { path: folder },
      { cause },
    );
  }
  return made;
}

/**
 * Makes a project's folder and database, for this program to hold; where it fails, what it made goes.
 * @param use the project of them, and whether the folder was not there before
 * @throws PROJECT_EXISTS, FILE_NOT_WRITABLE, DISK_FULL
 */
export async function makeProject<T>(
  path: string,
  name: string | undefined,
  program: string,
  use: (folder: string, hold: Hold, made: boolean) => T,
): Promise<T> {
  const folder = projectFolder(path);
  const made = makeFolders(folder);
  let lock: Lock | undefined;
  let connection: Connection | undefined;
  /** Whether what is in the folder is for this call to fill, and to take away where that fails. */
  let ours = made;
  try {
    lock = lockProject(folder, program);
    ours ||= !existsSync(join(folder, databaseName));
    connection = await Connection.open(join(folder, databaseName), true);
    await connection.settled();
    await connection.change((database) => {
      // Another process may have made one since the folder was looked at.
      ours = isUnmadeDatabase(database);
      if (!ours) throw projectExists(folder);
      writeSettings(database, name?.trim() || readableName(basename(folder, suffix), longestName));
      markMaking(database);
    });
    removeLeftovers(join(folder, 'packs'));
    removeUnusedUploads(folder, connection.database);
    return use(folder, { connection, lock }, made);
  } catch (thrown) {
    await connection?.close();
    // Whoever holds the lock has a project there, or is making one.
    const held = thrown instanceof AtelierError && thrown.code === 'PROJECT_LOCKED';
    if (ours && !held) removeUnmade(folder, made, lock);
    lock?.release();
    throw held ? projectExists(folder, thrown) : thrown;
  }
}

const projectExists = (folder: string, cause?: unknown): AtelierError =>
  new AtelierError(
    'PROJECT_EXISTS',
    `Expected a place without a project, but ${folder} holds one. Open it, or choose another name.`,
    { path: folder },
    { cause },
  );

/** @throws PROJECT_NOT_FOUND, PROJECT_DAMAGED where its database is none of files */
export function requireFolder(path: string): string {
  const folder = existingFolder(path);
  if (folder) {
    requireDatabaseFiles(folder);
    return folder;
  }
  throw new AtelierError(
    'PROJECT_NOT_FOUND',
    `Expected a project folder (NAME${suffix}), received ${path}, which holds none. Check the path, or make a new project there.`,
    { path },
  );
}

/**
 * Where the database is a pipe, SQLite calls that a failing disk; where its log is one, it waits for ever; and through a link
 * in the log's place it would write into whatever that leads to. @throws PROJECT_DAMAGED
 */
function requireDatabaseFiles(folder: string): void {
  const path = join(folder, databaseName);
  const odd = statSync(path).isFile()
    ? ['-wal', '-shm', '-journal']
        .map((end) => path + end)
        .find((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    : path;
  if (odd === undefined) return;
  throw new AtelierError(
    'PROJECT_DAMAGED',
    odd === path
      ? `Expected a database at ${path}, where a folder, a pipe or a device is. Put back a copy of ${databaseName}.`
      : `Expected the database's own file at ${odd}, where a folder, a link, a pipe or a device is. Nothing was opened. If you did not put it there, remove it, then open the project again.`,
    { path: odd },
  );
}

/** Makes those folders of an open project that are absent. @throws DISK_FULL, FILE_NOT_WRITABLE */
export function completeFolders(folder: string): void {
  for (const part of folders) {
    const path = join(folder, part);
    try {
      makeFolder(path);
    } catch (cause) {
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (!there || there.isDirectory())
        throw storageError(cause, { kind: 'file', path, doing: 'write' }) ?? cause;
      throw new AtelierError(
        'FILE_NOT_WRITABLE',
        `Expected the project's folder ${path}, where a file, or a link to no folder, is. Move that away, then open the project again.`,
        { path },
        { cause },
      );
    }
  }
}

/** What an open project holds; no lock where it is looked at and cannot be locked. */
export interface Hold {
  connection: Connection;
  lock: Lock | null;
}

/** @throws PROJECT_LOCKED, PROJECT_TOO_NEW, PROJECT_DAMAGED, and all that `storageError` knows */
export async function takeHold(folder: string, program: string, terms?: ConnectionTerms): Promise<Hold> {
  const database = join(folder, databaseName);
  const held: { lock?: Lock } = {};
  try {
    try {
      requireWritableFolder(folder);
      held.lock = lockProject(folder, program);
      removeLeftovers(join(folder, 'packs'));
      return { lock: held.lock, connection: await Connection.open(database, false, terms) };
    } catch (thrown) {
      if (!allowsToLook(thrown)) throw thrown;
      return { lock: held.lock ?? null, connection: Connection.look(database, thrown, terms) };
    }
  } catch (thrown) {
    held.lock?.release();
    throw storageError(thrown, { kind: 'project', path: folder, doing: 'read' }) ?? thrown;
  }
}

/** @throws PROJECT_DAMAGED for a database without a project */
export function requireContent({ database }: Connection, path: string): void {
  if (row(database, 'SELECT 1 AS found FROM meta')) return;
  throw new AtelierError(
    'PROJECT_DAMAGED',
    `Expected a whole project at ${path}, but its database holds no project. Put back a copy of ${databaseName}.`,
    { path },
  );
}

/** @throws CONFLICT where the project was not just made, or holds something already */
export function requireBlank(database: Database, path: string, justMade: boolean): void {
  if (justMade && isBlank(database)) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a project that was just made and is empty, but ${path} holds something. It was left as it is.`,
    { path },
  );
}

/** What keeps a project from being changed and not from being looked at. */
const allowsToLook = (thrown: unknown): thrown is AtelierError =>
  thrown instanceof AtelierError && ['PROJECT_READ_ONLY', 'DISK_FULL'].includes(thrown.code);
