/**
 * Takes over what a re-scan found: new items for new content, names for what moved, removal of what is gone, as one step of
 * the journal. An item is one content for ever: content that changed becomes a new item with the labels of the old one, so
 * that runs made before stay what they are. Runs in the worker, while the studio keeps every other change waiting.
 */
import { createReadStream, existsSync, openSync, closeSync, fsyncSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { SourceUpdate, Take } from '#contract/sources.ts';
import { unlabelled } from '../../project/database-problems.ts';
import { type Database, row, rows } from '../../project/database.ts';
import { record } from '../../project/journal.ts';
import { drawingOf, partsOfLabelled } from '../../project/label-parts.ts';
import type { Place, UpdateChange } from '../../project/removal.ts';
import { splitSettings } from '../../project/settings.ts';
import { sourceById } from '../../project/sources.ts';
import type { Changes, FoundFile, KnownItem } from './compare.ts';
import { storageOf } from '../../images/storage/storages.ts';
import { append } from '../../images/packs/pack-file.ts';
import { type Pending, type PendingOptions, prepare, writeRows } from '../store/pending.ts';
import type { ReadItem, ReadSource } from '../importer.ts';
import { assignSplits, splitIndex } from '../store/splits.ts';
import { joinKnownGroups, knownSplits, provideClasses } from '../store/store.ts';

export interface Update {
  sourceId: number;
  changes: Changes;
  take: Take;
  /** Where the source is from now on; null where it stays. */
  place: Place | null;
  /** What was read of the files to take: all that `filesToRead` names, but for those skipped. */
  read: Pick<ReadSource, 'items' | 'skippedFiles' | 'pack'>;
}

interface ItemRow {
  name: string;
  class_id: number | null;
  imported_class_id: number | null;
  split: number | null;
  removed: number;
}

/** Names of the files whose content the project does not have. */
export const filesToRead = ({ added, changed }: Changes, take: Take): string[] => [
  ...(take.includes('added') ? added.map(({ name }) => name) : []),
  ...(take.includes('changed') ? changed.map(({ file }) => file.name) : []),
];

/** @returns pending. @throws NOT_FOUND, CONFLICT where nothing is left to take over, CANCELLED, DISK_FULL */
export function updateSource(
  projectPath: string,
  { sourceId, changes, take, place, read }: Update,
  options: PendingOptions = {},
): Promise<Pending<SourceUpdate>> {
  return prepare(
    projectPath,
    async (database) => {
      const source = sourceById(database, sourceId);
      const siblings = rows<{ id: number }>(database, 'SELECT id FROM sources WHERE root = ?', source.root);
      const fresh = new Map(read.items.map((item) => [item.name, item]));
      const find = database.prepare(
        'SELECT name, class_id, imported_class_id, split, removed FROM items WHERE id = ?',
      );
      /** Much may have happened since it was compared. */
      const is = ({ id, name }: KnownItem, removed: 0 | 1) => {
        const now = find.get(id) as unknown as ItemRow | undefined;
        return now?.removed === removed && now.name === name;
      };
      const taken = <T>(kind: Take[number], list: T[]): T[] => (take.includes(kind) ? list : []);

      const moved = taken('moved', changes.moved).filter(({ item }) => is(item, 0));
      const returned = taken('returned', changes.returned).filter(({ item }) => is(item, 1));
      const gone = taken('gone', changes.gone).filter((item) => is(item, 0));
      const changed = taken('changed', changes.changed).filter(
        ({ item, file }) => is(item, 0) && fresh.has(file.name),
      );
      const added = taken('added', changes.added).filter(({ name }) => fresh.has(name));

      const offset = await appendPack(
        join(projectPath, 'packs', storageOf(source.storage).packName(sourceId)),
        read.pack,
      );
      const insert = inserter(database, sourceId, offset);
      const inherit = database.prepare(
        'UPDATE items SET (excluded, note, hard) = (SELECT excluded, note, hard FROM items WHERE id = ?) WHERE id = ?',
      );
      const newItems: number[] = [];
      const splits = knownSplits(database);
      await writeRows(
        changed,
        ({ item, file }) => {
          const now = fresh.get(file.name)!;
          const before = find.get(item.id) as unknown as ItemRow;
          const known = splits.get(now.hash);
          const itemId = insert(
            now,
            before.class_id,
            before.imported_class_id,
            known && before.split !== null ? splitIndex(known) : before.split,
          );
          inherit.run(item.id, itemId);
          newItems.push(itemId);
        },
        options,
      );
      const addedItems = added.map(({ name }) => fresh.get(name)!);
      joinKnownGroups(database, addedItems, splits);
      const drawn = assignSplits(addedItems, splits, splitSettings(database), [
        ...read.items,
        ...partsOf(changes),
      ]);
      const classIds = provideClasses(database, [
        ...new Set([
          ...addedItems.flatMap(({ className }) => className ?? []),
          ...(take.includes('labels') ? moved.flatMap(({ file }) => file.className ?? []) : []),
        ]),
      ]);
      await writeRows(
        addedItems,
        (item, index) => {
          const classId = item.className === null ? null : classIds.get(item.className)!;
          newItems.push(insert(item, classId, classId, splitIndex(drawn[index]!)));
        },
        options,
      );

      const labels = (take.includes('labels') ? moved : []).flatMap(
        ({ item, file }): [number, number, number][] => {
          if (file.className === null) return [];
          const before = (find.get(item.id) as unknown as ItemRow).class_id ?? unlabelled;
          const after = classIds.get(file.className)!;
          return before === after ? [] : [[item.id, before, after]];
        },
      );
      const parts = partsOfLabelled(
        database,
        labels.map(([itemId, , after]) => [itemId, after] as const),
        drawingOf(database),
      );
      const change: UpdateChange = {
        kind: 'update-source',
        added: [...newItems, ...returned.map(({ item }) => item.id)],
        removed: [...changed.map(({ item }) => item.id), ...gone.map(({ id }) => id)],
        moved: [...moved, ...returned]
          .filter(({ item, file }) => item.name !== file.name)
          .map(({ item, file }) => [item.id, item.name, file.name]),
        labels,
        ...(parts.length > 0 && { parts }),
        place: place && {
          sourceIds: siblings.map(({ id }) => id),
          before: { location: source.location, root: source.root },
          after: place,
        },
      };
      if (place) refuseTaken(database, place, change.place!.sourceIds);
      refuseEmpty(change);
      record(database, updateWords(source.location, place), change);
      skippedFiles(database, sourceId, read.skippedFiles);
      return {
        sourceId,
        added: added.length,
        changed: changed.length,
        moved: moved.length,
        gone: gone.length,
        returned: returned.length,
        labels: labels.length,
        skippedFiles: read.skippedFiles,
      };
    },
    () => rmSync(read.pack, { force: true }),
  );
}

const updateWords = (location: string, place: Place | null) =>
  place ? `Relink ${location} to ${place.location}` : `Update ${location}`;

/** Parts that the source fixes get nothing drawn into them. */
const partsOf = ({ moved, changed }: Changes): Pick<ReadItem, 'part'>[] =>
  [...moved, ...changed].map(({ file }): FoundFile => file);

function inserter(database: Database, sourceId: number, offset: number) {
  const add = database.prepare(
    `INSERT INTO items (source_id, name, class_id, imported_class_id, split, width, height, hash, position, length, fixed, group_name)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const say = database.prepare('INSERT OR IGNORE INTO notices (item_id, text) VALUES (?, ?)');
  return (
    item: ReadItem,
    classId: number | null,
    importedClassId: number | null,
    split: number | null,
  ): number => {
    const itemId = Number(
      add.run(
        sourceId,
        item.name,
        classId,
        importedClassId,
        split,
        item.width,
        item.height,
        Buffer.from(item.hash, 'hex'),
        offset + item.position,
        item.length,
        item.part === 'pool' ? 0 : 1,
        item.group ?? null,
      ).lastInsertRowid,
    );
    for (const text of item.notices ?? []) say.run(itemId, text);
    return itemId;
  };
}

/**
 * Puts what was read behind what the source's file has; where nothing comes of it, nothing refers to them.
 * @returns where they begin. @throws DISK_FULL, FILE_NOT_WRITABLE
 */
async function appendPack(path: string, part: string): Promise<number> {
  const offset = existsSync(path) ? statSync(path).size : 0;
  if (!existsSync(part)) return offset;
  const file = openSync(path, 'a');
  try {
    for await (const bytes of createReadStream(part)) append(file, bytes as Buffer, path);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  rmSync(part, { force: true });
  return offset;
}

function refuseTaken(database: Database, { root }: Place, sourceIds: number[]): void {
  const other = row<{ id: number }>(
    database,
    'SELECT id FROM sources WHERE root = ? AND items > 0 AND id NOT IN (SELECT value FROM json_each(?))',
    root,
    JSON.stringify(sourceIds),
  );
  if (!other) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a folder that no other source is read from, but ${root} is that of source ${other.id}. Remove one of the two sources instead.`,
    { sourceId: other.id },
  );
}

function refuseEmpty({ added, removed, moved, labels, place }: UpdateChange): void {
  if (place || [added, removed, moved, labels].some(({ length }) => length > 0)) return;
  throw new AtelierError(
    'CONFLICT',
    'Expected something to take over, but nothing is left of it. Re-scan the source again.',
  );
}

function skippedFiles(database: Database, sourceId: number, files: SkippedFile[]): void {
  const drop = database.prepare('DELETE FROM set_aside WHERE source_id = ? AND path = ?');
  const add = database.prepare('INSERT INTO set_aside (source_id, path, reason, at) VALUES (?, ?, ?, ?)');
  const now = new Date().toISOString();
  for (const { path, reason } of files) {
    drop.run(sourceId, path);
    add.run(sourceId, path, reason, now);
  }
}
