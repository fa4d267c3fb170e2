/** For tests only: pictures with something in them, each of its own, as photographs are and pictures of one colour are not. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { generator } from '#learning/random-numbers.ts';

export const sceneSide = 96;
type Colour = readonly [red: number, green: number, blue: number];

interface SceneOptions {
  /** Another one, another scene. */
  seed: number;
  colour: Colour;
  /** As a copy is: made darker or brighter by this factor. */
  brightness?: number;
}

/** Blobs of a colour on a grey ground, in the format of the extension. */
export async function writeScene(
  path: string,
  { seed, colour, brightness = 1 }: SceneOptions,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const random = generator(seed, 7);
  const blobs = Array.from({ length: 14 }, () => ({
    ...{ x: sceneSide * random(), y: sceneSide * random(), size: 4 + 14 * random() ** 2 },
    height: 0.4 + 0.6 * random(),
  }));
  const pixels = Buffer.alloc(sceneSide * sceneSide * 3);
  for (let at = 0; at < sceneSide * sceneSide; at += 1) {
    const [x, y] = [at % sceneSide, Math.floor(at / sceneSide)];
    const lit = Math.min(
      1,
      blobs.reduce(
        (sum, blob) =>
          sum + blob.height * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2)),
        0,
      ),
    );
    const noise = 6 * (random() - 0.5);
    colour.forEach(
      (value, channel) =>
        (pixels[3 * at + channel] = Math.max(
          0,
          Math.min(255, Math.round(brightness * (90 + lit * (value - 90) + noise))),
        )),
    );
  }
  await sharp(pixels, { raw: { width: sceneSide, height: sceneSide, channels: 3 } }).toFile(path);
}
