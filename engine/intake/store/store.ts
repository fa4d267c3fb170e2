/**
 * Writes what an importer read into the project, in one transaction: all of a source or nothing of it, and only when the
 * studio says so. Runs in the worker, while the studio keeps every other change waiting.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions } from '#contract/import.ts';
import { splitNames, type Split } from '#contract/project.ts';
import { type Database, rows } from '../../project/database.ts';
import { splitSettings } from '../../project/settings.ts';
import { type Known, refuseMovedFolder, withoutKnown } from './known.ts';
import { putInPlace } from '../../images/packs/pack-file.ts';
import { type Pending, type PendingOptions, prepare, writeRows } from './pending.ts';
import { groupSkipped } from '../skipped.ts';
import type { ReadItem, ReadSource } from '../importer.ts';
import { assignSplits, splitIndex } from './splits.ts';

/** The new source, and what of it was left out. */
export type Stored = { sourceId: number } & Omit<Known, 'source'>;

interface Origin {
  /** What the person chose. */
  location: string;
  /** Where originals are read from later. */
  root: string;
  startedAt: number;
  /** What the import was taken to mean, said explicitly; a re-scan means the same. */
  options?: ImportOptions;
}

/**
 * An image is known by the folder that originals are read from and its name in there: a folder that is imported
 * again adds what came since, and nothing twice. The same picture in another file is another image.
 * @returns pending; whoever commits or rolls it back must do so soon
 * @throws SOURCE_EMPTY where no image could be taken, CONFLICT where all are there already, SOURCE_MOVED, CANCELLED, DISK_FULL,
 * FILE_NOT_WRITABLE; then nothing was written
 */
export async function storeSource(
  projectPath: string,
  read: ReadSource,
  origin: Origin,
  options: PendingOptions = {},
): Promise<Pending<Stored>> {
  if (read.items.length === 0) {
    rmSync(read.pack, { force: true });
    const reasons = groupSkipped(read.skippedFiles).slice(0, 3);
    throw new AtelierError(
      'SOURCE_EMPTY',
      `Expected images in ${origin.location}, found none that can be used. ` +
        (reasons.length > 0
          ? `${read.skippedFiles.length === 1 ? '1 file was' : `${read.skippedFiles.length} files were`} skipped: ${reasons.map(({ count, reason }) => `${count} × ${reason}`).join(' ')} `
          : '') +
        'Choose a folder that holds one folder of images per class.',
      { location: origin.location, skippedFiles: read.skippedFiles.slice(0, 20) },
    );
  }
  let placed: string | null = null;
  return prepare(
    projectPath,
    async (database) => {
      refuseMovedFolder(database, projectPath, read, origin);
      const { source, ...already } = withoutKnown(database, read, origin);
      const known = knownSplits(database);
      joinKnownGroups(database, source.items, known);
      const splits = assignSplits(source.items, known, splitSettings(database), read.items);

      const added = database
        .prepare(
          'INSERT INTO sources (storage, location, root, imported_at, seconds, items, options) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          source.storage.name,
          origin.location,
          origin.root,
          new Date().toISOString(),
          (Date.now() - origin.startedAt) / 1000,
          source.items.length,
          JSON.stringify(origin.options ?? {}),
        );
      const sourceId = Number(added.lastInsertRowid);

      const classIds = provideClasses(database, source.classes);
      const addItem = database.prepare(
        `INSERT INTO items (source_id, name, class_id, imported_class_id, split, width, height, hash, position, length, fixed, group_name)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
      );
      const addNotice = database.prepare('INSERT OR IGNORE INTO notices (item_id, text) VALUES (?, ?)');
      await writeRows(
        source.items,
        (item, index) => {
          const { lastInsertRowid } = addItem.run(
            sourceId,
            item.name,
            item.className === null ? null : classIds.get(item.className)!,
            splitIndex(splits[index]!),
            item.width,
            item.height,
            Buffer.from(item.hash, 'hex'),
            item.position,
            item.length,
            item.part === 'pool' ? 0 : 1,
            item.group ?? null,
          );
          for (const text of item.notices ?? []) addNotice.run(lastInsertRowid, text);
        },
        options,
      );
      const putAside = database.prepare('INSERT INTO set_aside (source_id, path, reason) VALUES (?, ?, ?)');
      await writeRows(
        source.skippedFiles,
        ({ path, reason }) => putAside.run(sourceId, path, reason),
        options.signal ? { signal: options.signal } : {},
      );
      // On the disk before the commit: a pack without a source is overwritten by the next one, a source without a
      // pack is lost.
      placed = join(projectPath, 'packs', source.storage.packName(sourceId));
      putInPlace(source.pack, placed);
      return { sourceId, ...already };
    },
    () => {
      rmSync(read.pack, { force: true });
      if (placed) rmSync(placed, { force: true });
    },
  );
}

/** An image of a group that the project has already goes where the others are, as if it were a copy of one of them. */
export function joinKnownGroups(
  database: Database,
  items: readonly ReadItem[],
  known: Map<string, Split>,
): void {
  if (items.every(({ group }) => group === undefined)) return;
  const groups = new Map(
    rows<{ name: string; split: number }>(
      database,
      'SELECT group_name AS name, max(split) AS split FROM items WHERE group_name IS NOT NULL AND split IS NOT NULL GROUP BY group_name',
    ).map(({ name, split }) => [name, splitNames[split]!]),
  );
  for (const { group, hash } of items) {
    const split = group === undefined ? undefined : groups.get(group);
    if (split && !known.has(hash)) known.set(hash, split);
  }
}

/** The part of each content that the project knows, removed images too: runs of before have seen them. */
export function knownSplits(database: Database): Map<string, Split> {
  const known = new Map<string, Split>();
  for (const { hash, split } of rows<{ hash: string; split: number }>(
    database,
    'SELECT lower(hex(hash)) AS hash, split FROM items WHERE split IS NOT NULL',
  )) {
    known.set(hash, splitNames[split]!);
  }
  return known;
}

/** Adds the classes that are not there yet. @returns all ids by name */
export function provideClasses(database: Database, names: readonly string[]): Map<string, number> {
  const addClass = database.prepare('INSERT INTO classes (name) VALUES (?) ON CONFLICT (name) DO NOTHING');
  for (const name of names) addClass.run(name);
  return new Map(
    rows<{ id: number; name: string }>(database, 'SELECT id, name FROM classes').map(({ id, name }) => [
      name,
      id,
    ]),
  );
}
