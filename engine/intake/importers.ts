/**
 * The importers, and which of them a source is for. Both the plan that is shown and the import that follows go through
 * `scanSource`, so they cannot disagree. Runs in workers. To add one: write an Importer and put it on this list.
 */
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { unpackArchives, warningsOfArchives } from './archive/archive.ts';
import { folderImporter } from './folder/folder.ts';
import { idxImporter } from './idx/idx.ts';
import { listFiles } from './listing.ts';
import { tableImporter, warningsOfTables } from './table/table.ts';
import type { FileScan, Importer, Listing, ReadOptions, ReadSource, Scan, ScanContext } from './importer.ts';

/** The first that detects its own reads the source; the folder per class takes what is left. */
const importers: readonly Importer[] = [idxImporter, tableImporter, folderImporter];

/** A scan, and the importer that reads it. */
export interface Scanned {
  scan: Scan;
  /** Whether its files lie in the place that archives were unpacked into. */
  unpacked: boolean;
  read(options: ReadOptions): Promise<ReadSource>;
}

/**
 * What the files at `path` are taken for. Archives are unpacked first, and what is in them is taken for what it is.
 * @param onListed told now and then how many files were seen
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CANCELLED; DISK_FULL, FILE_NOT_WRITABLE where an archive is unpacked
 */
export async function scanSource(
  path: string,
  context: ScanContext,
  onListed: (files: number) => void = () => undefined,
): Promise<Scanned> {
  const listed = await listFiles(path, context.signal, onListed);
  const dropped = droppedFolder(listed, context.location);
  const listing = dropped === null ? listed : below(listed, dropped);
  const { unpackTo = null, signal } = context;
  // IDX files may be gzipped, and so may tars.
  const unpacked = (await idxImporter.detect(listing))
    ? null
    : await unpackArchives(listing, unpackTo, signal, onListed);
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

interface ScannedListing {
  scan: Scan;
  read(scan: Scan, options: ReadOptions): Promise<ReadSource>;
}

async function scanListing(listing: Listing, context: ScanContext): Promise<ScannedListing> {
  const { layout } = context.options;
  for (const importer of importers) {
    const asked =
      layout === undefined || layout === 'auto'
        ? await importer.detect(listing)
        : importer.layouts.includes(layout);
    if (!asked) continue;
    // What is left for the folders to read is no single file.
    if (importer === folderImporter && listing.files[0]?.path === listing.root) throw noSource(listing.root);
    const scan = await importer.scan(listing, context);
    if (importer === folderImporter) {
      scan.warnings.push(
        ...(await warningsOfTables(listing, context.signal)),
        ...warningsOfArchives(listing),
      );
    }
    return { scan, read: importer.read };
  }
  throw new AtelierError(
    'INTERNAL',
    `Expected an importer for the layout ${layout ?? 'auto'}, there is none.`,
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

const noSource = (path: string) =>
  new AtelierError(
    'SOURCE_UNREADABLE',
    `Expected a folder, a table (CSV, TSV, JSON lines), an archive (zip, tar, tar.gz) or an IDX file, received the file ${path}. Choose the folder that contains the images.`,
    { path },
  );
