/**
 * Thumbnails of plain pictures without sharp, whose pipeline costs one to two milliseconds a picture whatever its size.
 * Takes only what decodes without a complaint and gives the pixels that open.ts gives; the rest, and what is to be said of
 * a picture, is left to decode.ts. Synchronous: for threads that read.
 */
import { pngFile } from '#learning/files/png-file.ts';
import { type Area, average } from './average.ts';
import { plainPng } from './plain-png.ts';
import { openTurbo, planesOf, type Sampling, samplings, type Turbo } from './turbo.ts';
import { isSingleColour } from '../decode/visible.ts';
import { exactSide, insideOf, thumbnailQuality, thumbnailSide } from '../thumbnails/thumbnail-size.ts';
import { lacksEndMark } from '../decode/marks.ts';

interface PlainThumbnail {
  /** PNG up to 64 pixels a side, else JPEG. */
  bytes: Uint8Array;
  /** Of the picture. */
  width: number;
  height: number;
}

/** Bytes that decoding a plain picture may take; several threads do at once. */
const greatestPlain = 48 * 1024 * 1024;
/** Pixels a side that JPEG codes together. */
const blockSide = 8;
/** Within this range a thumbnail may be of one colour, which is for decode.ts to decide on the whole picture. */
const nearlyOne = 2;

/** Whether it is worth reading the rest of a file. @param start at least 24 bytes, or the whole file */
export function mayBePlain(start: Uint8Array): boolean {
  if (start[0] === 0xff) return start[1] === 0xd8 && start[2] === 0xff;
  if (start[0] !== 0x89 || start.length < 24) return false;
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  return view.getUint32(16) <= exactSide && view.getUint32(20) <= exactSide;
}

/** Levels of zlib: it makes small photographs a fifth smaller for half of all their time, and drawings much smaller. */
const photograph = 0;
const drawing = 1;

export class PlainPictures {
  readonly #turbo: Turbo | null = openTurbo();
  #decoded: Uint8Array = new Uint8Array(0);
  #small: Uint8Array = new Uint8Array(0);

  /** @returns null where it is not plain */
  thumbnail(file: Uint8Array): PlainThumbnail | null {
    if (file[0] === 0xff && file[1] === 0xd8) return this.#turbo && this.#ofJpeg(file, this.#turbo);
    if (file[0] === 0x89) return this.#ofPng(file);
    return null;
  }

  #ofJpeg(file: Uint8Array, turbo: Turbo): PlainThumbnail | null {
    const plain = plainJpeg(file);
    const header = plain && turbo.header(file);
    if (!header?.sampling) return null;
    const { width, height, sampling } = header;
    const most = width * height * (plain!.progressive ? 12 : 3);
    if (most > greatestPlain) return null;
    if (width <= exactSide && height <= exactSide) {
      const channels = sampling === 'grey' ? 1 : 3;
      const pixels = (this.#decoded = withRoom(this.#decoded, width * height * channels));
      if (!turbo.pixels(file, width, height, channels, pixels)) return null;
      return exact(pixels.subarray(0, width * height * channels), width, height, channels, photograph);
    }
    // The mean of the planes at a fraction is that of the whole ones, for less work; but a fraction of a narrow strip is a
    // mean of what pads its last block.
    const enough = (by: number) =>
      Math.max(width, height) >= by * thumbnailSide && Math.min(width, height) >= by * blockSide;
    const divisor = [8, 4, 2].find(enough) ?? 1;
    const [across, down] = [Math.ceil(width / divisor), Math.ceil(height / divisor)];
    const full = planesOf(across, down, sampling);
    this.#decoded = withRoom(this.#decoded, full.bytes);
    if (!turbo.planes(file, across, down, this.#decoded)) return null;
    const size = insideOf(width, height);
    const target: Sampling = sampling === 'grey' ? 'grey' : '4:2:0';
    const { planes, bytes } = planesOf(size.width, size.height, target);
    this.#small = withRoom(this.#small, bytes);
    const small = this.#small.subarray(0, bytes);
    planes.forEach((plane, index) =>
      average(
        areaOf(this.#decoded, full.planes[index]!, width / divisor, height / divisor, index, sampling),
        areaOf(small, plane, size.width, size.height, index, target),
      ),
    );
    if (planes.every((plane, index) => rangeOf(small, planes[index + 1]?.at ?? bytes, plane.at) <= nearlyOne))
      return null;
    const encoded = turbo.encode(small, size.width, size.height, target, thumbnailQuality);
    return encoded && { bytes: encoded, width, height };
  }

  /** Small ones only: of larger ones zlib and libvips take the same. */
  #ofPng(file: Uint8Array): PlainThumbnail | null {
    const picture = plainPng(file, exactSide);
    return picture && exact(picture.data, picture.width, picture.height, picture.channels, drawing);
  }
}

/** The pixels as they are; null where all are equal, which is to be said. */
function exact(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
  level: number,
): PlainThumbnail | null {
  if (isSingleColour(pixels, channels)) return null;
  return { bytes: pngFile(pixels, width, height, channels, level), width, height };
}

/** @param index 0 for luminance, else colour, of which several pixels share one value */
function areaOf(
  data: Uint8Array,
  plane: Area['plane'],
  width: number,
  height: number,
  index: number,
  sampling: Sampling,
): Area {
  if (index === 0) return { data, plane, width, height };
  const { across, down } = samplings[sampling];
  return { data, plane, width: width / across, height: height / down };
}

function rangeOf(data: Uint8Array, to: number, from: number): number {
  let [low, high] = [255, 0];
  for (let at = from; at < to; at++) {
    const value = data[at]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

const withRoom = (memory: Uint8Array, bytes: number) =>
  memory.length >= bytes ? memory : new Uint8Array(bytes);

interface PlainJpeg {
  progressive: boolean;
}

/** Whether `bytes` has this text at `at`. */
function says(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++)
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** @returns null where it is not plain */
function plainJpeg(bytes: Uint8Array): PlainJpeg | null {
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
