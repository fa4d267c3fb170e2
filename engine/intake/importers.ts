/**
 * The importers, and which of them a source is for. Both the plan that is shown and the import that follows go through
 * `scanSource`, so they cannot disagree. Runs in workers. To add one: write an Importer and put it on this list.
 */
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { folderImporter } from './folder.ts';
import { idxImporter } from './idx.ts';
import { listFiles } from './listing.ts';
import type { FileScan, Importer, Listing, ReadOptions, ReadSource, Scan, ScanContext } from './source.ts';

/** The first that detects its own reads the source; the folder per class takes what is left. */
const importers: readonly Importer[] = [idxImporter, folderImporter];

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
  context: ScanContext,
  onListed: (files: number) => void = () => undefined,
): Promise<Scanned> {
  const listed = await listFiles(path, context.signal, onListed);
  const dropped = droppedFolder(listed, context.location);
  const listing = dropped === null ? listed : below(listed, dropped);
  const { layout } = context.options;
  for (const importer of importers) {
    const asked =
      layout === undefined || layout === 'auto'
        ? await importer.detect(listing)
        : importer.layouts.includes(layout);
    if (!asked) continue;
    const found = await importer.scan(listing, context);
    const scan = dropped === null ? found : renamed(found, dropped);
    return { scan, read: (read) => importer.read(scan, read) };
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
