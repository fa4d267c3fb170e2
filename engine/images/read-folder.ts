/**
 * Reads a folder of images into a source: decodes each once, hashes it and keeps its thumbnail. What
 * cannot be decoded is set aside with the reason. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import { scanFolder } from '../intake/folder.ts';
import { append } from '../intake/pack-file.ts';
import type { ReadItem, ReadOptions, ReadSource } from '../intake/source.ts';
import { greatestFile, makeThumbnail, type Thumbnail } from './decode.ts';

const atOnce = 4;

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function readFolderSource(folder: string, options: ReadOptions): Promise<ReadSource> {
  const { images: all, setAside } = await scanFolder(folder, options.signal);
  const { only } = options;
  const images = only ? all.filter(({ name }) => only.has(name)) : all;
  const read = new Array<ReadItem | undefined>(images.length);
  const file = openSync(options.pack, 'w');
  let position = 0;
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < images.length; index = next++) {
      if (options.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const { path, name, className, part } = images[index]!;
      let taken: { bytes: Buffer; thumbnail: Thumbnail } | null = null;
      try {
        const { size } = await stat(path);
        if (size === 0) throw new Error('The file is empty.');
        if (size > greatestFile)
          throw new Error(`The file has ${size} bytes; ${greatestFile} are the most that is read.`);
        const bytes = await readFile(path);
        taken = { bytes, thumbnail: await makeThumbnail(bytes, name) };
      } catch (thrown) {
        setAside.push({ path: name, reason: (thrown as Error).message });
      }
      if (taken) {
        const { bytes, thumbnail } = taken;
        // Not a fault of the image: a disk that is full ends the import, it does not set images aside.
        append(file, thumbnail.bytes, options.pack);
        read[index] = {
          name,
          className,
          part,
          width: thumbnail.width,
          height: thumbnail.height,
          hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32),
          position,
          length: thumbnail.bytes.length,
        };
        position += thumbnail.bytes.length;
      }
      options.onProgress(++done, images.length);
    }
  };
  const workers = Array.from({ length: atOnce }, work);
  try {
    await Promise.all(workers);
  } finally {
    // Where one gives up, the others come to rest before the file they write to is closed.
    next = images.length;
    await Promise.allSettled(workers);
    closeSync(file);
  }
  const items = read.filter((item): item is ReadItem => item !== undefined);
  const classes = [...new Set(items.map(({ className }) => className))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return { kind: 'folder', classes, items, setAside, height: null, width: null, pack: options.pack };
}
