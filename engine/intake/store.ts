/**
 * Writes what an importer read into the project, in one transaction: all of a source or nothing of it.
 * Runs in the worker, while the studio keeps every other change waiting.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { splitNames, type Split } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { type Database, openDatabase, row, rows, transaction } from '../project/database.ts';
import { databaseName, defaultSplit } from '../project/project.ts';
import { putInPlace } from './pack-file.ts';
import { groupSkipped } from './skipped.ts';
import { packName, type ReadItem, type ReadSource } from './source.ts';
import { assignSplits, splitIndex } from './splits.ts';

export interface Stored {
  sourceId: number;
  /** Images that were left out: the project has them from the same file already. */
  alreadyThere: number;
}

/**
 * An image is known by the folder that originals are read from and its name in there: a folder that is imported
 * again adds what came since, and nothing twice. The same picture in another file is another image.
 * @param location what the person chose; `root` is where originals are read from later
 * @throws SOURCE_EMPTY where no image could be taken, CONFLICT where all are there already, DISK_FULL, FILE_NOT_WRITABLE
 */
export function storeSource(
  projectPath: string,
  read: ReadSource,
  origin: { location: string; root: string; startedAt: number },
): Stored {
  if (read.items.length === 0) {
    rmSync(read.pack, { force: true });
    const reasons = groupSkipped(read.setAside).slice(0, 3);
    throw new AtelierError(
      'SOURCE_EMPTY',
      `Expected images in ${origin.location}, found none that can be used. ` +
        (reasons.length > 0
          ? `${read.setAside.length} files were skipped: ${reasons.map(({ count, reason }) => `${count} × ${reason}`).join(' ')} `
          : '') +
        'Choose a folder that holds one folder of images per class.',
      { location: origin.location, setAside: read.setAside.slice(0, 20) },
    );
  }
  const database = openDatabase(join(projectPath, databaseName));
  try {
    return transaction(database, () => {
      const source = withoutKnown(database, read, origin);
      const setting = (key: string, otherwise: number) =>
        Number(
          row<{ value: string }>(database, 'SELECT value FROM meta WHERE key = ?', key)?.value ?? otherwise,
        );
      const known = new Map<string, Split>();
      for (const { hash, split } of rows<{ hash: string; split: number }>(
        database,
        'SELECT lower(hex(hash)) AS hash, split FROM items',
      )) {
        known.set(hash, splitNames[split]!);
      }
      joinKnownGroups(database, source.items, known);
      const draw = {
        validationShare: setting('validationShare', defaultSplit.validationShare),
        testShare: setting('testShare', defaultSplit.testShare),
        seed: setting('splitSeed', defaultSplit.seed),
      };
      const splits = assignSplits(source.items, known, draw, read.items);

      const added = database
        .prepare(
          'INSERT INTO sources (kind, location, root, imported_at, seconds, items, height, width) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          source.kind,
          origin.location,
          origin.root,
          new Date().toISOString(),
          (Date.now() - origin.startedAt) / 1000,
          source.items.length,
          source.height,
          source.width,
        );
      const sourceId = Number(added.lastInsertRowid);

      const addClass = database.prepare(
        'INSERT INTO classes (name) VALUES (?) ON CONFLICT (name) DO NOTHING',
      );
      for (const name of source.classes) addClass.run(name);
      const classIds = new Map(
        rows<{ id: number; name: string }>(database, 'SELECT id, name FROM classes').map(({ id, name }) => [
          name,
          id,
        ]),
      );
      const addItem = database.prepare(
        `INSERT INTO items (source_id, name, class_id, imported_class_id, split, width, height, hash, position, length, fixed, group_name)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
      );
      const addNotice = database.prepare('INSERT OR IGNORE INTO notices (item_id, text) VALUES (?, ?)');
      source.items.forEach((item, index) => {
        const { lastInsertRowid } = addItem.run(
          sourceId,
          item.name,
          classIds.get(item.className)!,
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
      });
      const putAside = database.prepare('INSERT INTO set_aside (source_id, path, reason) VALUES (?, ?, ?)');
      for (const { path, reason } of source.setAside) putAside.run(sourceId, path, reason);
      // On the disk before the commit: a pack without a source is overwritten by the next one, a source without a
      // pack is lost.
      putInPlace(source.pack, join(projectPath, 'packs', packName(source.kind, sourceId)));
      return { sourceId, alreadyThere: read.items.length - source.items.length };
    });
  } finally {
    database.close();
  }
}

/** An image of a group that the project has already goes where the others are, as if it were a copy of one of them. */
function joinKnownGroups(database: Database, items: readonly ReadItem[], known: Map<string, Split>): void {
  if (items.every(({ group }) => group === undefined)) return;
  const groups = new Map(
    rows<{ name: string; split: number }>(
      database,
      'SELECT group_name AS name, max(split) AS split FROM items WHERE group_name IS NOT NULL GROUP BY group_name',
    ).map(({ name, split }) => [name, splitNames[split]!]),
  );
  for (const { group, hash } of items) {
    const split = group === undefined ? undefined : groups.get(group);
    if (split && !known.has(hash)) known.set(hash, split);
  }
}

/** What of a source the project does not have yet. @throws CONFLICT where that is nothing */
function withoutKnown(
  database: Database,
  source: ReadSource,
  { location, root }: { location: string; root: string },
): ReadSource {
  const of = (column: string, table: string) =>
    new Set(
      rows<{ name: string }>(
        database,
        `SELECT ${column} AS name FROM ${table} JOIN sources ON sources.id = source_id WHERE root = ?`,
        root,
      ).map(({ name }) => name),
    );
  const known = of('name', 'items');
  if (known.size === 0) return source;
  const items = source.items.filter(({ name }) => !known.has(name));
  if (items.length > 0) {
    const told = of('path', 'set_aside');
    const classes = source.classes.filter((name) => items.some(({ className }) => className === name));
    return { ...source, items, classes, setAside: source.setAside.filter(({ path }) => !told.has(path)) };
  }
  rmSync(source.pack, { force: true });
  throw new AtelierError(
    'CONFLICT',
    `Expected images that the project does not have yet, but all ${source.items.length} of ${location} were imported before. Nothing was changed.`,
    { location, alreadyThere: source.items.length },
  );
}
