/**
 * Weights of a TensorFlow.js model: the shards that its manifest names, put behind each other, and each tensor in them, made
 * float32 again where it was stored in fewer bits. A shard is opened only within the folder of the model, and believed only
 * where its size is to the byte what the manifest says.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import * as z from 'zod';
import {
  countOf,
  greatestFile,
  greatestNodes,
  type GraphTensor,
  refuse,
  requireFinite,
  shown,
} from './graph.ts';

const again = 'Convert the model for TensorFlow.js again.';
const fetchAgain = 'Fetch it again, from where model.json came.';
const mostShards = 1000;

const Weight = z.object({
  name: z.string().max(1000),
  shape: z.array(z.number()).max(16),
  dtype: z.string().max(40),
  quantization: z
    .object({
      dtype: z.string().max(40),
      min: z.number().optional(),
      scale: z.number().optional(),
    })
    .optional(),
});
const Manifest = z
  .array(
    z.object({
      paths: z.array(z.string().min(1).max(1000)).max(mostShards),
      weights: z.array(Weight).max(greatestNodes),
    }),
  )
  .max(mostShards);

type Weight = z.infer<typeof Weight>;
interface Stored extends Weight {
  count: number;
  /** As it is stored. */
  type: string;
  bytes: Buffer;
}

/** Bytes of a number as it is stored. */
const sizes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Of each kind of weight: how it may be stored in fewer bits. */
const storedAs: Readonly<Record<string, readonly string[]>> = {
  float32: ['float16', 'uint8', 'uint16'],
  int32: ['uint8', 'uint16'],
  bool: [],
};

export interface TfjsWeights {
  names: string[];
  has(name: string): boolean;
  /** @throws BACKBONE_REFUSED where it is not there, no float, or not finite */
  floats(name: string): GraphTensor;
  /** @throws BACKBONE_REFUSED where it is not there, or no few whole numbers */
  integers(name: string): number[];
  /** One number, if it is a float; else null. */
  scalar(name: string): number | null;
  /** Of the files, in the manifest's order. */
  shards: Buffer[];
}

function manifestOf(manifest: unknown): z.infer<typeof Manifest> {
  const expected = 'a weightsManifest: a list of groups with paths and weights';
  try {
    return Manifest.parse(manifest);
  } catch (error) {
    // A TypeError: of an object with a `length`, zod compares that, and it need not be a number.
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const received = issue
      ? `${issue.path.join('.').slice(0, 200)}: ${issue.message.slice(0, 200)}`
      : 'another';
    return refuse(expected, received, again);
  }
}

/**
 * @param manifest the model's `weightsManifest`
 * @param path of model.json
 * @throws BACKBONE_REFUSED where a shard is missing, elsewhere, or not of the size that the manifest says; FILE_NOT_READABLE
 */
export async function readTfjsWeights(manifest: unknown, path: string): Promise<TfjsWeights> {
  const groups = manifestOf(manifest);
  const stored = new Map<string, Stored>();
  const shards: Buffer[] = [];
  const room = { left: greatestFile };
  for (const { paths, weights } of groups) {
    const needed = weights.map((weight) => sizeOf(weight));
    const bytes = await bytesOf(
      paths,
      needed.reduce((sum, { size }) => sum + size, 0),
      path,
      room,
    );
    shards.push(...bytes);
    const all = bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes);
    let at = 0;
    for (const [place, weight] of weights.entries()) {
      const { size, count, type } = needed[place]!;
      if (stored.has(weight.name)) refuse('each weight once', `${shown(weight.name)} twice`, again);
      stored.set(weight.name, { ...weight, count, type, bytes: all.subarray(at, at + size) });
      at += size;
    }
  }
  if (stored.size > greatestNodes)
    refuse(`at most ${greatestNodes} weights`, `${stored.size}`, 'Choose a smaller network.');
  const find = (name: string): Stored =>
    stored.get(name) ?? refuse('weights', `no ${shown(name)} among them`, again);
  return {
    names: [...stored.keys()],
    has: (name) => stored.has(name),
    floats: (name) => floatsOf(find(name)),
    integers: (name) => integersOf(find(name)),
    scalar: (name) => {
      const weight = stored.get(name);
      return weight?.dtype === 'float32' && weight.count === 1 ? floatsOf(weight).data[0]! : null;
    },
    shards,
  };
}

function sizeOf({ name, shape, dtype, quantization }: Weight): { size: number; count: number; type: string } {
  const type = quantization?.dtype ?? dtype;
  const size = Object.hasOwn(sizes, type) ? sizes[type] : undefined;
  const stored = quantization
    ? Object.hasOwn(storedAs, dtype)
      ? storedAs[dtype]!
      : []
    : Object.hasOwn(storedAs, dtype)
      ? [dtype]
      : [];
  if (size === undefined || !stored.includes(type))
    return refuse(
      'weights of float32, int32 or bool, stored as such or as float16, uint8 or uint16',
      `${shown(name)} of ${dtype}${quantization ? ` stored as ${quantization.dtype}` : ''}`,
      again,
    );
  const { min, scale } = quantization ?? {};
  if (type.startsWith('uint') && !(Number.isFinite(min) && Number.isFinite(scale)))
    refuse(`min and scale of ${shown(name)}, which is stored as ${type}`, `${min} and ${scale}`, again);
  const count = countOf(name, shape, again);
  return { size: size * count, count, type };
}

/** The group's files. @param size of all together @param room bytes that the model may still take; what is read is taken off */
async function bytesOf(
  paths: readonly string[],
  size: number,
  path: string,
  room: { left: number },
): Promise<Buffer[]> {
  if (size > room.left)
    refuse(
      `weights of at most ${greatestFile / 2 ** 20} MiB`,
      `more (a group of ${Math.ceil(size / 2 ** 20)} MiB)`,
      'Choose a smaller network.',
    );
  room.left -= size;
  const files: { shard: string; path: string; size: number }[] = [];
  for (const shard of paths) files.push({ shard, ...(await within(shard, path)) });
  const found = files.reduce((sum, file) => sum + file.size, 0);
  const named = paths.slice(0, 8).map(shown).join(', ');
  if (found !== size)
    refuse(`${size} bytes of weights in ${named || 'no file'}`, `${found} bytes`, fetchAgain);
  const bytes: Buffer[] = [];
  for (const file of files) {
    const read = await readFile(file.path);
    if (read.length !== file.size)
      refuse(`${file.size} bytes in ${shown(file.shard)}`, `${read.length}`, fetchAgain);
    bytes.push(read);
  }
  return bytes;
}

/** A shard within the model's folder, links followed. */
async function within(shard: string, path: string): Promise<{ path: string; size: number }> {
  const parts = shard.split('/');
  const leaves = /[\\\0:]/.test(shard) || parts.some((part) => part === '' || part === '.' || part === '..');
  const outside = () =>
    refuse(
      'weights in the folder of model.json',
      `the path ${shown(shard)}`,
      'Put the shards beside model.json, and name them so in its weightsManifest; files elsewhere are never opened.',
    );
  if (leaves) return outside();
  const named = join(dirname(path), ...parts);
  let real: string;
  try {
    real = await realpath(named);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    return refuse(
      `the weights beside model.json, in ${shown(shard)}`,
      'no such file',
      'Fetch it too: it lies where model.json came from.',
    );
  }
  // Caches keep files elsewhere and link to them: then model.json is a link too, and its shards lie beside what it leads to.
  const folders = [await realpath(dirname(path)), dirname(await realpath(path))];
  if (!folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    return outside();
  const found = await stat(real);
  if (!found.isFile()) return refuse('a file of weights', `${shown(shard)}, which is none`, fetchAgain);
  return { path: real, size: found.size };
}

function floatsOf({ name, shape, dtype, type, count, bytes, quantization }: Stored): GraphTensor {
  if (dtype !== 'float32') refuse('weights of float32', `${shown(name)} of ${dtype}`, again);
  // Copied: a file's bytes are not aligned.
  const copy = () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { min = 0, scale = 1 } = quantization ?? {};
  const data =
    type === 'float32'
      ? new Float32Array(copy())
      : type === 'float16'
        ? Float32Array.from({ length: count }, (_, at) => halfOf(bytes.readUInt16LE(2 * at)))
        : Float32Array.from({ length: count }, (_, at) => min + scale * whole(type, bytes, at));
  return { shape, data: requireFinite(name, data) };
}

function integersOf({ name, dtype, type, count, bytes, quantization }: Stored): number[] {
  if (dtype !== 'int32' || count > 1000)
    refuse('a few whole numbers', `${shown(name)}: ${count} of ${dtype}`, again);
  const { min = 0, scale = 1 } = quantization ?? {};
  return Array.from({ length: count }, (_, at) =>
    type === 'int32' ? bytes.readInt32LE(4 * at) : Math.round(min + scale * whole(type, bytes, at)),
  );
}

const whole = (type: string, bytes: Buffer, at: number): number =>
  type === 'uint16' ? bytes.readUInt16LE(2 * at) : bytes[at]!;

/** IEEE 754, binary16. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}
