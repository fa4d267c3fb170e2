/**
 * The importers, and which of them a source is for. Both the plan that is shown and the import that follows go through
 * `scanSource`, so they cannot disagree. Runs in workers. To add one: write an Importer and put it on this list.
 */
import { AtelierError } from '#contract/errors.ts';
import { unpackArchives, warningsOfArchives } from './archive.ts';
import { folderImporter } from './folder.ts';
import { idxImporter } from './idx.ts';
import { listFiles } from './listing.ts';
import { tableImporter, warningsOfTables } from './table.ts';
import type { Importer, Listing, ReadOptions, ReadSource, Scan, ScanContext } from './source.ts';

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
  const listing = await listFiles(path, context.signal, onListed);
  const { unpackTo = null, signal } = context;
  // IDX files may be gzipped, and so may tars.
  const unpacked = (await idxImporter.detect(listing))
    ? null
    : await unpackArchives(listing, unpackTo, signal, onListed);
  if (!unpacked) return { ...(await scanListing(listing, context)), unpacked: false };
  const { scan, read } = await scanListing(unpacked.listing, {
    ...context,
    location: unpacked.listing.root,
  });
  scan.root ??= unpacked.listing.root;
  scan.statement = `${unpacked.statement} ${scan.statement}`;
  scan.warnings.push(...unpacked.warnings);
  return { scan, read, unpacked: true };
}

async function scanListing(listing: Listing, context: ScanContext): Promise<Pick<Scanned, 'scan' | 'read'>> {
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
    return { scan, read: (read) => importer.read(scan, read) };
  }
  throw new AtelierError(
    'INTERNAL',
    `Expected an importer for the layout ${layout ?? 'auto'}, there is none.`,
  );
}

const noSource = (path: string) =>
  new AtelierError(
    'SOURCE_UNREADABLE',
    `Expected a folder, a table (CSV, TSV, JSON lines), an archive (zip, tar, tar.gz) or an IDX file, received the file ${path}. Choose the folder that contains the images.`,
    { path },
  );
