/** The storages there are. To add one: write a `Storage` and put it on this list; storage.ts says what it has to answer. */
import { keptPixels } from './kept-pixels.ts';
import { originalFiles } from './original-files.ts';
import type { Storage } from './storage.ts';

export const storages: readonly Storage[] = [keptPixels, originalFiles];

/** @param name as a database has it; what nobody knows is taken for files, which are looked for and not found */
export const storageOf = (name: string): Storage =>
  storages.find((storage) => storage.name === name) ?? originalFiles;
