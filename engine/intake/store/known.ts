/**
 * What of a source the project has already: the same files, files of its images that changed or moved, or all of a folder
 * that was imported from another place. Asked while a source is stored.
 */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { type Database, rows } from '../../project/database.ts';
import type { ReadItem, ReadSource } from '../importer.ts';

/** The part that is new, and how many images were left out of it, and why. */
export interface Known {
  source: ReadSource;
  alreadyThere: number;
  /** Of those already there: with other content now. */
  changed: number;
  /** Of those already there: under another name now. */
  moved: number;
}

interface KnownRow {
  sourceId: number;
  name: string;
  hash: string;
  removed: number;
}

/**
 * An image is known by the folder that originals are read from and its name in there. Images that were removed by hand stay
 * out, unless all of the folder were: then it is imported anew. A file whose content an image had whose own file is gone is
 * that image, moved.
 * @throws CONFLICT where nothing is new
 */
export function withoutKnown(
  database: Database,
  source: ReadSource,
  { location, root }: { location: string; root: string },
): Known {
  const known = rows<KnownRow>(
    database,
    `SELECT source_id AS sourceId, name, lower(hex(hash)) AS hash, removed
     FROM items JOIN sources ON sources.id = source_id WHERE root = ?`,
    root,
  );
  const live = known.filter(({ removed }) => removed === 0);
  if (live.length === 0) return { source, alreadyThere: 0, changed: 0, moved: 0 };
  const names = new Set(known.map(({ name }) => name));
  const here = new Map(source.items.map(({ name, hash }) => [name, hash]));
  const changed = live.filter(({ name, hash }) => here.has(name) && here.get(name) !== hash).length;
  const moves = new Map<string, number>();
  for (const { name, hash } of live) if (!here.has(name)) moves.set(hash, (moves.get(hash) ?? 0) + 1);
  let moved = 0;
  const items = source.items.filter(({ name, hash }) => {
    if (names.has(name)) return false;
    const left = moves.get(hash) ?? 0;
    if (left === 0) return true;
    moves.set(hash, left - 1);
    moved += 1;
    return false;
  });
  const counts = { alreadyThere: source.items.length - items.length, changed, moved };
  if (items.length > 0) return { source: { ...source, ...restOf(database, source, items, root) }, ...counts };

  rmSync(source.pack, { force: true });
  const rescan = rescanWords(counts, Math.min(...live.map(({ sourceId }) => sourceId)));
  throw new AtelierError(
    'CONFLICT',
    `Expected images that the project does not have yet, but all ${source.items.length} of ${location} were imported before. Nothing was changed.${rescan}`,
    { location, ...counts },
  );
}

/** What is said of images that an import does not take over; empty where there are none. */
function rescanWords({ changed, moved }: Pick<Known, 'changed' | 'moved'>, sourceId: number): string {
  const what = [
    ...(changed > 0 ? [`${changed} ${changed === 1 ? 'has' : 'have'} other content now`] : []),
    ...(moved > 0 ? [`${moved} ${moved === 1 ? 'lies' : 'lie'} under another name now`] : []),
  ];
  if (what.length === 0) return '';
  return ` Of them ${what.join(', and ')}: re-scan source ${sourceId} to take that over (Data, Sources; or \`atelier sources PROJECT rescan ${sourceId}\`).`;
}

function restOf(database: Database, source: ReadSource, items: ReadItem[], root: string) {
  const told = new Set(
    rows<{ path: string }>(
      database,
      'SELECT path FROM set_aside JOIN sources ON sources.id = source_id WHERE root = ?',
      root,
    ).map(({ path }) => path),
  );
  return {
    items,
    classes: source.classes.filter((name) => items.some(({ className }) => className === name)),
    skippedFiles: source.skippedFiles.filter(({ path }) => !told.has(path)),
  };
}

/**
 * Importing a folder again from where it moved to would bring all of its images twice.
 * @throws SOURCE_MOVED where at least half of the images are those of a source whose folder is gone
 */
export function refuseMovedFolder(
  database: Database,
  projectPath: string,
  { storage, items, pack }: ReadSource,
  { location, root }: { location: string; root: string },
): void {
  if (!storage.originals) return;
  const sources = rows<{ id: number; location: string; root: string }>(
    database,
    `SELECT id, location, root FROM sources WHERE storage = ? AND items > 0 AND root <> ? ORDER BY id`,
    storage.name,
    root,
  );
  for (const source of sources) {
    if (existsSync(resolve(projectPath, source.root))) continue;
    const known = new Set(
      rows<{ hash: string }>(
        database,
        'SELECT lower(hex(hash)) AS hash FROM items WHERE source_id = ? AND removed = 0',
        source.id,
      ).map(({ hash }) => hash),
    );
    const same = items.filter(({ hash }) => known.has(hash)).length;
    if (same * 2 < items.length) continue;
    rmSync(pack, { force: true });
    throw new AtelierError(
      'SOURCE_MOVED',
      `Expected images that the project does not have yet, but ${same} of the ${items.length} in ${location} are those of source ${source.id}, whose folder ${source.location} is gone: it looks like the same folder, moved. ` +
        `Relink source ${source.id} to it, which keeps its labels and runs (Data, Sources; or \`atelier sources PROJECT relink ${source.id} ${JSON.stringify(location)}\`). To import it as new images all the same, remove source ${source.id} first.`,
      { sourceId: source.id, location, same, images: items.length },
    );
  }
}
