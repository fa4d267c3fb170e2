/**
 * Marks within files that a decoder does not tell: whether the end is missing, whether there is more than one picture,
 * which bits count. Looks at structure only, with bounds.
 */
import type { ImageFormat } from '#contract/image-formats.ts';
import { readTiffHeader } from './tiff-header.ts';

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const buffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Whether a file that could not be decoded ends before its format says it should. */
export function isCutShort(bytes: Uint8Array, format: ImageFormat): boolean {
  switch (format) {
    case 'jpeg':
      return lacksEndMark(bytes);
    case 'png':
      return pngChunks(bytes).cut;
    case 'gif':
      return bytes.at(-1) !== 0x3b;
    case 'webp':
      return bytes.length >= 8 && viewOf(bytes).getUint32(4, true) + 8 > bytes.length;
    case 'tiff': {
      const header = readTiffHeader(bytes);
      return header === null || header.reaches > bytes.length;
    }
    case 'avif':
    case 'heic':
      return boxesReach(bytes) > bytes.length;
    case 'bmp':
    case 'pnm':
      return false;
    default:
      return format satisfies never;
  }
}

/** Whether a JPEG has no end-of-image mark after its last scan. */
export function lacksEndMark(bytes: Uint8Array): boolean {
  const whole = buffer(bytes);
  const scan = whole.lastIndexOf(Buffer.from([0xff, 0xda]));
  return scan === -1 || whole.lastIndexOf(Buffer.from([0xff, 0xd9])) < scan;
}

/** Whether a JPEG says in its APP2 segment that more pictures follow (multi-picture object). */
export function holdsSeveral(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (bytes[at + 1] === 0xda) return false;
    const isMpf = bytes[at + 1] === 0xe2 && buffer(bytes).toString('latin1', at + 4, at + 8) === 'MPF\0';
    if (isMpf) return true;
  }
  return false;
}

/** The mark of a JPEG's frame (0xc0 is baseline) and its bits a value; null where none is found before the first scan. */
export function frameOf(bytes: Uint8Array): { mark: number; bits: number } | null {
  const view = viewOf(bytes);
  for (let at = 2; at + 5 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const mark = bytes[at + 1]!;
    if (mark === 0xda) return null;
    const isFrame = mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4 && mark !== 0xc8 && mark !== 0xcc;
    if (isFrame) return { mark, bits: bytes[at + 4]! };
  }
  return null;
}

interface PngMarks {
  /** There is no end. */
  cut: boolean;
  animated: boolean;
  /** Bits that count, where the file says so (sBIT). */
  significant?: number;
}

/** Walks the chunks of a PNG. */
export function pngChunks(bytes: Uint8Array): PngMarks {
  const view = viewOf(bytes);
  const marks: PngMarks = { cut: true, animated: false };
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = buffer(bytes).toString('latin1', at + 4, at + 8);
    if (at + 12 + length > bytes.length) return marks;
    if (type === 'IEND') return { ...marks, cut: false };
    if (type === 'acTL' && length >= 4) marks.animated = view.getUint32(at + 8) > 1;
    // That all 16 bits count says nothing: programs write it whatever the values are.
    const significant = Math.max(...bytes.subarray(at + 8, at + 8 + Math.min(length, 3)));
    if (type === 'sBIT' && significant > 0 && significant < 16) marks.significant = significant;
    at += 12 + length;
  }
  return marks;
}

/** How far the boxes of an ISO base media file reach. */
function boxesReach(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at);
    if (size === 0) return bytes.length;
    const whole = size === 1 && at + 16 <= bytes.length ? Number(view.getBigUint64(at + 8)) : size;
    if (whole < 8) return bytes.length;
    at += whole;
  }
  return at === bytes.length ? at : bytes.length + 1;
}
