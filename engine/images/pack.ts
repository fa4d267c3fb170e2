/**
 * Packs: all images of a project as one tensor file [count, height, width, channels] uint8, for one
 * framing, rows in the order of the items. Built when first asked for, kept under a name made of its
 * content. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync, utimesSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { append, cutShort, putInPlace } from '../intake/pack-file.ts';
import { packName } from '../intake/source.ts';
import { openForReading, rows } from '../project/database.ts';
import { databaseName } from '../project/project.ts';
import { type Framing, type Picture, toNetworkInput } from './decode.ts';
import { decoderVersion } from './open.ts';

interface PackRow {
  id: number;
  kind: 'idx' | 'folder';
  sourceId: number;
  root: string;
  name: string;
  position: number;
  sourceHeight: number | null;
  sourceWidth: number | null;
  hash: string;
}

const rowQuery = `SELECT items.id, sources.kind, sources.id AS sourceId, sources.root, items.name, items.position,
    sources.height AS sourceHeight, sources.width AS sourceWidth, hex(items.hash) AS hash
  FROM items JOIN sources ON sources.id = items.source_id`;

const atOnce = 4;

/** One item as a picture that decode.ts takes. */
export async function readItem(project: string, itemId: number): Promise<{ picture: Picture; name: string }> {
  const database = openForReading(join(project, databaseName));
  try {
    const [found] = rows<PackRow>(database, `${rowQuery} WHERE items.id = ?`, itemId);
    if (!found)
      throw new AtelierError('NOT_FOUND', `Expected an item of this project, received item ${itemId}.`);
    return { picture: await pictureOf(project, found), name: found.name };
  } finally {
    database.close();
  }
}

async function pictureOf(project: string, item: PackRow): Promise<Picture> {
  if (item.kind === 'folder') {
    const path = join(resolve(project, item.root), item.name);
    return readFile(path).catch((cause: Error) => {
      throw new AtelierError(
        'SOURCE_UNREADABLE',
        `Expected the original of ${item.name} at ${path}, but it cannot be read: ${cause.message}. Put it back where it was imported from.`,
        { item: item.id, name: item.name },
        { cause },
      );
    });
  }
  const height = item.sourceHeight!;
  const width = item.sourceWidth!;
  const pixels = new Uint8Array(height * width);
  const file = openSync(join(project, 'packs', packName('idx', item.sourceId)), 'r');
  try {
    const read = readSync(file, pixels, 0, pixels.length, item.position * pixels.length);
    if (read < pixels.length) throw cutShort(pixels.length, read);
  } finally {
    closeSync(file);
  }
  return { pixels, height, width, channels: 1 };
}

export interface Pack {
  path: string;
  /** [count, height, width, channels] */
  shape: [number, number, number, number];
}

export interface PackOptions {
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

/**
 * The pack of all items up to `lastItemId`, built if it is not there yet.
 * @throws SOURCE_UNREADABLE where an original is gone, IMAGE_UNREADABLE where it changed for the worse,
 * PROJECT_DAMAGED where a source's own pack is cut short, DISK_FULL, FILE_NOT_WRITABLE
 */
export async function providePack(
  project: string,
  framing: Framing,
  lastItemId: number,
  options: PackOptions = {},
): Promise<Pack> {
  const { height, width, channels, fit } = framing;
  const database = openForReading(join(project, databaseName));
  let items: PackRow[];
  try {
    items = rows<PackRow>(database, `${rowQuery} WHERE items.id <= ? ORDER BY items.id`, lastItemId);
  } finally {
    database.close();
  }
  const shape: Pack['shape'] = [items.length, height, width, channels];
  const bytes = items.length * height * width * channels;

  // The pack of an IDX source is the tensor already where nothing else was imported and nothing is resized.
  const [first] = items;
  const single = items.every(({ sourceId }) => sourceId === first!.sourceId);
  if (
    first?.kind === 'idx' &&
    single &&
    channels === 1 &&
    first.sourceHeight === height &&
    first.sourceWidth === width
  ) {
    return { path: join(project, 'packs', packName('idx', first.sourceId)), shape };
  }

  const content = createHash('sha256').update(JSON.stringify([height, width, channels, fit, decoderVersion]));
  for (const { hash } of items) content.update(hash);
  const path = join(project, 'packs', `tensor-${content.digest('hex').slice(0, 24)}.u8`);
  if (existsSync(path) && statSync(path).size === bytes) {
    touch(path);
    return { path, shape };
  }

  const part = `${path}.${process.pid}.part`;
  const file = openSync(part, 'w');
  let finished = false;
  try {
    for (let at = 0; at < items.length; at += atOnce * 8) {
      if (options.signal?.aborted) throw new AtelierError('CANCELLED', 'Packing the images was cancelled.');
      const batch = items.slice(at, at + atOnce * 8);
      const packed = new Array<Uint8Array>(batch.length);
      let next = 0;
      const work = async () => {
        for (let index = next++; index < batch.length; index = next++) {
          const item = batch[index]!;
          packed[index] = await toNetworkInput(await pictureOf(project, item), framing, item.name);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      append(file, Buffer.concat(packed), part);
      options.onProgress?.(at + batch.length, items.length);
    }
    finished = true;
  } finally {
    closeSync(file);
    if (!finished) rmSync(part, { force: true });
  }
  putInPlace(part, path);
  return { path, shape };
}

/** Notes that it was used: the project keeps those used last. */
function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // A pack that may be read and not written to is as good.
  }
}

/** A pack's pixels in memory. @throws PROJECT_DAMAGED where the file has not the size its shape says */
export async function readPack(pack: Pack): Promise<Uint8Array> {
  const expected = pack.shape.reduce((product, side) => product * side, 1);
  const bytes = await readFile(pack.path);
  if (bytes.length !== expected) throw cutShort(expected, bytes.length);
  return bytes;
}
