/**
 * Reads the images of a scan into a source. Which files are images of which class the scan tells; decoding them is
 * left to take-images.ts. Runs in workers.
 */
import type { FileScan, ReadOptions, ReadSource } from '../../intake/importer.ts';
import { originalFiles } from '../storage/original-files.ts';
import { takeImages } from './take-images.ts';

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function readFiles(
  scan: Pick<FileScan, 'images' | 'skipped'>,
  options: ReadOptions,
): Promise<ReadSource> {
  const { items, skipped } = await takeImages(scan.images, options);
  const classes = [...new Set(items.flatMap(({ className }) => className ?? []))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return {
    storage: originalFiles,
    classes,
    items,
    skippedFiles: [...scan.skipped, ...skipped],
    pack: options.pack,
  };
}
