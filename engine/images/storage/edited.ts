/**
 * Which originals were edited since they were last known to be what was imported. A file that was not written to since then
 * is not read: only the others are, and compared by their hash. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';
import { ChangedOriginals, type Original } from './changed-originals.ts';
import { originalPath } from './original-files.ts';
import { originalsUpTo } from './originals.ts';
import { storageOf } from './storages.ts';

const atOnce = 4;
/** Clocks of file systems are coarse; what changed so shortly before the comparison is compared again. */
const clockMargin = 2000;
const noteName = 'originals-compared.json';

/** What was compared last, and when (ms). */
const Note = z.object({ of: z.string(), at: z.number() });

/**
 * Refuses originals whose content is not what was imported, without packing them: for who learns from what is kept of them.
 * They are known to be whole as of their import, or of the last time that this was asked. What is gone is no matter here.
 * @param rows that are looked at though their images were removed since
 * @throws ORIGINAL_CHANGED, SOURCE_UNREADABLE
 */
export async function requireUnedited(
  project: string,
  lastItemId: number,
  asked: Iterable<number>,
): Promise<void> {
  const items = originalsUpTo(project, lastItemId);
  const kept = new Set(asked);
  const wanted = items.map(({ removed }, row) => !removed || kept.has(row));
  const began = Date.now();
  const of = digestOf(items, wanted);
  const noted = readNote(project);
  const imported = importsBegan(project);
  const since = (item: Original) =>
    Math.max(imported.get(item.sourceId) ?? 0, noted?.of === of ? noted.at : 0);
  const { allThere } = await refuseEdited(project, items, wanted, since);
  if (allThere) writeNote(project, { of, at: began });
}

/**
 * Refuses originals that were written to since they were known to be what was imported and hold something else now.
 * @param since in milliseconds
 * @returns whether none of them is gone
 * @throws ORIGINAL_CHANGED
 */
export async function refuseEdited(
  project: string,
  items: Original[],
  wanted: boolean[],
  since: (item: Original) => number,
): Promise<{ allThere: boolean }> {
  const edited = new ChangedOriginals(project);
  const gone = new ChangedOriginals(project);
  const open = items.filter(
    ({ storage, removed }, row) => wanted[row] && !removed && storageOf(storage).originals,
  );
  const lastWrite = lastWrites();
  let next = 0;
  const work = async () => {
    for (let index = next++; index < open.length; index = next++) {
      const item = open[index]!;
      const written = await lastWrite(originalPath(project, item), resolve(project, item.root));
      if (written === null) gone.add(item, 'missing');
      else if (written >= since(item) - clockMargin) {
        const faults = new ChangedOriginals(project);
        await storageOf(item.storage)
          .picture(project, item, faults)
          .catch(() => gone.add(item, 'missing'));
        if (faults.any) edited.add(item, 'changed');
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  edited.refuse();
  return { allThere: !gone.any };
}

/**
 * When another file may last have come to stand at a path, in milliseconds: the file was written to, or it, the link that
 * stands there, or a folder above it up to `root` was replaced or renamed. Folders are asked once. null where nothing is there.
 */
function lastWrites(): (path: string, root: string) => Promise<number | null> {
  const folders = new Map<string, Promise<number>>();
  const timeOf = async (path: string) => {
    // Of a link its own time, too: it may lead elsewhere now, to a file that is old.
    const [own, target] = await Promise.all([lstat(path), stat(path)]);
    return Math.max(own.ctimeMs, target.mtimeMs, target.ctimeMs);
  };
  const ofFolder = (folder: string, root: string): Promise<number> => {
    const known = folders.get(folder);
    if (known) return known;
    const above = dirname(folder);
    const last = Promise.all([
      timeOf(folder),
      folder === root || above === folder ? 0 : ofFolder(above, root),
    ]).then((times) => Math.max(...times));
    folders.set(folder, last);
    return last;
  };
  return (path, root) =>
    Promise.all([timeOf(path), ofFolder(dirname(path), root)]).then(
      (times) => Math.max(...times),
      () => null,
    );
}

/**
 * When reading each source began, in milliseconds: what was not written to since is what was read. Nothing is known where a
 * source was relinked, since files of any age may lie in another folder.
 */
function importsBegan(project: string): Map<number, number> {
  const database = openForReading(join(project, databaseName));
  try {
    const relinked = rows(database, `SELECT id FROM journal WHERE instr(change, '"place":{') > 0 LIMIT 1`);
    if (relinked.length > 0) return new Map();
    const sources = rows<{ id: number; importedAt: string; seconds: number }>(
      database,
      'SELECT id, imported_at AS importedAt, seconds FROM sources',
    );
    return new Map(
      sources.map(({ id, importedAt, seconds }) => [id, Date.parse(importedAt) - seconds * 1000]),
    );
  } finally {
    database.close();
  }
}

function digestOf(items: Original[], wanted: boolean[]): string {
  const hash = createHash('sha256');
  items.forEach(({ root, name, hash: content }, row) => {
    if (wanted[row]) hash.update(JSON.stringify([root, name, content]));
  });
  return hash.digest('hex');
}

const notePath = (project: string) => join(project, 'packs', noteName);

function readNote(project: string): z.infer<typeof Note> | null {
  try {
    return Note.parse(JSON.parse(readFileSync(notePath(project), 'utf8')));
  } catch {
    return null;
  }
}

function writeNote(project: string, note: z.infer<typeof Note>): void {
  const path = notePath(project);
  try {
    writeFileSync(`${path}.part`, JSON.stringify(note));
    renameSync(`${path}.part`, path);
  } catch {
    // Where it cannot be kept, the next training compares again.
  }
}
