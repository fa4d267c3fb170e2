import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encodePng } from './png.ts';
import { pngFile } from './png-file.ts';

it('is read back by libpng to the last bit', async () => {
  const images = fc
    .tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 3, 4) as fc.Arbitrary<1 | 3 | 4>,
    )
    .chain(([width, height, channels]) => {
      const length = width * height * channels;
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        channels: fc.constant(channels),
        pixels: fc.uint8Array({ minLength: length, maxLength: length }),
      });
    });
  await fc.assert(
    fc.asyncProperty(images, async ({ width, height, channels, pixels }) => {
      const image = sharp(encodePng(pixels, width, height, channels), { failOn: 'warning' });
      const read = channels === 1 ? image.toColourspace('b-w') : image;
      const { data, info } = await read.raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height, info.channels]).toEqual([width, height, channels]);
      expect(Buffer.compare(data, pixels)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

it('refuses pixels that do not fill the picture', () => {
  expect(() => encodePng(new Uint8Array(5), 2, 3, 1)).toThrow('2×3×1 expects 6 values');
  expect(() => encodePng(new Uint8Array(0), 0, 3, 1)).toThrow('more than none');
});

it('keeps pixels as they are where it is told to, in as many blocks as they need', async () => {
  for (const [width, height] of [
    [1, 1],
    [64, 64],
    [65_534, 1],
    [65_535, 1],
    [300, 301],
  ] as const) {
    const pixels = Uint8Array.from({ length: width * height }, (_, at) => (at * 31) ^ (at >> 8));
    const image = sharp(pngFile(pixels, width, height, 1, 0), { failOn: 'warning' });
    expect(Buffer.compare(await image.toColourspace('b-w').raw().toBuffer(), pixels)).toBe(0);
  }
});
