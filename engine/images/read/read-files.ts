/**
 * Reads the images of a scan into a source. Which files are images of which class the scan tells; decoding them is
 * left to take-images.ts. Runs in workers.
 */
import type { FileScan, ReadOptions, ReadSource } from '../../intake/importer.ts';
import { takeImages } from './take-images.ts';

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function readFolderSource(
  scan: Pick<FileScan, 'images' | 'skipped'>,
  options: ReadOptions,
): Promise<ReadSource> {
  const { items, skipped } = await takeImages(scan.images, options);
  const classes = [...new Set(items.flatMap(({ className }) => className ?? []))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return {
    kind: 'folder',
    classes,
    items,
    setAside: [...scan.skipped, ...skipped],
    height: null,
    width: null,
    pack: options.pack,
  };
}
