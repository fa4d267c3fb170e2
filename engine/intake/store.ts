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
import { packName, type ReadSource } from './source.ts';
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
    const first = read.setAside[0];
    throw new AtelierError(
      'SOURCE_EMPTY',
      `Expected images in ${origin.location}, found none that can be used. ` +
        (first
          ? `${read.setAside.length} files were set aside, the first: ${first.path} (${first.reason}) `
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
      const draw = {
        validationShare: setting('validationShare', defaultSplit.validationShare),
        testShare: defaultSplit.testShare,
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
        `INSERT INTO items (source_id, name, class_id, imported_class_id, split, width, height, hash, position, length)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
      );
      source.items.forEach((item, index) => {
        addItem.run(
          sourceId,
          item.name,
          classIds.get(item.className)!,
          splitIndex(splits[index]!),
          item.width,
          item.height,
          Buffer.from(item.hash, 'hex'),
          item.position,
          item.length,
        );
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

/**
 * What of a source the project does not have yet. Images that were removed by hand stay out, unless all of the folder
 * were: then it is imported anew. @throws CONFLICT where that is nothing
 */
function withoutKnown(
  database: Database,
  source: ReadSource,
  { location, root }: { location: string; root: string },
): ReadSource {
  const known = rows<{ name: string; removed: number }>(
    database,
    'SELECT name, removed FROM items JOIN sources ON sources.id = source_id WHERE root = ?',
    root,
  );
  if (!known.some(({ removed }) => removed === 0)) return source;
  const names = new Set(known.map(({ name }) => name));
  const items = source.items.filter(({ name }) => !names.has(name));
  if (items.length > 0) {
    const told = new Set(
      rows<{ path: string }>(
        database,
        'SELECT path FROM set_aside JOIN sources ON sources.id = source_id WHERE root = ?',
        root,
      ).map(({ path }) => path),
    );
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
