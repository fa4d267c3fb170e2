/**
 * IDX, the format of MNIST and its kin: big-endian header, then bytes; plain or gzipped. Reads the
 * images in one pass into a pack without ever holding them all, and believes no header unchecked.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AtelierError } from '#contract/errors.ts';
import type { ImportPlan } from '#contract/import.ts';
import { knownNames } from './known-names.ts';
import { append } from './pack-file.ts';
import type { Importer, ReadItem, ReadOptions, ReadSource, Scan } from './source.ts';

export interface IdxHeader {
  kind: 'images' | 'labels';
  count: number;
  /** 1 for labels. */
  height: number;
  width: number;
  /** Bytes of the header itself. */
  bytes: number;
}

const greatestSide = 4096;
const greatestCount = 20_000_000;

/**
 * @param start at least the first 16 bytes of the file, or all of a shorter one
 * @throws SOURCE_UNREADABLE
 */
export function parseIdxHeader(start: Uint8Array, name: string): IdxHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const word = (at: number) => {
    if (at + 4 > view.byteLength) {
      throw unreadable(
        name,
        `Expected an IDX header, but the file ends after ${view.byteLength} bytes. Fetch it again.`,
      );
    }
    return view.getUint32(at);
  };
  const magic = word(0);
  if (magic !== 0x803 && magic !== 0x801) {
    throw unreadable(
      name,
      `Expected an IDX file of bytes (it starts with 00000803 for images, 00000801 for labels), received ${magic.toString(16).padStart(8, '0')}. Choose the original file.`,
    );
  }
  const count = word(4);
  if (count > greatestCount)
    throw unreadable(
      name,
      `Expected at most ${greatestCount} entries, received a header that claims ${count}.`,
    );
  if (magic === 0x801) return { kind: 'labels', count, height: 1, width: 1, bytes: 8 };
  const height = word(8);
  const width = word(12);
  if (height < 1 || width < 1 || height > greatestSide || width > greatestSide) {
    throw unreadable(
      name,
      `Expected images of 1 to ${greatestSide} pixels a side, received a header that claims ${height}×${width}.`,
    );
  }
  return { kind: 'images', count, height, width, bytes: 16 };
}

const unreadable = (name: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${name}: ${message}`, { file: name }, { cause });

interface IdxStream {
  header: IdxHeader;
  /** The bytes after the header, in pieces of any size; ends with exactly as many as the header says. */
  body: AsyncGenerator<Buffer>;
}

/** @throws SOURCE_UNREADABLE for a wrong header; the body throws it for too few or too many bytes */
async function openIdx(path: string, signal: AbortSignal | undefined): Promise<IdxStream> {
  const name = basename(path);
  const pieces = decompressed(path, signal)[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | null> => {
    try {
      const piece = await pieces.next();
      return piece.done ? null : piece.value;
    } catch (cause) {
      if (signal?.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const reason = (cause as Error).message;
      throw unreadable(
        name,
        `Expected a whole file, but reading it failed: ${reason}. Fetch it again.`,
        cause,
      );
    }
  };
  let start = Buffer.alloc(0);
  while (start.length < 16) {
    const piece = await next();
    if (!piece) break;
    start = Buffer.concat([start, piece]);
  }
  const header = parseIdxHeader(start, name);
  const total = header.count * header.height * header.width;

  async function* body(): AsyncGenerator<Buffer> {
    let seen = 0;
    try {
      for (let piece: Buffer | null = start.subarray(header.bytes); piece; piece = await next()) {
        seen += piece.length;
        if (seen > total) {
          throw unreadable(
            name,
            `Expected ${total} bytes after the header (${header.count} entries), received more. Fetch it again.`,
          );
        }
        if (piece.length) yield piece;
      }
    } finally {
      await pieces.return?.(undefined);
    }
    if (seen < total) {
      throw unreadable(
        name,
        `Expected ${total} bytes after the header (${header.count} entries), received ${seen}: the file is cut short. Fetch it again.`,
      );
    }
  }
  return { header, body: body() };
}

async function* decompressed(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 18, signal });
  if (!isGzip(path)) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}

function isGzip(path: string): boolean {
  const magic = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    return readSync(file, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}

/** @returns one byte per entry. @throws SOURCE_UNREADABLE */
export async function readIdxLabels(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const { header, body } = await openIdx(path, signal);
  if (header.kind !== 'labels') throw unreadable(basename(path), 'Expected labels, received images.');
  const labels: Buffer[] = [];
  for await (const piece of body) labels.push(piece);
  return Buffer.concat(labels);
}

/**
 * Streams the images of a file, one at a time: `onImage` gets [height × width] bytes that are only
 * valid during the call. @throws SOURCE_UNREADABLE
 */
export async function readIdxImages(
  path: string,
  onImage: (pixels: Buffer, index: number, header: IdxHeader) => void,
  signal?: AbortSignal,
): Promise<IdxHeader> {
  const { header, body } = await openIdx(path, signal);
  if (header.kind !== 'images') throw unreadable(basename(path), 'Expected images, received labels.');
  const size = header.height * header.width;
  let rest: Buffer = Buffer.alloc(0);
  let index = 0;
  for await (const piece of body) {
    let at = 0;
    const bytes = rest.length ? Buffer.concat([rest, piece]) : piece;
    for (; at + size <= bytes.length; at += size) onImage(bytes.subarray(at, at + size), index++, header);
    rest = bytes.subarray(at);
  }
  return header;
}

const parts = [
  { prefix: 'train', part: 'pool', folder: 'train' },
  { prefix: 't10k', part: 'test', folder: 'test' },
] as const;

function find(folder: string, prefix: string, what: 'images-idx3' | 'labels-idx1'): string | null {
  const names = [what, what.replace('-idx', '.idx')].flatMap((name) =>
    ['.gz', ''].map((end) => `${prefix}-${name}-ubyte${end}`),
  );
  const found = names.find((name) => existsSync(join(folder, name)));
  return found ? join(folder, found) : null;
}

/** Whether a folder holds files with MNIST's names. */
export function holdsIdx(folder: string): boolean {
  return readdirSync(folder).some((name) =>
    /^(train|t10k)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/.test(name),
  );
}

/**
 * Reads `train-*` into the pool and `t10k-*` into the test part, in this order.
 * @throws SOURCE_UNREADABLE for files that are wrong in themselves or disagree
 */
export async function readIdxSource(folder: string, options: ReadOptions): Promise<ReadSource> {
  const items: ReadItem[] = [];
  let side: { height: number; width: number } | null = null;
  let names: string[] | undefined;
  const pairs = parts.flatMap(({ prefix, part, folder: within }) => {
    const images = find(folder, prefix, 'images-idx3');
    const labels = find(folder, prefix, 'labels-idx1');
    if (!images && !labels) return [];
    if (!images || !labels) {
      throw unreadable(
        `${prefix}-${images ? 'labels-idx1' : 'images-idx3'}-ubyte`,
        `Expected this file beside ${basename((images ?? labels)!)}. Put both into the folder.`,
      );
    }
    return [{ images, labels, part, within }];
  });
  const labelled = [];
  for (const pair of pairs)
    labelled.push({ ...pair, values: await readIdxLabels(pair.labels, options.signal) });
  const total = labelled.reduce((sum, { values }) => sum + values.length, 0);

  const pack = openSync(options.pack, 'w');
  try {
    for (const { images, labels, values, part, within } of labelled) {
      names ??= knownNames[createHash('sha256').update(values).digest('hex')];
      const digits = String(Math.max(values.length - 1, 1)).length;
      let gathered: Buffer[] = [];
      let gatheredBytes = 0;
      const flush = () => {
        append(pack, Buffer.concat(gathered), options.pack);
        gathered = [];
        gatheredBytes = 0;
        options.onProgress(items.length, total);
      };
      const check = (header: IdxHeader) => {
        if (header.count !== values.length) {
          throw unreadable(
            basename(images),
            `Expected ${values.length} images, one for each label in ${basename(labels)}, received ${header.count}. Use files that belong together.`,
          );
        }
        side ??= { height: header.height, width: header.width };
        if (side.height !== header.height || side.width !== header.width) {
          throw unreadable(
            basename(images),
            `Expected images of ${side.height}×${side.width} like those before, received ${header.height}×${header.width}.`,
          );
        }
      };
      const header = await readIdxImages(
        images,
        (pixels, index, header) => {
          if (index === 0) check(header);
          items.push({
            name: `${within}/${String(index).padStart(digits, '0')}`,
            className: names?.[values[index]!] ?? String(values[index]!),
            part,
            width: header.width,
            height: header.height,
            hash: createHash('sha256').update(pixels).digest('hex').slice(0, 32),
            position: items.length,
            length: 0,
          });
          gathered.push(Buffer.from(pixels));
          gatheredBytes += pixels.length;
          if (gatheredBytes > 1 << 20) flush();
        },
        options.signal,
      );
      check(header);
      flush();
    }
  } finally {
    closeSync(pack);
  }
  const present = [...new Set(labelled.flatMap(({ values }) => [...new Set(values)]))].sort((a, b) => a - b);
  return {
    kind: 'idx',
    classes: present.map((label) => names?.[label] ?? String(label)),
    items,
    setAside: [],
    height: side!.height,
    width: side!.width,
    pack: options.pack,
  };
}

const isIdxName = (name: string) =>
  /^(train|t10k)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/.test(name);

export const idxImporter: Importer<Scan & { folder: string }> = {
  kind: 'idx',
  layouts: ['idx'],
  detect: async ({ files }) => files.some(({ name }) => isIdxName(name)),
  async scan({ root, files, skipped }, { signal }) {
    const counts = new Map<number, ImportPlan['classes'][number]['counts']>();
    let names: string[] | undefined;
    for (const { prefix, part } of parts) {
      const labels = find(root, prefix, 'labels-idx1');
      if (!labels) continue;
      const values = await readIdxLabels(labels, signal);
      names ??= knownNames[createHash('sha256').update(values).digest('hex')];
      for (const value of values) {
        let of = counts.get(value);
        if (!of) counts.set(value, (of = { pool: 0, train: 0, validation: 0, test: 0 }));
        of[part]++;
      }
    }
    const others = files.filter(({ name }) => !isIdxName(name));
    return {
      kind: 'idx',
      layout: 'idx',
      folder: root,
      statement: 'IDX files: train-* is the training part, t10k-* the test part.',
      classes: [...counts]
        .sort(([a], [b]) => a - b)
        .map(([value, of]) => ({ name: names?.[value] ?? String(value), counts: of })),
      skipped: [
        ...skipped,
        ...others.map(({ name }) => ({ path: name, reason: 'Lies beside the IDX files, which are read.' })),
      ],
      warnings: [],
      options: { layout: 'idx' },
    };
  },
  read: ({ folder }, options) => readIdxSource(folder, options),
};
