/**
 * Archives as a source: a zip or tar of any layout, alone or in a folder without images, is unpacked into a folder of the
 * studio's own, and that folder is read like any other. Kinds are told by content (kind.ts); how each is unpacked is
 * zip.ts and tar.ts, what may be written unpacked-folder.ts.
 */
import * as files from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportWarning } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import { notWritten } from '#learning/files/durable-file.ts';
import { type ArchiveKind, sniffArchive } from './kind.ts';
import { unpackTar } from './tar.ts';
import { unpackZip } from './zip.ts';
import { reasonAgainst } from '../candidates.ts';
import { listFiles } from '../listing.ts';
import type { ListedFile, Listing, UnpackTo } from '../importer.ts';
import { isTableName } from '../table/text.ts';
import { boundsOf, stepsOf, UnpackedFolder } from './unpacked-folder.ts';

interface Unpacked {
  /** Of what was unpacked; what was left out is among its skipped files. */
  listing: Listing;
  /** "Unpacked from set.zip (24 files)." */
  statement: string;
  warnings: ImportWarning[];
}

interface Archive {
  file: ListedFile;
  kind: ArchiveKind;
}

/** Archives within archives within archives, as Kaggle's competitions have them. */
const greatestDepth = 3;
/** A folder with more files than that and no image among them is no folder of archives. */
const greatestFolder = 1_000;
const archiveName = /\.(zip|tar|tgz|tar\.gz|7z|rar|xz|bz2|zst)$/i;

/** Whether a file has the name of an archive, read or not. */
const isArchiveName = (name: string) => archiveName.test(name);

/**
 * Unpacks the archives of a source; null where it has none that are to be.
 * @param to null for a source that may not be unpacked
 * @throws SOURCE_UNREADABLE for archives that are damaged or of a kind that is not read, DISK_FULL, FILE_NOT_WRITABLE,
 * CANCELLED; then `to.folder` is not there
 */
export async function unpackArchives(
  listing: Listing,
  to: UnpackTo | null,
  signal: AbortSignal,
  onFile: (files: number) => void,
): Promise<Unpacked | null> {
  const archives = await archivesOf(listing);
  if (archives.length === 0) return null;
  if (!to) throw new AtelierError('INTERNAL', 'Expected a place to unpack an archive into, received none.');
  const part = `${to.folder}.part`;
  const tables = listing.files.filter(({ name }) => isTableName(name) || /mapping\.txt$/i.test(name));
  const alone = archives.length === 1 && tables.length === 0;
  // The name of the archive, or of the folder with several: it may say a part, and names the class of a flat one.
  const root = alone ? stemOf(archives[0]!.file.name) : nameOfFolder(basename(listing.root));
  try {
    await files.mkdir(join(part, root), { recursive: true });
    const into = new UnpackedFolder(join(part, root), await boundsOf(part), to.durable, signal, onFile);
    let assumed = 0;
    for (const archive of archives) {
      const steps = alone ? [] : [...stepsAbove(archive.file.name), stemOf(archive.file.name)];
      assumed += await unpackOne(archive, steps, into);
    }
    for (const { path, name } of tables)
      await into.write(
        basename(path),
        name,
        [],
        await files.open(path).then((file) => file.createReadStream()),
      );
    await into.finish();
    await files.rename(part, to.folder);
    const unpacked = await listFiles(join(to.folder, root), signal);
    const left = listing.files.filter(
      (file) => !tables.includes(file) && !archives.some(({ file: archive }) => archive === file),
    );
    return {
      listing: {
        ...unpacked,
        skipped: [...into.skipped, ...beside(left), ...unpacked.skipped, ...listing.skipped],
      },
      statement: `Unpacked from ${archives
        .slice(0, 3)
        .map(({ file }) => file.name)
        .join(
          ', ',
        )}${archives.length > 3 ? ' …' : ''} (${unpacked.files.length} ${unpacked.files.length === 1 ? 'file' : 'files'}).`,
      warnings: assumed === 0 ? [] : [namesAssumed(assumed)],
    };
  } catch (thrown) {
    await files.rm(part, { recursive: true, force: true });
    await files.rm(to.folder, { recursive: true, force: true });
    throw thrown instanceof AtelierError ? thrown : notWritten(to.folder, thrown);
  }
}

/** Unpacks an archive, then those within it in its own place. @returns names in no stated encoding */
async function unpackOne(
  { file, kind }: Archive,
  under: readonly string[],
  into: UnpackedFolder,
  depth = 1,
): Promise<number> {
  let assumed = await (kind === 'zip'
    ? unpackZip(file.path, under, into)
    : unpackTar(file.path, kind === 'tar.gz', under, into));
  const place = join(into.folder, ...under);
  // An archive cats.zip that holds one folder cats is that folder.
  if (under.length > 0) await into.raise(place, under.at(-1)!);
  if (depth === greatestDepth) return assumed;
  const within = await listFiles(place, new AbortController().signal).catch(() => null);
  if (!within) return assumed;
  for (const inner of await archivesOf(within)) {
    const steps = [...under, ...stepsAbove(inner.file.name), stemOf(inner.file.name)];
    assumed += await unpackOne(inner, steps, into, depth + 1);
    await files.rm(inner.file.path);
  }
  return assumed;
}

/** The archives of a source that has nothing else to read. @throws SOURCE_UNREADABLE for a kind that is not read */
async function archivesOf({ root, files: listed }: Listing): Promise<Archive[]> {
  if (listed.length > greatestFolder) return [];
  const chosen = listed.length === 1 && listed[0]!.path === root;
  const archives: Archive[] = [];
  const unread: { file: ListedFile; kind: string }[] = [];
  for (const file of listed) {
    if (!isArchiveName(file.name) && !chosen && (await reasonAgainst(file)) === null) return [];
    if (isTableName(file.name)) continue;
    const kind = await sniffArchive(file.path);
    if (kind === null) continue;
    if (typeof kind === 'string') archives.push({ file, kind });
    else unread.push({ file, kind: kind.unread });
  }
  const [first] = unread;
  if (archives.length === 0 && first) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected a zip, tar or tar.gz, received ${first.file.name}, which is ${first.kind}. Unpack it, and choose the folder that contains the images.`,
      { file: first.file.name, kind: first.kind },
    );
  }
  return archives;
}

/** The name without its ending, as the name of a folder. */
const stemOf = (name: string) => nameOfFolder(posix.basename(name).replace(/(\.tar)?\.[^.]{1,8}$/i, ''));

function nameOfFolder(name: string): string {
  const steps = stepsOf(name);
  return 'reason' in steps || steps.length !== 1 ? 'archive' : steps[0]!;
}

const stepsAbove = (name: string) => name.split('/').slice(0, -1);

const beside = (left: readonly ListedFile[]): SkippedFile[] =>
  left.map(({ name }) => ({ path: name, reason: 'Lies beside the archives, which are unpacked.' }));

const namesAssumed = (count: number): ImportWarning => ({
  code: 'ARCHIVE_NAMES',
  text: `${count} names in the archive are not UTF-8 and are read as code page 437. Check class names with accents.`,
});

/** What to say of archives that lie beside images, which are read. */
export function warningsOfArchives({ files: listed }: Listing): ImportWarning[] {
  const names = listed.filter(({ name }) => isArchiveName(name)).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      code: 'ARCHIVE_BESIDE_IMAGES',
      text: `Archives beside the images are not unpacked: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}. Choose one by itself to import it.`,
    },
  ];
}
