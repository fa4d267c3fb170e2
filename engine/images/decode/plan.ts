/**
 * What is known of a picture before it is decoded, and the two ways to decode it: row by row in libvips, or as a whole
 * where values, alpha or the format ask for a decision on the whole picture.
 */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { type Pixels, type Samples, toEightBits } from './samples.ts';
import { onBlack, withoutAlpha } from './visible.ts';

export interface Opened {
  image: Sharp;
  /** Of the upright original. */
  width: number;
  height: number;
  /** What is to be said of a picture that is taken, each a sentence without the file's name. */
  notices: string[];
  /** The original's pixels, where they had to be decoded to be opened. */
  pixels?: Pixels;
}

export interface Plan {
  width: number;
  height: number;
  /** Memory that decoding takes, about. */
  bytes: number;
  decode(): Promise<Opened>;
  /** How to decode it nevertheless, where libvips' complaint is harmless. */
  decodeDespite?(complaint: string): Promise<Opened> | null;
}

// Several images are decoded at once; a thread pool for each would only make them wait for each other.
sharp.concurrency(1);
sharp.cache(false);

/** Turned upright by EXIF; without a limit of sharp's own, since sizes are checked before. */
export const readOptions = { limitInputPixels: false, failOn: 'error', autoOrient: true } as const;

export const firstFrame = 'Animated: the first frame is used.';
export const firstPage = 'Several pages: the first is used.';

/**
 * Samples that are decoded as a whole and brought to 8 bits without alpha.
 * @param about `before`: notices; `profile`: ICC, of samples that were not brought to sRGB yet
 */
export function gathered(
  size: { width: number; height: number },
  bytesPerPixel: number,
  decode: () => Samples | Promise<Samples>,
  about: { before?: string[]; profile?: Uint8Array | undefined } = {},
): Plan {
  return {
    ...size,
    bytes: size.width * size.height * (bytesPerPixel + 6),
    async decode() {
      const samples = await decode();
      const { pixels, notices } = await toEightBits(samples);
      const flat = await withoutAlpha(pixels);
      const said = [...(about.before ?? []), ...notices];
      if (samples.several) said.push(samples.several === 'frames' ? firstFrame : firstPage);
      if (flat.black) said.push(onBlack);
      return fromPixels(flat.pixels, said, about.profile);
    },
  };
}

export function fromPixels(pixels: Pixels, notices: string[], profile?: Uint8Array): Opened {
  const { data, width, height, channels } = pixels;
  const image =
    profile && channels === 3
      ? withProfile(pixels, profile)
      : sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  return { image: image.toColourspace('srgb'), width, height, notices, pixels };
}

/** What libvips turns into sRGB by itself, row by row. */
export function ordinary(bytes: Uint8Array, metadata: Metadata, notices: string[]): Plan {
  const { width, height } = metadata.autoOrient;
  return {
    width,
    height,
    bytes: bytesOf(metadata),
    decode: () => Promise.resolve({ image: wholeImage(bytes, metadata), width, height, notices }),
  };
}

/**
 * In full size even where a fraction of it is asked for: JPEG and WebP decoded at a fraction give other pixels, and pass
 * over damage in the last rows.
 */
export function wholeImage(
  bytes: Uint8Array,
  { autoOrient: { width, height } }: Metadata,
  failOn: 'error' | 'warning' = 'error',
): Sharp {
  const whole = sharp(bytes, { ...readOptions, failOn }).extract({ left: 0, top: 0, width, height });
  return whole.toColourspace('srgb');
}

/** JPEG and PNG are read row by row, unless they are interlaced or have to be turned. */
export function bytesOf({
  format,
  isProgressive,
  orientation = 1,
  channels,
  autoOrient,
  width,
}: Metadata): number {
  const byRow = (format === 'jpeg' || format === 'png') && !isProgressive && orientation === 1;
  return byRow ? width * channels * 1024 : autoOrient.width * autoOrient.height * (channels * 2 + 3);
}

/** 8-bit colour and alpha, which is decided on the whole picture. */
export function withAlpha(bytes: Uint8Array, metadata: Metadata, notices: string[]): Plan {
  return gathered(metadata.autoOrient, 8, () => rawSamples(sharp(bytes, readOptions).toColourspace('srgb')), {
    before: notices,
  });
}

async function rawSamples(image: Sharp): Promise<Samples> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
  double: Float64Array,
} as const;

/** The values as the file holds them: no colour space, no profile, no scaling. Upright. */
export async function untouchedSamples(bytes: Uint8Array, { depth, space }: Metadata): Promise<Samples> {
  const ArrayType = arrays[depth as keyof typeof arrays];
  const { data, info } = await sharp(bytes, { ...readOptions, ignoreIcc: true })
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: depth as keyof typeof arrays })
    .toBuffer({ resolveWithObject: true });
  const { buffer, byteOffset, length } = data;
  const values = new ArrayType(buffer.slice(byteOffset, byteOffset + length));
  return { data: values, width: info.width, height: info.height, channels: info.channels };
}

/** @param pixels of three channels @param profile ICC; one that is broken is ignored, as in any other file */
function withProfile({ data, width, height }: Pixels, profile: Uint8Array): Sharp {
  const entries: [tag: number, type: 3 | 4 | 7, count: number, value: number][] = [];
  const table = 8 + data.length + (data.length % 2);
  const size = 2 + 11 * 12 + 4;
  const bitsAt = table + size;
  entries.push([256, 4, 1, width], [257, 4, 1, height], [258, 3, 3, bitsAt], [259, 3, 1, 1], [262, 3, 1, 2]);
  entries.push([273, 4, 1, 8], [277, 3, 1, 3], [278, 4, 1, height], [279, 4, 1, data.length], [284, 3, 1, 1]);
  entries.push([34675, 7, profile.length, bitsAt + 6]);
  const tail = Buffer.alloc(table - 8 - data.length + size + 6);
  let at = table - 8 - data.length;
  at = tail.writeUInt16LE(entries.length, at);
  for (const [tag, type, count, value] of entries) {
    at = tail.writeUInt16LE(tag, at);
    at = tail.writeUInt16LE(type, at);
    at = tail.writeUInt32LE(count, at);
    at = tail.writeUInt32LE(value, at);
  }
  at = tail.writeUInt32LE(0, at);
  for (let channel = 0; channel < 3; channel++) at = tail.writeUInt16LE(8, at);
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(table, 4);
  const file = Buffer.concat([head, data, tail, profile]);
  return sharp(file, { limitInputPixels: false, failOn: 'error' });
}
