/**
 * Packs: all images of a project as one tensor file [count, height, width, channels] uint8, for one framing, rows in the
 * order of the items. Built when first asked for and kept under a name made of what it must hold; behind the pixels stands
 * their digest, so that a file of the right size and other bytes is never trained on. Reading images is left
 * to ../storage/. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync, utimesSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { append, cutShort, putInPlace } from './pack-file.ts';
import { type Framing, toNetworkInput } from '../decode/decode.ts';
import { refuseEdited } from '../storage/edited.ts';
import { decoderVersion } from '../decode/open.ts';
import { ChangedOriginals, hashOf, type Original } from '../storage/changed-originals.ts';
import { keptPixels, otherPixels } from '../storage/kept-pixels.ts';
import { originalsUpTo } from '../storage/originals.ts';
import { storageOf } from '../storage/storages.ts';

interface Pack {
  path: string;
  /** [count, height, width, channels] */
  shape: [number, number, number, number];
  /** As `shape` says; rows that are not asked for and whose images were removed may be black. */
  pixels: Uint8Array;
}

export interface PackOptions {
  /** Rows that must be there though their images were removed since, such as those of a run that is resumed. */
  rows?: Iterable<number>;
  /** Whether a pack that is there is also compared with the originals: what was edited since it was made is then told. */
  fresh?: boolean;
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

const atOnce = 4;
const chunk = 8 * 1024 * 1024;
/** Behind the pixels: SHA-256 of what it must hold, SHA-256 of the pixels, and when the originals were compared last (float64, ms). */
const trailerBytes = 32 + 32 + 8;

/** The last one: the next task mostly asks for the same. */
let kept: Pack | null = null;

/**
 * The pack of all items up to `lastItemId`, built if it is not there yet, its pixels compared with its digest.
 * @throws ORIGINAL_CHANGED and ORIGINAL_MISSING naming the files, SOURCE_UNREADABLE, IMAGE_UNREADABLE, PROJECT_DAMAGED where a
 * source's own pack holds other bytes, DISK_FULL, FILE_NOT_WRITABLE, CANCELLED
 */
export async function loadPack(
  project: string,
  framing: Framing,
  lastItemId: number,
  options: PackOptions = {},
): Promise<Pack> {
  const { height, width, channels } = framing;
  const items = originalsUpTo(project, lastItemId);
  const shape: Pack['shape'] = [items.length, height, width, channels];
  const imported = importedPack(items, framing);
  if (imported) return loadImported(join(project, 'packs', imported), shape, items, options.signal);

  const asked = new Set(options.rows ?? []);
  const wanted = items.map(({ removed }, row) => !removed || asked.has(row));
  // One from before some were removed holds all that is wanted too.
  for (const held of [items.map(() => true), wanted]) {
    const content = contentOf(items, held, framing);
    const path = packPath(project, content);
    const known = kept?.path === path && existsSync(path) ? kept.pixels : null;
    const pixels = known ?? (await readPack(path, shape, content, options.signal));
    if (!pixels) continue;
    if (options.fresh) await compareEdited(project, path, items, wanted);
    touch(path);
    return (kept = { path, shape, pixels });
  }
  kept = null;
  const content = contentOf(items, wanted, framing);
  const path = packPath(project, content);
  await build(project, path, items, wanted, framing, content, options);
  const pixels = await readPack(path, shape, content, options.signal);
  if (!pixels) throw unkept(path);
  return (kept = { path, shape, pixels });
}

/** Whether a pack is there that holds these rows: what is in it is looked at when it is loaded. */
export function packIsKept(
  project: string,
  framing: Framing,
  items: Original[],
  rows: Iterable<number>,
): boolean {
  if (importedPack(items, framing)) return true;
  const asked = new Set(rows);
  const wanted = items.map(({ removed }, row) => !removed || asked.has(row));
  return [items.map(() => true), wanted].some((held) =>
    existsSync(packPath(project, contentOf(items, held, framing))),
  );
}

const unkept = (path: string) =>
  new AtelierError(
    'FILE_NOT_WRITABLE',
    `Expected to read back the pack ${path} as it was written, received other bytes. Check the disk.`,
    { path },
  );

/** The name of a source's own pack where that is the tensor already: nothing else was imported and nothing is resized. */
function importedPack(items: Original[], { height, width, channels }: Framing): string | null {
  const [first] = items;
  if (first?.storage !== keptPixels.name) return null;
  const length = height * width * channels;
  const same = items.every(
    (item, row) =>
      item.sourceId === first.sourceId &&
      item.height === height &&
      item.width === width &&
      item.length === length &&
      item.position === row * length,
  );
  return same ? keptPixels.packName(first.sourceId) : null;
}

/** @throws PROJECT_DAMAGED where a row is not the item's pixels */
async function loadImported(
  path: string,
  shape: Pack['shape'],
  items: Original[],
  signal: AbortSignal | undefined,
): Promise<Pack> {
  const bytes = shape.reduce((product, side) => product * side, 1);
  if (kept?.path === path && kept.pixels.length === bytes) return kept;
  const pixels = await readPixels(path, bytes, signal);
  const size = bytes / items.length;
  for (const [row, item] of items.entries()) {
    if (hashOf(pixels.subarray(row * size, (row + 1) * size)) !== item.hash) throw otherPixels(item);
  }
  return (kept = { path, shape, pixels });
}

/** SHA-256 of all that the pixels depend on. */
function contentOf(items: Original[], held: boolean[], { height, width, channels, fit }: Framing): Buffer {
  const content = createHash('sha256');
  content.update(JSON.stringify([decoderVersion, items.length, height, width, channels, fit]));
  for (const [row, { hash }] of items.entries()) content.update(held[row] ? hash : '-');
  return content.digest();
}

/** Of all that the pixels of these rows depend on, hexadecimal: what is the same has the same pixels. */
export function pixelDigest(
  project: string,
  { height, width, channels, fit }: Framing,
  lastItemId: number,
  rows: readonly number[],
): string {
  const items = originalsUpTo(project, lastItemId);
  const content = createHash('sha256');
  content.update(JSON.stringify([decoderVersion, height, width, channels, fit]));
  for (const row of rows) content.update(items[row]!.hash);
  return content.digest('hex');
}

const packPath = (project: string, content: Buffer) =>
  join(project, 'packs', `tensor-${content.toString('hex').slice(0, 24)}.u8`);

/** @returns null where it is not there, or not what was written: then it goes, and is made again */
async function readPack(
  path: string,
  shape: Pack['shape'],
  content: Buffer,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  const bytes = shape.reduce((product, side) => product * side, 1);
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) return null;
  if (size === bytes + trailerBytes) {
    const digest = createHash('sha256');
    const pixels = await readPixels(path, bytes, signal, digest);
    const trailer = await readTrailer(path, bytes);
    const whole = trailer.subarray(0, 32).equals(content) && trailer.subarray(32, 64).equals(digest.digest());
    if (whole) return pixels;
  }
  rmSync(path, { force: true });
  return null;
}

/** The first `bytes` of a file, without a pause so long that cancelling must wait. @throws PROJECT_DAMAGED where it has fewer */
async function readPixels(
  path: string,
  bytes: number,
  signal: AbortSignal | undefined,
  digest?: ReturnType<typeof createHash>,
): Promise<Uint8Array> {
  const pixels = new Uint8Array(bytes);
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < bytes;) {
      if (signal?.aborted) throw cancelled();
      const { bytesRead } = await file.read(pixels, at, Math.min(chunk, bytes - at), at);
      if (bytesRead === 0) throw cutShort(bytes, at);
      digest?.update(pixels.subarray(at, at + bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return pixels;
}

async function readTrailer(path: string, at: number): Promise<Buffer> {
  const trailer = Buffer.alloc(trailerBytes);
  const file = await open(path, 'r');
  try {
    await file.read(trailer, 0, trailerBytes, at);
  } finally {
    await file.close();
  }
  return trailer;
}

const cancelled = () => new AtelierError('CANCELLED', 'Packing the images was cancelled.');

async function build(
  project: string,
  path: string,
  items: Original[],
  wanted: boolean[],
  framing: Framing,
  content: Buffer,
  options: PackOptions,
): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const began = Date.now();
  const digest = createHash('sha256');
  const black = new Uint8Array(framing.height * framing.width * framing.channels);
  const faults = new ChangedOriginals(project);
  const file = openSync(part, 'w');
  let finished = false;
  try {
    for (let at = 0; at < items.length; at += atOnce * 8) {
      if (options.signal?.aborted) throw cancelled();
      const batch = items.slice(at, at + atOnce * 8);
      const packed = new Array<Uint8Array>(batch.length).fill(black);
      let next = 0;
      const work = async () => {
        for (let index = next++; index < batch.length; index = next++) {
          if (!wanted[at + index]) continue;
          const item = batch[index]!;
          const picture = await storageOf(item.storage).picture(project, item, faults);
          // After the first fault the others are only looked for, so that all are told at once.
          if (picture && !faults.any) packed[index] = await toNetworkInput(picture, framing, item.name);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      if (!faults.any) {
        const bytes = Buffer.concat(packed);
        digest.update(bytes);
        append(file, bytes, part);
      }
      options.onProgress?.(at + batch.length, items.length);
    }
    faults.refuse();
    append(file, Buffer.concat([content, digest.digest(), timeBytes(began)]), part);
    finished = true;
  } finally {
    closeSync(file);
    if (!finished) rmSync(part, { force: true });
  }
  putInPlace(part, path);
}

function timeBytes(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(milliseconds);
  return bytes;
}

/**
 * Compares the originals that were written to since the pack was made: the pack is still what was imported, but whoever
 * edited a file means the file. @throws ORIGINAL_CHANGED
 */
async function compareEdited(
  project: string,
  path: string,
  items: Original[],
  wanted: boolean[],
): Promise<void> {
  const { size } = await stat(path);
  const began = Date.now();
  const compared = (await readTrailer(path, size - trailerBytes)).readDoubleLE(64);
  const { allThere } = await refuseEdited(project, items, wanted, () => compared);
  if (allThere) noteComparison(path, size, began);
}

function noteComparison(path: string, size: number, at: number): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, timeBytes(at), 0, 8, size - 8);
    } finally {
      closeSync(file);
    }
  } catch {
    // A pack that may be read and not written to is as good; the next training compares again.
  }
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
