/**
 * What the values of IDX files mean: labels as small whole numbers, images as grey bytes. What cannot be read by a
 * stated rule is refused with the true reason. Pairing and naming are left to idx.ts.
 */
import { type IdxHeader, type IdxStream, openIdx, unreadableIdx } from './file.ts';

/** Images that one import takes: their rows are held in memory until they are stored. */
export const greatestCount = 1_000_000;
const greatestSide = 4096;
/** A label names a class by its number. */
const greatestLabel = 65_535;
const typeNames = {
  ubyte: 'bytes',
  byte: 'signed bytes',
  short: '16-bit integers',
  int: '32-bit integers',
  float: '32-bit floats',
  double: '64-bit floats',
} as const;

export interface ImageShape {
  count: number;
  height: number;
  width: number;
}

/** @throws SOURCE_UNREADABLE for images of a kind that is not read */
export function imageShape(header: IdxHeader, name: string): ImageShape {
  const { type, sides } = header;
  const [count, height, width, channels = 1] = sides as [number, number, number, number?];
  if (sides.length === 1)
    throw unreadableIdx(name, 'Expected images, received labels. Are the two files swapped?');
  if (sides.length === 2) {
    throw unreadableIdx(
      name,
      `Expected images with a height and a width, received rows of ${sides[1]} values. Write the file with 3 sides: count, height, width.`,
    );
  }
  if (type === 'float' || type === 'double') {
    throw unreadableIdx(
      name,
      `Expected whole numbers from 0 to 255, received ${typeNames[type]}, whose black and white the file does not say. Scale them to bytes, or save the images as PNG.`,
    );
  }
  if (sides.length === 4 && channels !== 1) {
    throw unreadableIdx(
      name,
      `Expected grey images (count, height, width), received ${sides.join('×')}: images with ${
        sides[1] === 3 && channels !== 3 ? 3 : channels
      } channels. Colour is read from image files only: save them as PNG, one folder per class.`,
    );
  }
  checkCount(count, name);
  if (height < 1 || width < 1 || height > greatestSide || width > greatestSide) {
    throw unreadableIdx(
      name,
      `Expected images of 1 to ${greatestSide} pixels a side, received a header that claims ${height}×${width}.`,
    );
  }
  return { count, height, width };
}

/** @throws SOURCE_UNREADABLE */
function checkCount(count: number, name: string): void {
  if (count <= greatestCount) return;
  throw unreadableIdx(
    name,
    `Expected at most ${greatestCount} images in one import, received a header that claims ${count}. Import a part of them.`,
  );
}

interface IdxLabels {
  values: Uint16Array;
  /** Numbers that the file has for each image; the first is the class. */
  columns: number;
}

/**
 * Labels of any integer type; of QMNIST's rows of eight the first number.
 * @throws SOURCE_UNREADABLE, CANCELLED
 */
export async function readIdxLabels(path: string, name: string, signal?: AbortSignal): Promise<IdxLabels> {
  const { header, body } = await openIdx(path, name, signal);
  const { type, sides, width } = header;
  const [count = 0, columns = 1] = sides;
  if (sides.length > 2)
    throw unreadableIdx(name, 'Expected labels, received images. Are the two files swapped?');
  if (type === 'float' || type === 'double')
    throw unreadableIdx(name, `Expected labels that are whole numbers, received ${typeNames[type]}.`);
  if (sides.length === 2 && columns !== 1 && !(columns === 8 && type === 'int')) {
    throw unreadableIdx(
      name,
      `Expected one label for each image (or QMNIST's eight 32-bit integers), received rows of ${columns} values. Write one number for each image.`,
    );
  }
  checkCount(count, name);
  const values = new Uint16Array(count);
  let at = 0;
  for await (const rows of inRows(body(), columns * width)) {
    for (let offset = 0; offset < rows.length; offset += columns * width) {
      const value = valueAt(rows, offset, header);
      if (value < 0 || value > greatestLabel) {
        throw unreadableIdx(
          name,
          `Expected labels from 0 to ${greatestLabel}, received ${value} for image ${at}.`,
        );
      }
      values[at++] = value;
    }
  }
  return { values, columns };
}

/**
 * Streams the images of a file, one at a time: `onImage` gets [height × width] bytes that are only valid during the
 * call. Wider integers are taken where each is a byte's value. @throws SOURCE_UNREADABLE, CANCELLED
 */
export async function readIdxImages(
  { header, body }: IdxStream,
  name: string,
  onImage: (pixels: Buffer, index: number) => void,
): Promise<void> {
  const { height, width } = imageShape(header, name);
  const size = height * width * header.width;
  let index = 0;
  for await (const rows of inRows(body(), size)) {
    for (let at = 0; at < rows.length; at += size, index++)
      onImage(asBytes(rows.subarray(at, at + size), header, name, index), index);
  }
}

function asBytes(values: Buffer, header: IdxHeader, name: string, index: number): Buffer {
  if (header.type === 'ubyte') return values;
  const bytes = Buffer.alloc(values.length / header.width);
  for (let at = 0; at < bytes.length; at++) {
    const value = valueAt(values, at * header.width, header);
    if (value < 0 || value > 255) {
      throw unreadableIdx(
        name,
        `Expected values from 0 to 255, received ${value} in image ${index} (the file holds ${typeNames[header.type]}). Scale them to bytes, or save the images as PNG.`,
      );
    }
    bytes[at] = value;
  }
  return bytes;
}

function valueAt(bytes: Buffer, offset: number, { type }: IdxHeader): number {
  switch (type) {
    case 'ubyte':
      return bytes[offset]!;
    case 'byte':
      return bytes.readInt8(offset);
    case 'short':
      return bytes.readInt16BE(offset);
    default:
      return bytes.readInt32BE(offset);
  }
}

/** The same bytes in pieces of whole rows. */
async function* inRows(pieces: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    gathered.push(piece);
    length += piece.length;
    if (length < size) continue;
    const bytes = gathered.length === 1 ? piece : Buffer.concat(gathered);
    const whole = length - (length % size);
    yield bytes.subarray(0, whole);
    gathered = whole < length ? [bytes.subarray(whole)] : [];
    length -= whole;
  }
}
