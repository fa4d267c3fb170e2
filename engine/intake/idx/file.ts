/**
 * One IDX file: a big-endian header that names the type and the sides, then the values; plain or gzipped, told by
 * the content. No claim of a header is believed: it is compared with the file's size first, and the values are read
 * as a stream. What they mean is left to values.ts.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AtelierError } from '#contract/errors.ts';

export type IdxType = 'ubyte' | 'byte' | 'short' | 'int' | 'float' | 'double';

export interface IdxHeader {
  type: IdxType;
  /** Bytes of one value. */
  width: number;
  /** The first is the count of entries. */
  sides: number[];
  /** Bytes of the header itself. */
  bytes: number;
}

const types: Record<number, [IdxType, number]> = {
  0x08: ['ubyte', 1],
  0x09: ['byte', 1],
  0x0b: ['short', 2],
  0x0c: ['int', 4],
  0x0d: ['float', 4],
  0x0e: ['double', 8],
};
const longestHeader = 4 + 4 * 4;
/** No DEFLATE stream expands further. */
const greatestRatio = 1032;

export const unreadableIdx = (name: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${name}: ${message}`, { file: name }, { cause });

/**
 * @param start at least the first 20 bytes of the file, or all of a shorter one
 * @throws SOURCE_UNREADABLE
 */
function parseIdxHeader(start: Uint8Array, name: string): IdxHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const ends = () =>
    unreadableIdx(
      name,
      `Expected an IDX header, but the file ends after ${view.byteLength} bytes. Download it again.`,
    );
  if (view.byteLength < 4) throw ends();
  const magic = view.getUint32(0);
  const rank = magic & 0xff;
  const type = magic >>> 16 === 0 ? types[(magic >>> 8) & 0xff] : undefined;
  if (!type || rank < 1 || rank > 4) {
    const swapped = view.getUint32(0, true);
    const turned = swapped >>> 16 === 0 && types[(swapped >>> 8) & 0xff] !== undefined;
    const why =
      view.getUint16(0) === 0x1f8b
        ? 'a gzip file within a gzip file. Unpack it once and import again.'
        : turned
          ? 'its bytes in the opposite order (little-endian). Write the file anew with big-endian numbers.'
          : `${magic.toString(16).padStart(8, '0')}. Choose the original file.`;
    throw unreadableIdx(
      name,
      `Expected an IDX file (it starts with 00000803 for images, 00000801 for labels), received ${why}`,
    );
  }
  const bytes = 4 + rank * 4;
  if (view.byteLength < bytes) throw ends();
  const sides = Array.from({ length: rank }, (_, at) => view.getUint32(4 + at * 4));
  return { type: type[0], width: type[1], sides, bytes };
}

export interface IdxStream {
  header: IdxHeader;
  /** Whether the length at the end of a gzip file is another than the header says: only reading it all can tell why. */
  suspicious: boolean;
  /** The bytes after the header in pieces of any size: exactly as many as the header says, or an error. */
  body(): AsyncGenerator<Buffer>;
}

/**
 * Opens a file and checks its header against its size; the body is read when it is asked for.
 * @param name what an error calls it
 * @throws SOURCE_UNREADABLE, CANCELLED
 */
export async function openIdx(path: string, name: string, signal?: AbortSignal): Promise<IdxStream> {
  const found = await stat(path).catch((cause: Error) => {
    throw unreadableIdx(name, `Expected a file, but it cannot be read: ${cause.message}.`, cause);
  });
  // Reading a pipe or a device might never end.
  if (!found.isFile())
    throw unreadableIdx(name, 'Expected a file, received a pipe, a device or a folder. Remove it.');
  const gz = await isGzip(path, name);
  const start = await firstBytes(path, name, gz, signal);
  const header = parseIdxHeader(start, name);
  const expected = header.sides.reduce((product, side) => product * side, header.width);
  if (!gz && found.size - header.bytes !== expected) {
    const received = found.size - header.bytes;
    throw unreadableIdx(name, misfit(header, expected, received, received < expected));
  }
  if (gz && expected > (found.size + 1) * greatestRatio) {
    throw unreadableIdx(
      name,
      `Expected ${expected} bytes after the header (${entries(header)}), more than a gzip file of ${found.size} bytes can hold. Download it again.`,
    );
  }

  async function* body(): AsyncGenerator<Buffer> {
    let toSkip = header.bytes;
    let seen = 0;
    for await (const piece of decompressed(path, name, gz, signal, chunkFor(found.size))) {
      const rest = piece.subarray(Math.min(toSkip, piece.length));
      toSkip -= piece.length - rest.length;
      seen += rest.length;
      if (seen > expected) throw unreadableIdx(name, misfit(header, expected, seen, false));
      if (rest.length) yield rest;
    }
    if (seen < expected) throw unreadableIdx(name, misfit(header, expected, seen, true));
  }
  const suspicious = gz && (await lengthAtEnd(path, found.size)) !== (header.bytes + expected) % 2 ** 32;
  return { header, suspicious, body };
}

/** Read at once: a small file needs no large buffer. */
const chunkFor = (size: number) => Math.min(1 << 18, Math.max(1 << 12, size));

const entries = ({ sides }: IdxHeader) =>
  `${sides[0]} entries${sides.length > 1 ? ` of ${sides.slice(1).join('×')}` : ''}`;

const misfit = (header: IdxHeader, expected: number, received: number, short: boolean) =>
  `Expected ${expected} bytes after the header (${entries(header)}), received ${
    short ? `${received}: the file is cut short` : 'more'
  }. Download it again.`;

/** Whether the content is gzip, whatever the name says. @throws SOURCE_UNREADABLE */
async function isGzip(path: string, name: string): Promise<boolean> {
  const magic = Buffer.alloc(2);
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead } = await file.read(magic, 0, 2, 0);
      return bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadableIdx(
      name,
      `Expected a file that can be read, but: ${(cause as Error).message}. Check its permissions.`,
      cause,
    );
  }
}

/** The last four bytes of a gzip file: the length of its content, modulo 2³². */
async function lengthAtEnd(path: string, size: number): Promise<number | null> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    return bytesRead === 4 ? buffer.readUInt32LE() : null;
  } finally {
    await file.close();
  }
}

async function firstBytes(path: string, name: string, gz: boolean, signal?: AbortSignal): Promise<Buffer> {
  let start = Buffer.alloc(0);
  for await (const piece of decompressed(path, name, gz, signal, chunkFor(0))) {
    start = Buffer.concat([start, piece]);
    if (start.length >= longestHeader) break;
  }
  return start;
}

/** @throws SOURCE_UNREADABLE where the file cannot be read to its end, CANCELLED */
async function* decompressed(
  path: string,
  name: string,
  gz: boolean,
  signal: AbortSignal | undefined,
  chunk: number,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunk, signal });
  let source: AsyncIterable<Buffer> = file;
  if (gz) {
    const gunzip = createGunzip({ chunkSize: chunk });
    file.on('error', (error) => gunzip.destroy(error));
    source = file.pipe(gunzip);
  }
  try {
    yield* source;
  } catch (cause) {
    if (signal?.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    throw unreadableIdx(
      name,
      `Expected a whole file, but reading it failed: ${(cause as Error).message}. Download it again.`,
      cause,
    );
  } finally {
    file.destroy();
  }
}
