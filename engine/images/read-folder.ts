/**
 * Reads a folder of images into a source. Which files are images of which class is told by intake/folder.ts; decoding
 * them is left to take-images.ts. Runs in workers.
 */
import { scanFolder } from '../intake/folder.ts';
import type { ReadOptions, ReadSource } from '../intake/source.ts';
import { takeImages } from './take-images.ts';

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function readFolderSource(folder: string, options: ReadOptions): Promise<ReadSource> {
  const { images, setAside } = await scanFolder(folder, options.signal);
  const { items, skipped } = await takeImages(images, options);
  const classes = [...new Set(items.map(({ className }) => className))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return {
    kind: 'folder',
    classes,
    items,
    setAside: [...setAside, ...skipped],
    height: null,
    width: null,
    pack: options.pack,
  };
}
