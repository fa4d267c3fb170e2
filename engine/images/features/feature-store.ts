/**
 * Features of a project's images on the disk: one file for all that they depend on beside the image, with a record for each
 * row. A cache: a record that is not whole, or of another image, is computed anew, so nothing waits for the disk. What
 * features are is left to learning/. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { notWritten } from '#learning/files/durable-file.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import type { Framing } from '../decode/decode.ts';
import { decoderVersion } from '../decode/open.ts';
import { originalsUpTo } from '../storage/originals.ts';

/** In front of the numbers: 16 bytes of the image's hash, 16 of the numbers' own. */
const headBytes = 32;
/** Rows that are computed before they are written. */
const rowsAtOnce = 256;
const bytesAtOnce = 8 * 1024 * 1024;
/** Of all features of a project; files that were not used for longest go first. */
const mostBytes = 8 * 2 ** 30;

/** Features of one kind, open for reading and writing. */
interface FeatureFile {
  /** Fills in what is there, [rows, size]. @returns places in `rows` of the others */
  read(rows: Int32Array, result: Float32Array): Promise<number[]>;
  /** Keeps the features of these rows, [rows, size]. @throws DISK_FULL, FILE_NOT_WRITABLE */
  write(rows: Int32Array, values: Float32Array): Promise<void>;
  /** Also notes that it was used, and makes room where it may have grown. */
  close(): Promise<void>;
}

/**
 * @param mode `read` asks nothing of the disk that a project which can only be looked at refuses; null where nothing is kept
 * @param hashes of the items, hexadecimal, in the order of their rows
 * @param key of all that features depend on beside the image and its framing
 * @param size numbers of an image
 */
export async function openFeatureFile(
  mode: 'write',
  project: string,
  framing: Framing,
  hashes: readonly string[],
  kind: { key: string; size: number },
): Promise<FeatureFile>;
export async function openFeatureFile(
  mode: 'read',
  project: string,
  framing: Framing,
  hashes: readonly string[],
  kind: { key: string; size: number },
): Promise<FeatureFile | null>;
export async function openFeatureFile(
  mode: 'read' | 'write',
  project: string,
  framing: Framing,
  hashes: readonly string[],
  { key, size }: { key: string; size: number },
): Promise<FeatureFile | null> {
  const { folder, path } = placeOf(project, framing, { key, size });
  const digests = hashes.map((hash) => Buffer.from(hash, 'hex'));
  const file = mode === 'read' ? await openKept(path) : await openForWriting(folder, path);
  return (
    file && {
      read: (rows, result) => readRecords(file, rows, digests, size, result),
      async write(rows, values) {
        try {
          await writeRecords(file, rows, digests, size, values);
        } catch (cause) {
          throw notWritten(path, cause);
        }
      },
      async close() {
        await file.close();
        const now = new Date();
        await utimes(path, now, now).catch(() => undefined);
        if (mode === 'write') await dropOldest(folder, path);
      },
    }
  );
}

function placeOf(
  project: string,
  { height, width, channels, fit }: Framing,
  { key, size }: { key: string; size: number },
): { folder: string; path: string } {
  const name = createHash('sha256')
    .update(JSON.stringify([decoderVersion, height, width, channels, fit, size, key]))
    .digest('hex');
  const folder = join(project, 'packs');
  return { folder, path: join(folder, `features-${name.slice(0, 24)}.f32`) };
}

/**
 * How many of these rows have no features yet, by the heads of their records alone: for telling what computing them will
 * take, never for using them.
 */
export async function countMissing(
  project: string,
  framing: Framing,
  hashes: readonly string[],
  kind: { key: string; size: number },
  rows: readonly number[],
): Promise<number> {
  const file = await openKept(placeOf(project, framing, kind).path);
  if (!file) return rows.length;
  try {
    const head = Buffer.alloc(16);
    let missing = 0;
    for (const row of rows) {
      head.fill(0);
      await file.read(head, 0, head.length, row * (headBytes + kind.size * 4));
      if (head.toString('hex') !== hashes[row]) missing += 1;
    }
    return missing;
  } finally {
    await file.close();
  }
}

async function openKept(path: string): Promise<File | null> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

/** @throws DISK_FULL, FILE_NOT_WRITABLE */
async function openForWriting(folder: string, path: string): Promise<File> {
  try {
    await mkdir(folder, { recursive: true });
    return await open(path, 'r+').catch(() => open(path, 'w+'));
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

/**
 * The features of the items up to `lastItemId`, brought to size by `framing`.
 * @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE, and what `compute` throws
 */
export function openFeatureStore(
  project: string,
  framing: Framing,
  lastItemId: number,
  signal?: AbortSignal,
): FeatureStore {
  const hashes = originalsUpTo(project, lastItemId).map(({ hash }) => hash);
  return {
    async read(key, rows, size, compute) {
      const result = new Float32Array(rows.length * size);
      const file = await openFeatureFile('write', project, framing, hashes, { key, size });
      try {
        // Views are computed in blocks of neighbours, each once where they are asked for together.
        const missing = (await file.read(rows, result)).sort((a, b) => rows[a]! - rows[b]!);
        for (let at = 0; at < missing.length; at += rowsAtOnce) {
          if (signal?.aborted) throw new AtelierError('CANCELLED', 'Computing features was cancelled.');
          const places = missing.slice(at, at + rowsAtOnce);
          const some = Int32Array.from(places, (place) => rows[place]!);
          const values = await compute(some, rows.length - missing.length + at);
          places.forEach((place, index) =>
            result.set(values.subarray(index * size, (index + 1) * size), place * size),
          );
          await file.write(some, values);
        }
      } finally {
        await file.close();
      }
      return result;
    },
  };
}

type File = Awaited<ReturnType<typeof open>>;

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const digestOf = (values: Uint8Array) => createHash('sha256').update(values).digest().subarray(0, 16);

/** Fills in what is there. @returns places in `rows` of the others */
async function readRecords(
  file: File,
  rows: Int32Array,
  hashes: readonly Buffer[],
  size: number,
  result: Float32Array,
): Promise<number[]> {
  const record = headBytes + size * 4;
  const missing: number[] = [];
  const most = Math.max(1, Math.floor(bytesAtOnce / record));
  const buffer = Buffer.alloc(Math.min(most, rows.length) * record);
  for (let at = 0; at < rows.length;) {
    let count = 1;
    while (count < most && at + count < rows.length && rows[at + count] === rows[at]! + count) count += 1;
    buffer.fill(0, 0, count * record);
    await file.read(buffer, 0, count * record, rows[at]! * record);
    for (let index = 0; index < count; index += 1) {
      const place = at + index;
      const head = buffer.subarray(index * record, index * record + headBytes);
      const values = buffer.subarray(index * record + headBytes, (index + 1) * record);
      const whole =
        head.subarray(0, 16).equals(hashes[rows[place]!]!) && head.subarray(16).equals(digestOf(values));
      if (whole) bytesOf(result).set(values, place * size * 4);
      else missing.push(place);
    }
    at += count;
  }
  return missing;
}

async function writeRecords(
  file: File,
  rows: Int32Array,
  hashes: readonly Buffer[],
  size: number,
  values: Float32Array,
): Promise<void> {
  const record = headBytes + size * 4;
  for (let at = 0; at < rows.length;) {
    let count = 1;
    while (at + count < rows.length && rows[at + count] === rows[at]! + count) count += 1;
    const buffer = Buffer.alloc(count * record);
    for (let index = 0; index < count; index += 1) {
      const own = bytesOf(values.subarray((at + index) * size, (at + index + 1) * size));
      buffer.set(hashes[rows[at + index]!]!, index * record);
      buffer.set(digestOf(own), index * record + 16);
      buffer.set(own, index * record + headBytes);
    }
    await file.write(buffer, 0, buffer.length, rows[at]! * record);
    at += count;
  }
}

/** Files are sparse where rows are missing: what they take on the disk counts, not their length. */
async function dropOldest(folder: string, kept: string): Promise<void> {
  const found: { path: string; bytes: number; used: number }[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!/^features-[0-9a-f]{24}\.f32$/.test(name)) continue;
    const path = join(folder, name);
    const about = await stat(path).catch(() => null);
    if (about)
      found.push({ path, bytes: about.blocks ? about.blocks * 512 : about.size, used: about.mtimeMs });
  }
  let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of found.sort((a, b) => a.used - b.used)) {
    if (total <= mostBytes) return;
    if (path === kept) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}
