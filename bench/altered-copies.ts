/**
 * `npm run bench:altered-copies -- FOLDER OUT`: a folder of photographs by class, and a third of them once more as altered copies: moved,
 * brightened or darkened, some mirrored, encoded anew. What splits make of them is measured with the command line (docs/results.md).
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { plantFaults, type PlantedCopy } from '#learning/findings/audit.ts';

const seed = 1;

/** What comes in at the edge has the mean colour of the picture's edge. */
async function alteredCopy(file: string, copy: PlantedCopy, to: string): Promise<void> {
  const { data, info } = await sharp(file).rotate().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [right, down] = [Math.round(copy.right * width), Math.round(copy.down * height)];
  const edge = Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let x = 0; x < width; x++)
      sum += data[x * channels + channel]! + data[((height - 1) * width + x) * channels + channel]!;
    return sum / (2 * width);
  });
  const pixels = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = [(copy.mirrored ? width - 1 - x : x) - right, y - down];
      const inside = fromX >= 0 && fromY >= 0 && fromX < width && fromY < height;
      for (let channel = 0; channel < channels; channel++) {
        const value = inside ? data[(fromY * width + fromX) * channels + channel]! : edge[channel]!;
        pixels[(y * width + x) * channels + channel] = Math.min(255, Math.round(value * copy.brightness));
      }
    }
  await sharp(pixels, { raw: { width, height, channels } }).jpeg({ quality: copy.quality }).toFile(to);
}

async function main(): Promise<void> {
  const [, , , from, to] = process.argv;
  if (from === undefined || to === undefined)
    throw new Error('Expected: npm run bench:altered-copies -- FOLDER OUT');
  const files = readdirSync(from)
    .sort()
    .flatMap((name) => readdirSync(join(from, name)).map((file) => ({ name, file })));
  const count = Math.floor(files.length / 3);
  const { copies } = plantFaults(new Int32Array(files.length), { errors: 0, copies: count, seed });
  for (const { name, file } of files) {
    mkdirSync(join(to, name), { recursive: true });
    copyFileSync(join(from, name, file), join(to, name, file));
  }
  for (const copy of copies) {
    const { name, file } = files[copy.of]!;
    // Names that tell nothing, so that only the pictures say what belongs together.
    const hidden = createHash('sha256')
      .update(`${name}/${file}`)
      .digest('hex')
      .replace(/\d/g, '')
      .slice(0, 12);
    await alteredCopy(join(from, name, file), copy, join(to, name, `${hidden}.jpg`));
  }
  console.log(`${files.length} photographs and ${copies.length} altered copies in ${to}`);
}

void main();
