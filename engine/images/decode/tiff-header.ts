/**
 * Reads the first page's tags of a TIFF or BigTIFF: what its samples are. Bounded; decoding is left to libvips, which
 * gives the samples but not what they mean.
 */

export interface TiffHeader {
  width: number;
  height: number;
  /** Bits of each sample, one number a channel. */
  bits: number[];
  /** 1 unsigned, 2 signed, 3 floating point, 4 undefined, 5 and 6 complex. */
  sampleFormat: number;
  samples: number;
  photometric: number;
  compression: number;
  /** What each sample beyond the colours is: 0 unspecified, 1 premultiplied alpha, 2 alpha. */
  extra: number[];
  /** The page is a reduced copy of another. */
  reduced: boolean;
  /** A camera's raw file (DNG). */
  raw: boolean;
  /** The value of white, where the file says so. */
  top?: number;
  /** Where the value of the photometric tag lies, and those of the sample format. */
  photometricAt: number;
  formatsAt: number;
  littleEndian: boolean;
  /** Bytes of pixel data that the file says lie within it, and how far they reach. */
  reaches: number;
}

const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  stripBytes: 279,
  most: 281,
  tileOffsets: 324,
  tileBytes: 325,
  extra: 338,
  sampleFormat: 339,
  smost: 341,
  dngVersion: 50706,
} as const;

const sizes: Record<number, number> = {
  ...{
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
  },
};
/** Numbers a tag may have that are looked at; strips of a large picture are many. */
const mostValues = 1_000_000;

/** @returns null where the tags cannot be read */
export function readTiffHeader(bytes: Uint8Array): TiffHeader | null {
  try {
    return parse(bytes);
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** @throws RangeError where the file ends before what it refers to */
function parse(bytes: Uint8Array): TiffHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const long = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const first = long(big ? 8 : 4);
  const count = big ? long(first) : view.getUint16(first, little);
  const entrySize = big ? 20 : 12;
  const found = new Map<number, number[]>();
  let photometricAt = -1;
  let formatsAt = -1;
  for (let index = 0; index < Math.min(count, 4096); index++) {
    const at = first + (big ? 8 : 2) + index * entrySize;
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const size = sizes[type];
    const length = long(at + 4);
    if (size === undefined || length > mostValues) continue;
    const inline = at + (big ? 12 : 8);
    const from = size * length <= (big ? 8 : 4) ? inline : long(inline);
    if (tag === tags.photometric) photometricAt = from;
    if (tag === tags.sampleFormat) formatsAt = from;
    if (!(Object.values(tags) as number[]).includes(tag)) continue;
    found.set(
      tag,
      Array.from({ length }, (_, value) => numberAt(view, from + value * size, type, little)),
    );
  }
  const one = (tag: number, otherwise: number) => found.get(tag)?.[0] ?? otherwise;
  const samples = one(tags.samples, 1);
  const bits = found.get(tags.bits) ?? [1];
  const photometric = one(tags.photometric, 1);
  const top = found.get(tags.smost)?.[0] ?? found.get(tags.most)?.[0];
  const offsets = found.get(tags.stripOffsets) ?? found.get(tags.tileOffsets) ?? [];
  const lengths = found.get(tags.stripBytes) ?? found.get(tags.tileBytes) ?? [];
  const ends = offsets.map((offset, index) => offset + (lengths[index] ?? 0));
  return {
    width: one(tags.width, 0),
    height: one(tags.height, 0),
    bits,
    sampleFormat: one(tags.sampleFormat, 1),
    samples,
    photometric,
    compression: one(tags.compression, 1),
    extra: found.get(tags.extra) ?? [],
    reduced: (one(tags.subfile, 0) & 1) === 1,
    raw: found.has(tags.dngVersion) || photometric === 32803 || photometric === 34892,
    ...(top !== undefined && top > 0 ? { top } : {}),
    photometricAt,
    formatsAt,
    littleEndian: little,
    reaches: ends.reduce((most, end) => Math.max(most, end), 0),
  };
}

function numberAt(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, little);
    case 4:
    case 13:
      return view.getUint32(at, little);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 11:
      return view.getFloat32(at, little);
    case 12:
      return view.getFloat64(at, little);
    case 16:
    case 17:
    case 18:
      return Number(view.getBigUint64(at, little));
    default:
      return view.getUint8(at);
  }
}
