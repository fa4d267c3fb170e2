/**
 * Projects of many images that nobody has to decode: their rows, a pack whose bytes stand for all of them, and embeddings
 * drawn around a few centres, so that their arithmetic is that of photographs.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openFeatureFile } from '#engine/images/features/feature-store.ts';
import type { ReadItem, ReadSource } from '#engine/intake/importer.ts';
import { hashOf as contentHash } from '#engine/images/storage/changed-originals.ts';
import { keptPixels } from '#engine/images/storage/kept-pixels.ts';
import { storeSource } from '#engine/intake/store/store.ts';
import { OpenProject } from '#engine/project/project.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';

/** The hash of an image by its number; no two are alike. */
const hashOf = (index: number): string =>
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
 * @param item of this number; without a hash it gets one of its number, and is in no part of its own where it names none
 */
export async function makeProject(
  path: string,
  bytes: Uint8Array,
  source: Pick<ReadSource, 'storage' | 'classes'>,
  count: number,
  item: (index: number) => Omit<ReadItem, 'hash' | 'part'> & Partial<Pick<ReadItem, 'hash' | 'part'>>,
): Promise<void> {
  const project = await OpenProject.create(path, undefined, 'bench');
  const pack = join(path, 'packs', 'bench.part');
  writeFileSync(pack, bytes);
  const items = Array.from({ length: count }, (_, index) => ({
    part: 'pool' as const,
    hash: hashOf(index),
    ...item(index),
  }));
  const read = { ...source, items, skippedFiles: [], pack };
  const about = { location: 'bench', root: dirname(path), startedAt: Date.now() };
  (await storeSource(path, read, about)).commit();
  await project.close();
}

/** Makes one of grey images, image i of class i modulo the names; unlabelled where there are none. @param test how many of the last are test images; with some it can be trained on: its hashes are those of its pixels */
export async function makeGreyProject(
  path: string,
  count: number,
  side: number,
  classes: string[],
  test = 0,
): Promise<void> {
  const source = { storage: keptPixels, classes };
  const pixels = greyPixels(count, side);
  const size = side * side;
  if (test > 0)
    for (let index = 0; index < count; index++) {
      // No two are alike, and the class can be told by some pixels, not by all.
      pixels.writeUInt32LE(index, index * size);
      for (let bit = 0; bit < 10; bit++)
        if (((index * 48271 + bit * 16807) >> 4) % 10 > 1)
          pixels[index * size + 8 + bit * 3] = ((index % classes.length) >> bit) & 1 ? 255 : 0;
    }
  await makeProject(path, pixels, source, count, (index) => ({
    name: `train/${String(index).padStart(5, '0')}`,
    className: classes[index % classes.length] ?? null,
    ...(test > 0 && { hash: contentHash(pixels.subarray(index * size, (index + 1) * size)) }),
    ...(index >= count - test && { part: 'test' as const }),
    width: side,
    height: side,
    position: index * side * side,
    length: side * side,
  }));
}

/** What small pictures get: engine/jobs/embed.ts. */
export const madeNetwork = () =>
  embeddingNetwork({ kind: 'backbone', name: 'efficientnet-lite0', side: 128 });

const together = 1000;

/** Reproducible numbers from 0 to 1. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** Keeps one for each image of a made project: image i lies around centre i modulo `centres`. */
export async function makeEmbeddings(path: string, images: number, centres: number): Promise<void> {
  const hashes = Array.from({ length: images }, (_, index) => hashOf(index));
  const network = await madeNetwork();
  const file = await openFeatureFile('write', path, network.preprocessing, hashes, network);
  const draw = draws(7);
  const around = Array.from({ length: centres }, () => Float32Array.from({ length: network.size }, draw));
  for (let at = 0; at < images; at += together) {
    const count = Math.min(together, images - at);
    const rows = Int32Array.from({ length: count }, (_, index) => at + index);
    const values = new Float32Array(count * network.size);
    for (let place = 0; place < values.length; place += 1) {
      const centre = around[(at + Math.floor(place / network.size)) % centres]!;
      // Negative parts are cut off, as ReLU does.
      values[place] = Math.max(0, centre[place % network.size]! + 2.5 * (draw() - 0.5));
    }
    await file.write(rows, values);
  }
  await file.close();
}
