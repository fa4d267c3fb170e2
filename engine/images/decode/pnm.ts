/** Reads PBM, PGM and PPM files (P1 to P6) with bounds: comments, any maximum up to 65,535, text and binary. */
import { cutShort, damaged } from './formats.ts';
import { Refusal, type Samples } from './samples.ts';

interface Header {
  kind: number;
  width: number;
  height: number;
  channels: 1 | 3;
  /** The value that is white; 1 for bitmaps. */
  top: number;
  /** Where the pixels begin. */
  pixels: number;
}

const isSpace = (byte: number | undefined) => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

/** @throws Refusal */
export function pnmSize(bytes: Uint8Array): { width: number; height: number } {
  return readHeader(bytes);
}

/** @returns [height, width, 1 or 3] with the value that is white @throws Refusal */
export function decodePnm(bytes: Uint8Array): Samples {
  const { kind, width, height, channels, top, pixels: afterOneSpace } = readHeader(bytes);
  const count = width * height * channels;
  const wide = top > 255;
  const bytesNeeded = kind <= 3 ? count : kind === 4 ? Math.ceil(width / 8) * height : count * (wide ? 2 : 1);
  // Some programs on Windows end the header's lines with two characters: the first pixel is not the second of these.
  const twoCharacters = bytes[afterOneSpace - 1] === 13 && bytes[afterOneSpace] === 10;
  const exact = bytes.length - afterOneSpace === bytesNeeded + 1;
  const pixels = kind > 3 && twoCharacters && exact ? afterOneSpace + 1 : afterOneSpace;
  if (bytes.length - pixels < bytesNeeded) throw new Refusal(cutShort('PNM'));
  const data = wide ? new Uint16Array(count) : new Uint8Array(count);
  let end = pixels + bytesNeeded;
  if (kind <= 3) end = readText(bytes, pixels, data, { top, bitmap: kind === 1 });
  else if (kind === 4) {
    const stride = Math.ceil(width / 8);
    for (let y = 0, to = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        data[to++] = (bytes[pixels + y * stride + (x >> 3)]! >> (7 - (x & 7))) & 1 ? 0 : 1;
  } else if (wide) {
    for (let at = 0; at < count; at++)
      data[at] = (bytes[pixels + at * 2]! << 8) | bytes[pixels + at * 2 + 1]!;
  } else data.set(bytes.subarray(pixels, end));
  if (data.some((value) => value > top)) throw new Refusal(damaged('PNM'));
  const further = bytes[end] === 0x50 && bytes[end + 1]! >= 0x31 && bytes[end + 1]! <= 0x36;
  return { data, width, height, channels, top, several: further ? 'pages' : undefined };
}

function readHeader(bytes: Uint8Array): Header {
  const kind = bytes[1]! - 0x30;
  let at = 2;
  const number = (most: number): number => {
    at = afterSpace(bytes, at);
    const start = at;
    let value = 0;
    for (; bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) {
      value = value * 10 + bytes[at]! - 0x30;
      if (value > most) throw new Refusal(damaged('PNM'));
    }
    if (at === start) throw new Refusal(at >= bytes.length ? cutShort('PNM') : damaged('PNM'));
    return value;
  };
  const width = number(1e9);
  const height = number(1e9);
  const bitmap = kind === 1 || kind === 4;
  const top = bitmap ? 1 : number(65_535);
  if (width === 0 || height === 0 || top === 0) throw new Refusal(damaged('PNM'));
  // One single space ends the header; what follows may look like one and be a pixel.
  return { kind, width, height, channels: kind === 3 || kind === 6 ? 3 : 1, top, pixels: at + 1 };
}

function afterSpace(bytes: Uint8Array, at: number): number {
  for (;;) {
    while (isSpace(bytes[at])) at++;
    if (bytes[at] !== 0x23) return at;
    while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
  }
}

/** Fills `data` with numbers in words; digits of bitmaps need no space between them. @returns where they end */
function readText(
  bytes: Uint8Array,
  from: number,
  data: Uint8Array | Uint16Array,
  { top, bitmap }: { top: number; bitmap: boolean },
): number {
  let at = from;
  for (let index = 0; index < data.length; index++) {
    at = afterSpace(bytes, at);
    const start = at;
    let value = 0;
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && at - start < (bitmap ? 1 : 6))
      value = value * 10 + bytes[at++]! - 0x30;
    if (at === start) throw new Refusal(at >= bytes.length ? cutShort('PNM') : damaged('PNM'));
    if (value > top) throw new Refusal(damaged('PNM'));
    data[index] = bitmap ? 1 - value : value;
  }
  return afterSpace(bytes, at);
}
