/**
 * Which JPEGs are plain: 8-bit grey or YCbCr, upright, without a colour profile, one picture, whole. For these libjpeg-turbo
 * alone gives what open.ts gives; every other one, and every doubt, is left to open.ts. Looks at segments only.
 */
import { lacksEndMark } from '../decode/marks.ts';

export interface PlainJpeg {
  progressive: boolean;
}

/** Whether `bytes` has this text at `at`. */
function says(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++)
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** @returns null where it is not plain */
export function plainJpeg(bytes: Uint8Array): PlainJpeg | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let frame: PlainJpeg | null = null;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const mark = bytes[at + 1]!;
    const length = view.getUint16(at + 2);
    const body = at + 4;
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    if (mark === 0xda) return frame && !lacksEndMark(bytes) ? frame : null;
    if (mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4) {
      // Baseline, extended and progressive, with Huffman codes; a second frame is none of ours.
      const known = mark <= 0xc2 && bytes[body] === 8 && (bytes[body + 5] === 1 || bytes[body + 5] === 3);
      if (!known || frame || length < 8) return null;
      frame = { progressive: mark === 0xc2 };
    } else if (mark === 0xe1 && says(bytes, body, 'Exif\0\0')) {
      if (!isUpright(bytes.subarray(body + 6, end))) return null;
    } else if (mark === 0xe2) {
      // A colour profile, or the list of several pictures.
      if (says(bytes, body, 'ICC_') || says(bytes, body, 'MPF')) return null;
    } else if (mark === 0xee && says(bytes, body, 'Adobe')) {
      if (length < 14 || bytes[body + 11] !== 1) return null;
    } else if (mark < 0xc0 || (mark >= 0xd0 && mark <= 0xd9)) return null;
    at = end;
  }
  return null;
}

/** Whether EXIF says nothing of turning, or "not turned". @param tiff what follows the segment's name */
function isUpright(tiff: Uint8Array): boolean {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const little = says(tiff, 0, 'II*\0');
  if ((!little && !says(tiff, 0, 'MM\0*')) || tiff.length < 14) return false;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return false;
  const entries = view.getUint16(directory, little);
  if (directory + 2 + entries * 12 > tiff.length) return false;
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * 12;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const short = view.getUint16(at + 2, little) === 3 && view.getUint32(at + 4, little) === 1;
    if (!short || view.getUint16(at + 8, little) !== 1) return false;
  }
  return true;
}
