/**
 * What a project keeps of itself in its table `meta`: its id, its name, how its parts are drawn. A cell that cannot be read
 * counts as absent, and database-problems.ts says so.
 */
import { randomUUID } from 'node:crypto';
import { countOf, shareOf, textOf } from './database-problems.ts';
import { type Database, row } from './database.ts';

/** How parts are drawn. */
export interface SplitSettings {
  /** Of what is not test data. */
  validationShare: number;
  /** Of all images; 0 draws no test part. */
  testShare: number;
  seed: number;
}

const defaultSplit: Readonly<SplitSettings> = { validationShare: 0.2, testShare: 0.15, seed: 1 };

/** Empty where it is missing. */
export const settingOf = (database: Database, key: 'id' | 'name' | 'createdAt'): string =>
  cellOf(database, key);

const cellOf = (database: Database, key: string): string =>
  textOf(row<{ value: unknown }>(database, 'SELECT value FROM meta WHERE key = ?', key)?.value);

/** Of a project that has just been made. */
export function writeSettings(database: Database, name: string): void {
  const put = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  put.run('id', randomUUID());
  put.run('name', name);
  put.run('createdAt', new Date().toISOString());
  put.run('validationShare', String(defaultSplit.validationShare));
  put.run('splitSeed', String(defaultSplit.seed));
}

export function splitSettings(database: Database): SplitSettings {
  return {
    validationShare: shareOf(cellOf(database, 'validationShare')) ?? defaultSplit.validationShare,
    testShare: shareOf(cellOf(database, 'testShare')) ?? defaultSplit.testShare,
    seed: countOf(cellOf(database, 'splitSeed')) ?? defaultSplit.seed,
  };
}

/** Its saved views, as JSON; empty where there were none. What they say is left to saved-views.ts. */
export const savedViewsSetting = (database: Database): string => cellOf(database, 'savedViews');

export function writeSavedViewsSetting(database: Database, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run('savedViews', value);
}

/** Which embeddings a project has, as JSON; empty where none were asked for. What it says is left to engine/jobs/embed.ts. */
export const embeddingSetting = (database: Database): string => cellOf(database, 'embeddings');

export function writeEmbeddingSetting(database: Database, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run('embeddings', value);
}
