/**
 * The importers, and which of them a source is for. Both the plan that is shown and the import that follows go through
 * `scanSource`, so they cannot disagree. Runs in workers. To add one: write an Importer and put it on this list.
 */
import { AtelierError } from '#contract/errors.ts';
import { folderImporter } from './folder.ts';
import { idxImporter } from './idx.ts';
import { listFiles } from './listing.ts';
import { tableImporter, warningsOfTables } from './table.ts';
import type { Importer, ReadOptions, ReadSource, Scan, ScanContext } from './source.ts';

/** The first that detects its own reads the source; the folder per class takes what is left. */
const importers: readonly Importer<never>[] = [idxImporter, tableImporter, folderImporter];

/** A scan, and the importer that reads it. */
export interface Scanned {
  scan: Scan;
  read(options: ReadOptions): Promise<ReadSource>;
}

/**
 * What the files at `path` are taken for.
 * @param onListed told now and then how many files were seen
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CANCELLED
 */
export async function scanSource(
  path: string,
  { options, signal }: ScanContext,
  onListed: (files: number) => void = () => undefined,
): Promise<Scanned> {
  const listing = await listFiles(path, signal, onListed);
  const { layout } = options;
  for (const importer of importers as readonly Importer[]) {
    const asked =
      layout === undefined || layout === 'auto'
        ? await importer.detect(listing)
        : importer.layouts.includes(layout);
    if (!asked) continue;
    // What is left for the folders to read is no single file.
    if (importer.kind === 'folder' && listing.files[0]?.path === listing.root) throw noSource(listing.root);
    const scan = await importer.scan(listing, { options, signal });
    if (importer.kind === 'folder') scan.warnings.push(...(await warningsOfTables(listing, signal)));
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
