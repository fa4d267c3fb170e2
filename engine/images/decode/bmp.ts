/**
 * Reads BMP and DIB files with bounds: 1 to 32 bits a pixel, palettes, bit fields, run lengths, bottom-up and top-down.
 * What the header claims is held against the bytes that are there before anything is allocated.
 */
import { cutShort, damaged } from './formats.ts';
import { Refusal, type Samples } from './samples.ts';

interface Header {
  width: number;
  height: number;
  topDown: boolean;
  bits: number;
  compression: number;
  /** Where the pixels begin. */
  pixels: number;
  /** [entry, red, green, blue] */
  palette: Uint8Array;
  /** Red, green, blue and alpha bits of a pixel of 16 or 32 bits. */
  masks: [number, number, number, number];
}

const rgb = 0;
const rle8 = 1;
const rle4 = 2;
const bitFields = 3;
const alphaBitFields = 6;

/** @returns the size only, without reading pixels @throws Refusal */
export function bmpSize(bytes: Uint8Array): { width: number; height: number } {
  return readHeader(bytes);
}

/** @returns [height, width, 3], or 4 channels where a mask names alpha @throws Refusal */
export function decodeBmp(bytes: Uint8Array): Samples {
  const header = readHeader(bytes);
  const { width, height, bits, compression } = header;
  if (compression === rle8 || compression === rle4) return fromIndices(header, readRuns(bytes, header));
  const stride = Math.ceil((width * bits) / 32) * 4;
  // The padding of the last row is often left out.
  const needed = stride * (height - 1) + Math.ceil((width * bits) / 8);
  if (bytes.length < header.pixels + needed) throw new Refusal(cutShort('BMP'));
  const rowAt = (y: number) => header.pixels + stride * (header.topDown ? y : height - 1 - y);
  if (bits <= 8) {
    const indices = new Uint8Array(width * height);
    const mask = (1 << bits) - 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0, at = rowAt(y) * 8; x < width; x++, at += bits)
        indices[y * width + x] = (bytes[at >> 3]! >> (8 - bits - (at & 7))) & mask;
    }
    return fromIndices(header, indices);
  }
  return readColours(bytes, header, rowAt);
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 26) throw new Refusal(cutShort('BMP'));
  const length = view.getUint32(14, true);
  const core = length === 12;
  if (bytes.length < 14 + length || (!core && length < 16)) throw new Refusal(cutShort('BMP'));
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = length >= 20 ? view.getUint32(30, true) : rgb;
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw new Refusal(damaged('BMP'));
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) throw new Refusal(damaged('BMP'));
  const allowed: Record<number, number[]> = {
    [rgb]: [1, 2, 4, 8, 16, 24, 32],
    [rle8]: [8],
    [rle4]: [4],
    [bitFields]: [16, 32],
    [alphaBitFields]: [16, 32],
  };
  if (!allowed[compression]?.includes(bits)) {
    throw new Refusal('A BMP of this compression is not read. Save it as PNG or JPEG.');
  }
  const masked = compression === bitFields || compression === alphaBitFields;
  const maskCount = !masked || length >= 52 ? 0 : compression === alphaBitFields ? 4 : 3;
  const after = 14 + length + maskCount * 4;
  const masks: Header['masks'] = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  if (masked) {
    const named = length >= 56 ? 4 : length >= 52 ? 3 : maskCount;
    if (bytes.length < 54 + named * 4) throw new Refusal(cutShort('BMP'));
    for (let index = 0; index < named; index++) masks[index] = view.getUint32(54 + index * 4, true);
  }
  const declared = view.getUint32(10, true);
  // Where pixels are said to begin within the header, they follow the palette.
  const entry = core ? 3 : 4;
  const named = bits > 8 ? 0 : (length >= 36 && view.getUint32(46, true)) || 1 << bits;
  const pixels = declared >= after ? declared : after + named * entry;
  const entries = Math.min(named, 1 << Math.min(bits, 8), Math.floor((pixels - after) / entry));
  const palette = bits > 8 ? none : readPalette(bytes, { from: after, entry, entries, bits });
  return { width, height, topDown: signedHeight < 0, bits, compression, pixels, palette, masks };
}

const none = new Uint8Array(0);

function readPalette(
  bytes: Uint8Array,
  { from, entry, entries, bits }: { from: number; entry: number; entries: number; bits: number },
): Uint8Array {
  if (bytes.length < from + entries * entry) throw new Refusal(cutShort('BMP'));
  const palette = new Uint8Array((1 << bits) * 3);
  for (let index = 0; index < entries; index++) {
    const at = from + index * entry;
    palette.set([bytes[at + 2]!, bytes[at + 1]!, bytes[at]!], index * 3);
  }
  return palette;
}

function fromIndices({ width, height, palette }: Header, indices: Uint8Array): Samples {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < indices.length; at++) {
    const from = indices[at]! * 3;
    data[at * 3] = palette[from]!;
    data[at * 3 + 1] = palette[from + 1]!;
    data[at * 3 + 2] = palette[from + 2]!;
  }
  return { data, width, height, channels: 3 };
}

function readColours(bytes: Uint8Array, header: Header, rowAt: (y: number) => number): Samples {
  const { width, height, bits, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const channels = masks[3] === 0 ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  const fields = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { shift, top: mask >>> shift || 1, mask };
  });
  const plain =
    bits >= 24 && masks[0] === 0xff0000 && masks[1] === 0xff00 && masks[2] === 0xff && channels === 3;
  let to = 0;
  let opaque = 0;
  for (let y = 0; y < height; y++) {
    let from = rowAt(y);
    for (let x = 0; x < width; x++, from += bits / 8) {
      if (plain) {
        data[to++] = bytes[from + 2]!;
        data[to++] = bytes[from + 1]!;
        data[to++] = bytes[from]!;
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(from, true) : view.getUint32(from, true);
      for (const { mask, shift, top } of fields)
        data[to++] = Math.round((((pixel & mask) >>> shift) * 255) / top);
      if (channels === 4) opaque |= data[to - 1]!;
    }
  }
  // Many programs name an alpha mask and leave alpha zero: such a picture is meant to be seen.
  if (channels === 4 && opaque === 0) for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { data, width, height, channels };
}

/** Run lengths: pairs of count and value; a count of 0 escapes to end of line, end, a jump or a literal stretch. */
function readRuns(bytes: Uint8Array, { width, height, pixels, compression, topDown }: Header): Uint8Array {
  const indices = new Uint8Array(width * height);
  let x = 0;
  let y = 0;
  let at = pixels;
  const put = (value: number) => {
    if (x < width && y < height) indices[(topDown ? y : height - 1 - y) * width + x] = value;
    x++;
  };
  const nibble = (byte: number, index: number) => (index % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    if (at + 2 > bytes.length) throw new Refusal(cutShort('BMP'));
    const count = bytes[at++]!;
    const value = bytes[at++]!;
    if (count > 0) {
      for (let index = 0; index < count; index++) put(compression === rle8 ? value : nibble(value, index));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      if (at + 2 > bytes.length) throw new Refusal(cutShort('BMP'));
      x += bytes[at++]!;
      y += bytes[at++]!;
    } else {
      const length = compression === rle8 ? value : Math.ceil(value / 2);
      if (at + length > bytes.length) throw new Refusal(cutShort('BMP'));
      for (let index = 0; index < value; index++)
        put(compression === rle8 ? bytes[at + index]! : nibble(bytes[at + (index >> 1)]!, index));
      at += length + (length % 2);
    }
  }
  return indices;
}
