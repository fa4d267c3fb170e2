/**
 * The safetensors format, written and read: an 8-byte little-endian header length, a JSON header
 * (name → dtype, shape, data_offsets), then the data, without holes or overlaps. Data only: nothing in
 * such a file can run. Checkpoints, kept weights and exports use it; which tensors belong in a file, and
 * temporary files, fsync and checksums, are left to them. Numbers are little-endian, as on every
 * machine Atelier runs on.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { product } from '#recipe/shape.ts';

export interface SafeTensor {
  dtype: 'F32' | 'I32' | 'I64' | 'U8';
  /** [] is a scalar, with one element. */
  shape: number[];
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

const arrays = { F32: Float32Array, I32: Int32Array, I64: BigInt64Array, U8: Uint8Array } as const;
const metadataKey = '__metadata__';
/** Bytes; a header of a network of 64 layers with an optimizer's state is far below one of these mebibytes. */
const headerLimit = 16 * 1024 * 1024;

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

/** The error for a file of weights that is not as it was written. */
export const damaged = (expected: string, received: string, cause?: unknown): AtelierError =>
  new AtelierError(
    'CHECKPOINT_DAMAGED',
    `The weights file is damaged: expected ${expected}, received ${received}. Use an earlier checkpoint or another copy of the file.`,
    { expected, received },
    cause === undefined ? {} : { cause },
  );

function refuse(...damage: Parameters<typeof damaged>): never {
  throw damaged(...damage);
}

/**
 * The bytes of a file that holds these tensors and texts. Same input, same bytes. Wider elements come
 * first and the header is padded to 8 bytes, so that every tensor is aligned for readers that map the file.
 * @throws INTERNAL where a tensor's data does not fit its dtype and shape, or is called "__metadata__"
 */
export function encodeSafetensors(
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string>,
): Uint8Array {
  const { bytes, parts } = layOut(tensors, metadata);
  for (const { offset, part } of parts) bytes.set(part, offset);
  return bytes;
}

/** Bytes that are copied before others have a turn: some milliseconds. */
const turnBytes = 16 * 2 ** 20;

/** The same as `encodeSafetensors`, in turns with other work: some files are of gigabytes. */
export async function encodeSafetensorsInTurns(
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string>,
): Promise<Uint8Array> {
  const { bytes, parts } = layOut(tensors, metadata);
  let since = 0;
  for (const { offset, part } of parts) {
    for (let start = 0; start < part.length; start += turnBytes) {
      const piece = part.subarray(start, start + turnBytes);
      bytes.set(piece, offset + start);
      since += piece.length;
      if (since < turnBytes) continue;
      since = 0;
      await turnOfEventLoop();
    }
  }
  return bytes;
}

/** A file with its header in place, and what belongs where in the rest of it. */
function layOut(
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string>,
): { bytes: Uint8Array; parts: { offset: number; part: Uint8Array }[] } {
  const ordered = [...tensors].sort(
    ([, a], [, b]) => arrays[b.dtype].BYTES_PER_ELEMENT - arrays[a.dtype].BYTES_PER_ELEMENT,
  );
  // Joined by hand: an object would put names that look like numbers first, and drop "__proto__".
  const fields = [`"${metadataKey}":${JSON.stringify(metadata)}`];
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const elements = product(shape);
    if (name === metadataKey || !(data instanceof arrays[dtype]) || data.length !== elements) {
      throw new AtelierError(
        'INTERNAL',
        `Tensor ${shown(name)} expects ${elements} elements of ${dtype} for shape [${shape.join(', ')}], but received ${data.length} in a ${data.constructor.name}, or has a reserved name.`,
      );
    }
    const begin = end;
    end += data.byteLength;
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  let offset = 8 + headerLength;
  const parts = ordered.map(([, { data }]) => {
    const part = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    offset += part.length;
    return { offset: offset - part.length, part };
  });
  return { bytes, parts };
}

/**
 * Tensors and texts of a file; the data is copied, so that `bytes` may be let go.
 * @throws CHECKPOINT_DAMAGED on anything false: lengths, JSON, keys, shapes, offsets, and bytes left over
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Map<string, SafeTensor>;
  metadata: Record<string, string>;
} {
  const { header, dataStart } = readHeader(bytes);
  const dataLength = bytes.length - dataStart;
  let metadata: Record<string, string> = {};
  const described: { name: string; entry: Described }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = readMetadata(value);
    else described.push({ name, entry: readEntry(name, value) });
  }

  described.sort((a, b) => a.entry.begin - b.entry.begin || a.entry.end - b.entry.end);
  const tensors = new Map<string, SafeTensor>();
  let reached = 0;
  for (const { name, entry } of described) {
    const { dtype, shape, begin, end } = entry;
    if (begin !== reached) {
      refuse(`the data of ${shown(name)} to begin at ${reached}, where the one before it ends`, `${begin}`);
    }
    if (end > dataLength)
      refuse(`data of ${shown(name)} within the file's ${dataLength} bytes`, `end ${end}`);
    reached = end;
    // A copy: the file may place data where a typed array may not begin. Not `slice`: a Buffer's is a view.
    const data = new arrays[dtype](new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)).buffer);
    tensors.set(name, { dtype, shape, data });
  }
  if (reached !== dataLength) refuse(`${reached} bytes of data, as the header says`, `${dataLength}`);
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: object; dataStart: number } {
  if (bytes.length < 8) refuse('at least 8 bytes', `${bytes.length}`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const limit = Math.min(headerLimit, bytes.length - 8);
  if (declared > BigInt(limit)) refuse(`a header of at most ${limit} bytes`, `${declared}`);
  const dataStart = 8 + Number(declared);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch (cause) {
    refuse('a header of JSON in UTF-8', (cause as Error).message, cause);
  }
  if (!isObject(header)) refuse('a JSON object as header', shown(header));
  refuseDuplicateKeys(text);
  return { header, dataStart };
}

interface Described {
  dtype: SafeTensor['dtype'];
  shape: number[];
  begin: number;
  end: number;
}

function readEntry(name: string, value: unknown): Described {
  const which = `of ${shown(name)}`;
  if (!isObject(value)) refuse(`a description ${which}`, shown(value));
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype)) {
    refuse(`a dtype ${which} among ${Object.keys(arrays).join(', ')}`, shown(dtype));
  }
  if (!isSizes(shape)) refuse(`a shape ${which} of whole numbers from 0`, shown(shape));
  if (!isSizes(offsets) || offsets.length !== 2) refuse(`two data_offsets ${which}`, shown(offsets));
  const [begin, end] = offsets as [number, number];
  let byteLength: number = arrays[dtype as SafeTensor['dtype']].BYTES_PER_ELEMENT;
  for (const side of shape) {
    byteLength *= side;
    if (!Number.isSafeInteger(byteLength)) refuse(`a shape ${which} that can be held`, shown(shape));
  }
  if (end - begin !== byteLength) {
    refuse(`${byteLength} bytes ${which} for ${dtype} [${shape.join(', ')}]`.slice(0, 300), `${end - begin}`);
  }
  return { dtype: dtype as SafeTensor['dtype'], shape, begin, end };
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isObject(value)) refuse('an object of texts as metadata', shown(value));
  for (const text of Object.values(value)) {
    if (typeof text !== 'string') refuse('metadata that is text', shown(text));
  }
  return value as Record<string, string>;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** `JSON.parse` keeps the last of two equal keys in silence; a reader that keeps the first would see another file. */
function refuseDuplicateKeys(validJson: string): void {
  const scopes: Set<string>[] = [];
  // Each match is a string with what makes it a key, or a bracket. An array's scope stays empty.
  for (const [token, text, colon] of validJson.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') scopes.push(new Set());
    else if (token === '}' || token === ']') scopes.pop();
    else if (text !== undefined && colon !== undefined) {
      const key = JSON.parse(text) as string;
      const scope = scopes.at(-1)!;
      if (scope.has(key)) refuse('every key of the header once', `${shown(key)} twice`);
      scope.add(key);
    }
  }
}
