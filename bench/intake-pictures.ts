/**
 * Pictures to import, the same every time: photographs of 500×375 and small ones of 32×32, as JPEG, in a folder per class.
 * Noise at several scales, as photographs have it, so that they are about as large as real ones and as slow to decode.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { pictureSets } from './picture-sets.ts';

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

async function picture(width: number, height: number, seed: number): Promise<Buffer> {
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
  const pixels = Uint8ClampedArray.from(sums);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** Writes each set into a folder of its name below `folder`. */
export async function writePictures(folder: string): Promise<void> {
  for (const [set, { width, height, images }] of Object.entries(pictureSets)) {
    for (let index = 0; index < images; index++) {
      const path = join(folder, set, `class ${index % classes}`);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, `${index}.jpg`), await picture(width, height, index));
    }
  }
}
