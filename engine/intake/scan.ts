/**
 * Which importer a source is for, and what it takes its files for. Both the plan that is shown and the import that follows
 * go through `scanSource`, so they cannot disagree. Which importers there are is importers.ts. Runs in workers.
 */
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportPlan } from '#contract/import.ts';
import { unpackArchives, warningsOfArchives } from './archive/archive.ts';
import { importers, layouts } from './importers.ts';
import { listFiles } from './listing.ts';
import type { FileScan, Importer, Listing, ReadOptions, ReadSource, Scan, ScanContext } from './importer.ts';
import { groupSkipped } from './skipped.ts';

/** A scan, and the importer that reads it. */
interface Scanned {
  scan: Scan;
  /** Whether its files lie in the place that archives were unpacked into. */
  unpacked: boolean;
  read(options: ReadOptions): Promise<ReadSource>;
}

/**
 * What the files at `path` are taken for. Archives are unpacked first, and what is in them is taken for what it is.
 * @param onListed told now and then how many files were seen
 * @throws BAD_REQUEST for a layout that no importer has, SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CANCELLED; DISK_FULL,
 * FILE_NOT_WRITABLE where an archive is unpacked
 */
export async function scanSource(
  path: string,
  context: ScanContext,
  onListed: (files: number) => void = () => undefined,
): Promise<Scanned> {
  requireLayout(context.options.layout);
  const listed = await listFiles(path, context.signal, onListed);
  const dropped = droppedFolder(listed, context.location);
  const listing = dropped === null ? listed : below(listed, dropped);
  const { unpackTo = null, signal } = context;
  const packed = await firstOf(
    importers.filter((importer) => importer.packed),
    listing,
  );
  const unpacked = packed ? null : await unpackArchives(listing, unpackTo, signal, onListed);
  if (!unpacked) {
    const { scan: found, read } = await scanListing(listing, context);
    const scan = dropped === null ? found : renamed(found, dropped);
    return { scan, read: (options) => read(scan, options), unpacked: false };
  }
  const { scan, read } = await scanListing(unpacked.listing, {
    ...context,
    location: unpacked.listing.root,
  });
  scan.root ??= unpacked.listing.root;
  scan.statement = `${unpacked.statement} ${scan.statement}`;
  scan.warnings.push(...unpacked.warnings);
  return { scan, read: (options) => read(scan, options), unpacked: true };
}

async function firstOf(among: readonly Importer[], listing: Listing): Promise<Importer | null> {
  for (const importer of among) if (await importer.detect(listing)) return importer;
  return null;
}

/** The importer that was asked for, or the first that detects its own; the last takes what is left. */
async function scanListing(
  listing: Listing,
  context: ScanContext,
): Promise<{ scan: Scan; read: Importer['read'] }> {
  const { layout = 'auto' } = context.options;
  const importer =
    layout === 'auto'
      ? await firstOf(importers, listing)
      : importers.find((one) => Object.hasOwn(one.layouts, layout));
  const last = importer === importers.at(-1);
  // What is left for the folders to read is no single file.
  if (!importer || (last && listing.files[0]?.path === listing.root)) throw noSource(listing.root);
  const scan = await importer.scan(listing, context);
  if (last) {
    for (const { unused } of importers)
      if (unused) scan.warnings.push(...(await unused(listing, context.signal)));
    scan.warnings.push(...warningsOfArchives(listing));
  }
  return { scan, read: importer.read };
}

/** @throws BAD_REQUEST */
function requireLayout(layout = 'auto'): void {
  const names = ['auto', ...layouts.map(({ name }) => name)];
  if (names.includes(layout)) return;
  throw new AtelierError(
    'BAD_REQUEST',
    `Expected one of ${names.join(', ')} for the layout, received ${layout}. Choose one of them.`,
    { layout },
  );
}

/**
 * A dropped folder lies in a folder of its own, which nobody chose: it is read as if it had been chosen where it came
 * from. Its images keep the path below that folder as their names.
 */
function droppedFolder({ files, skipped }: Listing, location: string): string | null {
  const start = `${location}/`;
  const inside = [...files.map(({ name }) => name), ...skipped.map(({ path }) => path)];
  return inside.length > 0 && inside.every((name) => name.startsWith(start)) ? location : null;
}

function below({ root, files, skipped }: Listing, folder: string): Listing {
  const from = folder.length + 1;
  return {
    root: join(root, folder),
    files: files.map((file) => ({ ...file, name: file.name.slice(from) })),
    skipped: skipped.map((one) => ({ ...one, path: one.path.slice(from) })),
  };
}

function renamed<S extends Scan>(scan: S & Partial<Pick<FileScan, 'images'>>, folder: string): S {
  const { images, skipped } = scan;
  return {
    ...scan,
    ...(images && { images: images.map((image) => ({ ...image, name: `${folder}/${image.name}` })) }),
    skipped: skipped.map((one) => ({ ...one, path: `${folder}/${one.path}` })),
  };
}

function noSource(path: string): AtelierError {
  const files = importers.flatMap(({ file = [] }) => file);
  return new AtelierError(
    'SOURCE_UNREADABLE',
    `Expected a folder, ${files.join(', ')} or an archive (zip, tar, tar.gz), received the file ${path}. Choose the folder that contains the images.`,
    { path },
  );
}

/** @param location what the person chose */
export function planOf(scan: Scan, location: string): ImportPlan {
  const { layout, asks, statement, classes, unlabelled, warnings, options } = scan;
  const images = [...classes.map(({ counts }) => counts), unlabelled].reduce(
    (sum, { pool, train, validation, test }) => sum + pool + train + validation + test,
    0,
  );
  return {
    location,
    layout,
    layouts,
    asks,
    statement,
    images,
    classes,
    unlabelled,
    warnings,
    skipped: groupSkipped(scan.skipped),
    options,
  };
}
