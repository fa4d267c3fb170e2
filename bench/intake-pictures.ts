/**
 * Pictures to import, the same every time: photographs of 500×375 and small ones of 32×32, as JPEG, in a folder per class.
 * Noise at several scales, as photographs have it, so that they are about as large as real ones and as slow to decode; the small
 * ones are cut out of the photographs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type PictureSet, pictureSets } from './picture-sets.ts';

const classes = 10;
const quality = 90;
/** How coarse the noise of each layer is, in pixels, and how strong. */
const layers = [
  [125, 90],
  [25, 50],
  [6, 25],
  [2, 8],
] as const;

/** Numbers from 0 to 255, the same for each seed. */
function noise(count: number, seed: number): Buffer {
  let state = (seed % 2_147_483_646) + 1;
  return Buffer.from(
    Uint8Array.from({ length: count }, () => (state = (state * 48_271) % 2_147_483_647) >> 8),
  );
}

interface Raw {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

async function drawn(width: number, height: number, seed: number): Promise<Raw> {
  const sums = new Float32Array(width * height * 3).fill(128);
  for (const [index, [side, strength]] of layers.entries()) {
    const [across, down] = [Math.ceil(width / side) + 1, Math.ceil(height / side) + 1];
    const raw = { width: across, height: down, channels: 3 as const };
    const layer = await sharp(noise(across * down * 3, seed * layers.length + index), { raw })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
    for (let at = 0; at < sums.length; at++) sums[at]! += ((layer[at]! - 128) * strength) / 128;
  }
  return { data: Uint8ClampedArray.from(sums), width, height };
}

const encoded = ({ data, width, height }: Raw) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();

/** A piece of a larger picture, from left to right and down. */
function pieceOf({ data, width }: Raw, side: number, number: number): Raw {
  const across = Math.floor(width / side);
  const [left, top] = [(number % across) * side, Math.floor(number / across) * side];
  const piece = new Uint8ClampedArray(side * side * 3);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3;
    piece.set(data.subarray(from, from + side * 3), y * side * 3);
  }
  return { data: piece, width: side, height: side };
}

/** Writes each set into a folder of its name below `folder`. */
export async function writePictures(folder: string): Promise<void> {
  const { photographs, small } = pictureSets;
  const write = async (set: PictureSet, index: number, picture: Raw) => {
    const path = join(folder, set, `class ${index % classes}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `${index}.jpg`), await encoded(picture));
  };
  const pieces = small.images / photographs.images;
  for (let index = 0; index < photographs.images; index++) {
    const photograph = await drawn(photographs.width, photographs.height, index);
    await write('photographs', index, photograph);
    for (let piece = 0; piece < pieces; piece++)
      await write('small', index * pieces + piece, pieceOf(photograph, small.width, piece));
  }
}
