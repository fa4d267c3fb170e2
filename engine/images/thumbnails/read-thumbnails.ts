/** Thumbnails of many items out of their packs, a few at a time. What is made of each is the caller's. Nothing of the originals is read. Runs in workers. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tile } from '#contract/sheet.ts';
import type { Original } from '../storage/changed-originals.ts';
import { storageOf } from '../storage/storages.ts';

/** Bytes of one image beyond which its row is none that this program wrote. */
const greatest = 100_000_000;
const decodedAtOnce = 4;

/**
 * @param decode makes something of a thumbnail; what it throws counts as one that cannot be read
 * @param each told of every item, in any order, and its place; null where its thumbnail cannot be read. What it throws ends the work
 */
export async function readThumbnails<T>(
  project: string,
  items: readonly Original[],
  decode: (tile: Pick<Tile, 'form' | 'bytes'>, item: Original) => Promise<T | null>,
  each: (item: Original, thumbnail: T | null, at: number) => void,
): Promise<void> {
  const files = new Map<string, Promise<FileHandle | null>>();
  const fileOf = (name: string) => {
    const known = files.get(name) ?? open(join(project, 'packs', name), 'r').catch(() => null);
    files.set(name, known);
    return known;
  };
  const decoded = async (item: Original): Promise<T | null> => {
    const file = await fileOf(storageOf(item.storage).packName(item.sourceId));
    const tile = file && (await tileOf(file, item));
    return tile && decode(tile, item);
  };
  let next = 0;
  const work = async () => {
    for (let at = next++; at < items.length; at = next++)
      each(items[at]!, await decoded(items[at]!).catch(() => null), at);
  };
  try {
    await Promise.all(Array.from({ length: decodedAtOnce }, work));
  } finally {
    for (const file of files.values()) await (await file)?.close();
  }
}

/** null where its bytes are no thumbnail. */
async function tileOf(file: FileHandle, item: Original) {
  const { position, length } = item;
  if (!(length > 0 && length <= greatest && position >= 0)) return null;
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytesRead < length ? null : storageOf(item.storage).tile(bytes, item);
}
