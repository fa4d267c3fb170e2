/** Small grey pictures of a project's images, out of their thumbnails: what near duplicates are looked for in. Runs in workers. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { AtelierError } from '#contract/errors.ts';
import { greyPicture, picturePixels } from '#learning/findings/grey-picture.ts';
import type { Original } from '../storage/changed-originals.ts';
import { storageOf } from '../storage/storages.ts';

const decodedAtOnce = 4;
/** Bytes of one image beyond which its row is none that this program wrote. */
const greatest = 100_000_000;

/**
 * @param onDone told after each so many images
 * @returns [n, 32, 32]; a picture of one grey where the thumbnail cannot be read, which is like no other
 * @throws CANCELLED
 */
export async function greyPictures(
  project: string,
  items: readonly Original[],
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<Uint8Array> {
  const pictures = new Uint8Array(items.length * picturePixels);
  const files = new Map<string, Promise<FileHandle | null>>();
  const fileOf = (name: string) => {
    const known = files.get(name) ?? open(join(project, 'packs', name), 'r').catch(() => null);
    files.set(name, known);
    return known;
  };
  let next = 0;
  const work = async () => {
    for (let at = next++; at < items.length; at = next++) {
      if (signal.aborted) throw new AtelierError('CANCELLED', 'Looking at the images was cancelled.');
      const item = items[at]!;
      const file = await fileOf(storageOf(item.storage).packName(item.sourceId));
      const picture = file && (await pictureOf(file, item).catch(() => null));
      if (picture) pictures.set(picture, at * picturePixels);
      if (at % 64 === 0) onDone(at);
    }
  };
  try {
    await Promise.all(Array.from({ length: decodedAtOnce }, work));
  } finally {
    for (const file of files.values()) await (await file)?.close();
  }
  return pictures;
}

/** null where its bytes are no thumbnail. */
async function pictureOf(file: FileHandle, item: Original): Promise<Uint8Array | null> {
  const { position, length, width, height } = item;
  if (!(length > 0 && length <= greatest && position >= 0)) return null;
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  const tile = bytesRead < length ? null : storageOf(item.storage).tile(bytes, item);
  if (!tile) return null;
  if (tile.form === 'grey') return greyPicture(tile.bytes, width, height);
  const { data, info } = await sharp(tile.bytes)
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const grey = info.channels === 1 ? data : data.filter((_, index) => index % info.channels === 0);
  return greyPicture(grey, info.width, info.height);
}
