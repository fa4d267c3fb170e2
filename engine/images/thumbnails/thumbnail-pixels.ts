/** Pixels of a project's thumbnails, image by image: what charts are made of. Nothing of the originals is read. Runs in workers. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Original } from '../storage/changed-originals.ts';
import { storageOf } from '../storage/storages.ts';

/** Bytes of one image beyond which its row is none that this program wrote. */
const greatest = 100_000_000;
const decodedAtOnce = 4;

export interface ThumbnailPixels {
  /** [height, width, channels] */
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/** @param each told of every item, in any order; null where its thumbnail cannot be read. What it throws ends the work */
export async function readThumbnails(
  project: string,
  items: readonly Original[],
  each: (item: Original, thumbnail: ThumbnailPixels | null) => void,
): Promise<void> {
  const files = new Map<string, Promise<FileHandle | null>>();
  const fileOf = (name: string) => {
    const known = files.get(name) ?? open(join(project, 'packs', name), 'r').catch(() => null);
    files.set(name, known);
    return known;
  };
  let next = 0;
  const work = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]!;
      const file = await fileOf(storageOf(item.storage).packName(item.sourceId));
      each(item, file && (await pixelsOf(file, item).catch(() => null)));
    }
  };
  try {
    await Promise.all(Array.from({ length: decodedAtOnce }, work));
  } finally {
    for (const file of files.values()) await (await file)?.close();
  }
}

async function pixelsOf(file: FileHandle, item: Original): Promise<ThumbnailPixels | null> {
  const { position, length, width, height } = item;
  if (!(length > 0 && length <= greatest && position >= 0)) return null;
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  const tile = bytesRead < length ? null : storageOf(item.storage).tile(bytes, item);
  if (!tile) return null;
  if (tile.form === 'grey')
    return tile.bytes.length === width * height ? { pixels: tile.bytes, width, height, channels: 1 } : null;
  const { data, info } = await sharp(tile.bytes)
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 1 && info.channels !== 3) return null;
  return { pixels: data, width: info.width, height: info.height, channels: info.channels };
}
