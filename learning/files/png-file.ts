/**
 * The bytes of a PNG (ISO/IEC 15948), without filters and palette. Asks nothing of its arguments, which is png.ts's part, and
 * needs nothing loaded: threads that make thousands of small ones start with it.
 */
import * as zlib from 'node:zlib';

const signature = '\x89PNG\r\n\x1a\n';
/** Greyscale, truecolour, truecolour with alpha. */
const colourTypes = { 1: 0, 3: 2, 4: 6 } as const;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function tabledCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** Node's own where it has one, which came with 20.15. */
const crc32 = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32 ?? tabledCrc;

/** What zlib writes at level 0, without its state: blocks of bytes as they are (RFC 1950, RFC 1951). */
function stored(bytes: Uint8Array): Uint8Array {
  const most = 65_535;
  const blocks = Math.ceil(bytes.length / most);
  const out = Buffer.allocUnsafe(2 + 5 * blocks + bytes.length + 4);
  let at = out.writeUInt16BE(0x7801, 0);
  for (let from = 0; from < bytes.length; from += most) {
    const length = Math.min(most, bytes.length - from);
    at = out.writeUInt8(from + length === bytes.length ? 1 : 0, at);
    at = out.writeUInt16LE(length, at);
    at = out.writeUInt16LE(length ^ 0xffff, at);
    out.set(bytes.subarray(from, from + length), at);
    at += length;
  }
  out.writeUInt32BE(adler32(bytes), at);
  return out;
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length;) {
    // So many sums stay below 2^32.
    const end = Math.min(at + 3800, bytes.length);
    for (; at < end; at += 1) {
      a += bytes[at]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}

/**
 * @param pixels [height, width, channels], 8 bits each, row by row
 * @param level of zlib; 0 keeps the pixels as they are, which costs a tenth of the time
 */
export function pngFile(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  level: number,
): Uint8Array {
  const stride = width * channels;
  // Each row is led by its filter type: 0, none.
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const data = level === 0 ? stored(rows) : zlib.deflateSync(rows, { level });
  const file = Buffer.alloc(8 + 25 + 12 + data.length + 12);
  file.write(signature, 'latin1');
  const header = chunk(file, 8, 'IHDR', 13, (at) => {
    file.writeUInt32BE(width, at);
    file.writeUInt32BE(height, at + 4);
    file.set([8, colourTypes[channels], 0, 0, 0], at + 8);
  });
  const end = chunk(file, header, 'IDAT', data.length, (at) => file.set(data, at));
  chunk(file, end, 'IEND', 0, () => undefined);
  return file;
}

/** @returns where the next one begins */
function chunk(file: Buffer, at: number, type: string, length: number, fill: (at: number) => void): number {
  file.writeUInt32BE(length, at);
  file.write(type, at + 4, 'latin1');
  fill(at + 8);
  return file.writeUInt32BE(crc32(file.subarray(at + 4, at + 8 + length)), at + 8 + length);
}
