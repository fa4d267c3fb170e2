/**
 * How a project's folder is made, and how its lock and its database are taken hold of: to work, or, where nothing can
 * be written, to look. What is done with them is project.ts.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AtelierError, storageError } from '#contract/errors.ts';
import { isFull } from '#contract/storage-errors.ts';
import { makeFolder } from '../places.ts';
import { Connection, type ConnectionTerms } from './connection.ts';
import { type Database, row } from './database.ts';
import { databaseName, existingFolder, folders, requireWritableFolder, suffix } from './folder.ts';
import { removeLeftovers } from './leftovers.ts';
import { type Lock, lockProject } from './lock.ts';

/** @returns whether the folder itself was made. @throws PROJECT_EXISTS, FILE_NOT_WRITABLE, DISK_FULL */
export function makeFolders(folder: string): boolean {
  if (existsSync(join(folder, databaseName))) {
    throw new AtelierError(
      'PROJECT_EXISTS',
      `Expected a place without a project, but ${folder} holds one. Open it, or choose another name.`,
      { path: folder },
    );
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new AtelierError(
      'PROJECT_EXISTS',
      `Expected a new or empty folder, but ${folder} holds files. Choose another name.`,
      { path: folder },
    );
  }
  const made = !existsSync(folder);
  try {
    for (const part of folders) makeFolder(join(folder, part));
  } catch (cause) {
    if (isFull(cause)) throw storageError(cause, { kind: 'file', path: folder, doing: 'write' })!;
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected a place where a project can be made, but ${dirname(folder)} cannot be written to. Choose another place.`,
      { path: folder },
      { cause },
    );
  }
  return made;
}

/** @throws PROJECT_NOT_FOUND */
export function requireFolder(path: string): string {
  const folder = existingFolder(path);
  if (folder) return folder;
  throw new AtelierError(
    'PROJECT_NOT_FOUND',
    `Expected a project folder (NAME${suffix}), received ${path}, which holds none. Check the path, or make a new project there.`,
    { path },
  );
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
  const filled = ['sources', 'items', 'classes', 'journal', 'runs', 'studies'].some((table) =>
    row(database, `SELECT 1 AS one FROM ${table} LIMIT 1`),
  );
  if (justMade && !filled) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a project that was just made and is empty, but ${path} holds something. It was left as it is.`,
    { path },
  );
}

/** What keeps a project from being changed and not from being looked at. */
const allowsToLook = (thrown: unknown): thrown is AtelierError =>
  thrown instanceof AtelierError && ['PROJECT_READ_ONLY', 'DISK_FULL'].includes(thrown.code);
