/** The folder NAME.atelier: what it is called, what is in it, and whether it can be written to. */
import { accessSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { storageError } from '#contract/errors.ts';

export const suffix = '.atelier';
export const folders = ['packs', 'runs', 'exports', 'uploads'] as const;
export const databaseName = 'project.sqlite';

/** Project folders bear the suffix; a name without it gets it. */
export function projectFolder(path: string): string {
  const full = resolve(path);
  return full.endsWith(suffix) ? full : full + suffix;
}

/** The folder of the project at a path that may lack the suffix; undefined where there is none. */
export const existingFolder = (path: string): string | undefined =>
  [resolve(path), projectFolder(path)].find((place) => existsSync(join(place, databaseName)));

/** @throws PROJECT_READ_ONLY where the folder or the database cannot be written to */
export function requireWritableFolder(folder: string): void {
  for (const path of [folder, join(folder, databaseName)]) {
    try {
      accessSync(path, constants.W_OK);
    } catch (thrown) {
      throw storageError(thrown, { kind: 'project', path: folder, doing: 'write' }) ?? thrown;
    }
  }
}
