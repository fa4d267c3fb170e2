/** Projects of many images that nobody has to decode: their rows, and a pack whose bytes stand for all of them. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReadItem, ReadSource } from '#engine/intake/importer.ts';
import { keptPixels } from '#engine/images/storage/kept-pixels.ts';
import { storeSource } from '#engine/intake/store/store.ts';
import { OpenProject } from '#engine/project/project.ts';

/** The hash of an image by its number; no two are alike. */
export const hashOf = (index: number): string =>
  createHash('sha256').update(String(index)).digest('hex').slice(0, 32);

/** Grey pixels of images `side` × `side`, each its own. */
function greyPixels(images: number, side: number): Buffer {
  const pixels = Buffer.alloc(images * side * side);
  for (let at = 0; at < pixels.length; at++) pixels[at] = (at * 31 + ((at / (side * side)) | 0) * 7) & 255;
  return pixels;
}

/**
 * Makes a project of `count` images in which the importers had no part.
 * @param source all of it but its items and its pack
 * @param item of this number, but for its hash and part
 */
export async function makeProject(
  path: string,
  bytes: Uint8Array,
  source: Pick<ReadSource, 'storage' | 'classes'>,
  count: number,
  item: (index: number) => Omit<ReadItem, 'hash' | 'part'>,
): Promise<void> {
  const project = await OpenProject.create(path, undefined, 'bench');
  const pack = join(path, 'packs', 'bench.part');
  writeFileSync(pack, bytes);
  const items = Array.from({ length: count }, (_, index) => ({
    ...item(index),
    part: 'pool' as const,
    hash: hashOf(index),
  }));
  const read = { ...source, items, setAside: [], pack };
  const about = { location: 'bench', root: dirname(path), startedAt: Date.now() };
  (await storeSource(path, read, about)).commit();
  await project.close();
}

/** Makes one of grey images, image i of class i modulo the names; unlabelled where there are none. */
export async function makeGreyProject(
  path: string,
  count: number,
  side: number,
  classes: string[],
): Promise<void> {
  const source = { storage: keptPixels, classes };
  await makeProject(path, greyPixels(count, side), source, count, (index) => ({
    name: `train/${String(index).padStart(5, '0')}`,
    className: classes[index % classes.length] ?? null,
    width: side,
    height: side,
    position: index * side * side,
    length: side * side,
  }));
}
