/**
 * Decodes plain PNGs: 8-bit grey, RGB or palette, not interlaced, nothing about alpha, profiles, turning or animation, and
 * no fault in it. zlib inflates. Every other PNG, and every doubt, is left to open.ts.
 */
import { inflateSync, type InputType } from 'node:zlib';
import { buf as crc32 } from 'crc-32';

interface PlainPixels {
  /** [height, width, channels] */
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

const signature = '\x89PNG\r\n\x1a\n';
/** Chunks that no decoder here lets change pixels. */
const harmless = new Set(['pHYs', 'tIME', 'tEXt', 'zTXt', 'iTXt', 'sRGB', 'gAMA', 'cHRM', 'bKGD', 'hIST']);
const colourTypes: Record<number, 'grey' | 'rgb' | 'palette'> = { 0: 'grey', 2: 'rgb', 3: 'palette' };

interface Parts {
  width: number;
  height: number;
  kind: 'grey' | 'rgb' | 'palette';
  palette: Uint8Array | null;
  compressed: Uint8Array[];
}

/** @param side of the largest picture that is taken @returns null where it is not plain */
export function plainPng(bytes: Uint8Array, side: number): PlainPixels | null {
  const parts = partsOf(bytes, side);
  if (!parts) return null;
  const { width, height, kind, palette } = parts;
  const stride = width * (kind === 'rgb' ? 3 : 1);
  const rows = inflated(parts.compressed, (stride + 1) * height);
  if (!rows || !unfilter(rows, stride, height, kind === 'rgb' ? 3 : 1)) return null;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++)
    data.set(rows.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)), y * stride);
  if (kind !== 'palette') return { data, width, height, channels: kind === 'rgb' ? 3 : 1 };
  const coloured = palette && withPalette(data, palette);
  return coloured && { data: coloured, width, height, channels: 3 };
}

function partsOf(bytes: Uint8Array, side: number): Parts | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (text.toString('latin1', 0, 8) !== signature) return null;
  let parts: Parts | null = null;
  let last = '';
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length || view.getInt32(end - 4) !== crc32(bytes.subarray(at + 4, end - 4), 0))
      return null;
    const type = text.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, end - 4);
    if (!parts) {
      const [depth, colour = 9, ...rest] = body.subarray(8);
      const kind = colourTypes[colour];
      if (type !== 'IHDR' || length !== 13 || depth !== 8 || !kind || rest.some((value) => value !== 0))
        return null;
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      if (width === 0 || height === 0 || width > side || height > side) return null;
      parts = { width, height, kind, palette: null, compressed: [] };
    } else if (type === 'IDAT') {
      if (parts.compressed.length > 0 && last !== 'IDAT') return null;
      parts.compressed.push(body);
    } else if (type === 'PLTE') {
      if (parts.palette || parts.compressed.length > 0 || length % 3 !== 0 || length === 0 || length > 768)
        return null;
      parts.palette = body;
    } else if (type === 'IEND') return length === 0 && end === bytes.length ? parts : null;
    else if (!harmless.has(type)) return null;
    last = type;
    at = end;
  }
  return null;
}

/** @returns exactly so many bytes; null where the data give fewer or more, or are wrong */
function inflated(compressed: Uint8Array[], bytes: number): Uint8Array | null {
  try {
    const whole = compressed.length === 1 ? compressed[0]! : Buffer.concat(compressed);
    const options = { maxOutputLength: bytes, info: true };
    const { buffer, engine } = inflateSync(whole as InputType, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return buffer.length === bytes && engine.bytesWritten === whole.length ? buffer : null;
  } catch {
    return null;
  }
}

/** Undoes each row's filter in place. @param pixel bytes of one @returns whether all filters are known */
function unfilter(rows: Uint8Array, stride: number, height: number, pixel: number): boolean {
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const filter = rows[start]!;
    if (filter > 4) return false;
    if (filter === 0) continue;
    const first = start + 1;
    for (let x = 0; x < stride; x++) {
      const at = first + x;
      const left = x >= pixel ? rows[at - pixel]! : 0;
      const above = y > 0 ? rows[at - stride - 1]! : 0;
      if (filter === 1) rows[at]! += left;
      else if (filter === 2) rows[at]! += above;
      else if (filter === 3) rows[at]! += (left + above) >> 1;
      else rows[at]! += paeth(left, above, y > 0 && x >= pixel ? rows[at - stride - 1 - pixel]! : 0);
    }
  }
  return true;
}

function paeth(left: number, above: number, corner: number): number {
  const [byLeft, byAbove, byCorner] = [
    Math.abs(above - corner),
    Math.abs(left - corner),
    Math.abs(left + above - 2 * corner),
  ];
  if (byLeft <= byAbove && byLeft <= byCorner) return left;
  return byAbove <= byCorner ? above : corner;
}

/** @returns null where a value names no colour */
function withPalette(data: Uint8Array, palette: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(data.length * 3);
  for (let at = 0; at < data.length; at++) {
    const colour = data[at]! * 3;
    if (colour >= palette.length) return null;
    out[at * 3] = palette[colour]!;
    out[at * 3 + 1] = palette[colour + 1]!;
    out[at * 3 + 2] = palette[colour + 2]!;
  }
  return out;
}
