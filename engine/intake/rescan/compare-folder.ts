/**
 * Re-reads a source's folder: hashes what is there and compares it with what the project has of it. Decodes nothing and
 * writes nothing; what is taken over, and how, is intake/rescan/update.ts. Runs in workers.
 */
import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { ImportOptions } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { SourceChanges } from '#contract/sources.ts';
import { type Changes, compareSource, type FoundFile, type KnownItem, saysAnotherClass } from './compare.ts';
import { scanSource } from '../scan.ts';
import { openForReading, rows } from '../../project/database.ts';
import { cannotRead, isUnread } from '../listing.ts';
import { groupSkipped } from '../skipped.ts';
import type { FileScan } from '../importer.ts';
import { databaseName } from '../../project/folder.ts';
import { type PlacedSource, sourceById } from '../../project/sources.ts';

interface Compared {
  report: SourceChanges;
  /** All of it; the report names the first few. */
  changes: Changes;
}

interface Options {
  signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

const atOnce = 4;
const examplesShown = 20;

/**
 * The images in a folder as a source's import would take them: what it was taken to mean then is what it means now.
 * @param folder where the source's files are, or have moved to
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CANCELLED
 */
export async function imagesOfSource(
  { location, options: said }: Pick<PlacedSource, 'location' | 'options'>,
  folder: string,
  signal: AbortSignal,
): Promise<Pick<FileScan, 'images' | 'skipped'>> {
  const options = ImportOptions.catch({}).parse(JSON.parse(said));
  const { scan } = await scanSource(folder, { location, options, signal });
  return { images: 'images' in scan ? (scan as FileScan).images : [], skipped: scan.skipped };
}

/**
 * @param folder absolute; another one than the source's where it is to be relinked
 * @throws NOT_FOUND, SOURCE_UNREADABLE, CANCELLED, CONFLICT where another folder holds less than half of the images
 */
export async function compareWithFolder(
  project: string,
  sourceId: number,
  folder: string,
  relink: boolean,
  options: Options,
): Promise<Compared> {
  const { source, known, told } = readKnown(project, sourceId);
  const { images, skipped } = await imagesOfSource(source, folder, options.signal);
  const skippedFiles = [...skipped];
  const found: FoundFile[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < images.length; index = next++) {
      if (options.signal.aborted) throw new AtelierError('CANCELLED', 'The re-scan was cancelled.');
      const { path, name, className, part } = images[index]!;
      const reason = await unreadAsBefore(path, told.get(name));
      if (reason !== null) skippedFiles.push({ path: name, reason });
      else {
        try {
          found[index] = { name, className, part, hash: await hashFile(path) };
        } catch (thrown) {
          skippedFiles.push({ path: name, reason: cannotRead(thrown) });
        }
      }
      options.onProgress(++done, images.length);
    }
  };
  const workers = Array.from({ length: atOnce }, work);
  try {
    await Promise.all(workers);
  } finally {
    next = images.length;
    await Promise.allSettled(workers);
  }
  const changes = compareSource(withoutUnread(known, skippedFiles), Object.values(found));
  if (relink) refuseOther(source, folder, changes);
  return { report: reportOf(sourceId, folder, relink, changes, skippedFiles), changes };
}

/** @throws NOT_FOUND */
export function sourceOf(project: string, sourceId: number): PlacedSource {
  const database = openForReading(join(project, databaseName));
  try {
    return sourceById(database, sourceId);
  } finally {
    database.close();
  }
}

/** What cannot be read, or lies in a folder that cannot, is not gone: nothing is known of it. */
function withoutUnread(known: KnownItem[], skippedFiles: readonly SkippedFile[]): KnownItem[] {
  const unread = new Set(skippedFiles.filter(({ reason }) => isUnread(reason)).map(({ path }) => path));
  if (unread.size === 0) return known;
  const steps = (name: string) => name.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'));
  return known.filter(({ name }) => !steps(name).some((step) => unread.has(step)));
}

/** All that was imported from the source's folder, by whichever import, and the files that could not be taken then. */
function readKnown(project: string, sourceId: number) {
  const database = openForReading(join(project, databaseName));
  try {
    const source = sourceById(database, sourceId);
    const known = rows<Omit<KnownItem, 'removed'> & { removed: number }>(
      database,
      `SELECT items.id, items.name, lower(hex(hash)) AS hash, classes.name AS className, removed FROM items
       JOIN sources ON sources.id = source_id LEFT JOIN classes ON classes.id = class_id WHERE root = ? ORDER BY items.id`,
      source.root,
    ).map((item): KnownItem => ({ ...item, removed: item.removed === 1 }));
    const told = new Map(
      rows<{ path: string; reason: string; at: string }>(
        database,
        `SELECT path, reason, coalesce(at, imported_at) AS at FROM set_aside JOIN sources ON sources.id = source_id WHERE root = ?`,
        source.root,
      ).map((file) => [file.path, file]),
    );
    return { source, known, told };
  } finally {
    database.close();
  }
}

/** Why a file was skipped, where it has not been written to since. */
async function unreadAsBefore(
  path: string,
  told: { reason: string; at: string } | undefined,
): Promise<string | null> {
  if (!told) return null;
  const found = await stat(path).catch(() => null);
  return found && Math.max(found.mtimeMs, found.ctimeMs) < Date.parse(told.at) ? told.reason : null;
}

/** As hashOf, of a file that may be large. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(bytes as Buffer);
  return hash.digest('hex').slice(0, 32);
}

function refuseOther(source: PlacedSource, folder: string, { same, moved, changed, gone }: Changes): void {
  const images = same + moved.length + changed.length + gone.length;
  const matched = same + moved.length;
  if (matched * 2 >= images) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected the folder that source ${source.id} was imported from (${source.location}), but ${folder} holds only ${matched} of its ${images} images. Choose the folder that it moved to, or import ${folder} as a source of its own.`,
    { sourceId: source.id, folder, matched, images },
  );
}

function reportOf(
  sourceId: number,
  folder: string,
  relink: boolean,
  { same, added, changed, moved, gone, returned }: Changes,
  skippedFiles: SkippedFile[],
): SourceChanges {
  const files = <T>(list: T[], example: (one: T) => { name: string; to?: string }) => ({
    count: list.length,
    examples: list.slice(0, examplesShown).map(example),
  });
  const named = ({ name }: { name: string }) => ({ name });
  const pair = ({ item, file }: { item: KnownItem; file: FoundFile }) =>
    item.name === file.name ? { name: item.name } : { name: item.name, to: file.name };
  return {
    sourceId,
    folder,
    relink,
    same,
    added: files(added, named),
    changed: files(changed, pair),
    moved: files(moved, pair),
    gone: files(gone, named),
    returned: files(returned, pair),
    otherClass: moved.filter(({ item, file }) => saysAnotherClass(item, file)).length,
    skipped: groupSkipped(skippedFiles, examplesShown),
  };
}
