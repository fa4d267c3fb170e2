/** Plain pictures: what is taken without sharp is what sharp takes without a word, with the same pixels and sizes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeThumbnail } from '../decode/decode.ts';
import { PlainPictures } from './plain.ts';
import { plainPng } from './plain-png.ts';
import { insideOf } from '../thumbnails/thumbnail-size.ts';
import { openTurbo } from './turbo.ts';

const plain = new PlainPictures();
const hasTurbo = openTurbo() !== null;
const fixtures = join(import.meta.dirname, '../decode/fixtures');
const pixelsOf = async (bytes: Uint8Array) => {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

/** Something with edges, gradients and noise, the same every time. */
function scene(width: number, height: number): Buffer {
  let state = 1;
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    state = (state * 48_271) % 2_147_483_647;
    pixels[at * 3] = (x * 200) / width + (state % 24);
    pixels[at * 3 + 1] = (y * 200) / height + (state % 24);
    pixels[at * 3 + 2] = x % 40 < 20 === y % 32 < 16 ? 220 : 30;
  }
  return pixels;
}
const jpeg = (width: number, height: number, options: JpegOptions = {}) =>
  sharp(scene(width, height), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90, ...options })
    .toBuffer();

it.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))(
  'are decoded by libjpeg-turbo where this system has it',
  () => expect(hasTurbo).toBe(true),
);

describe('fixtures', () => {
  const taken = new Set([
    ...['gamma.png', 'named.png', 'png-named.jpg'],
    ...(hasTurbo
      ? ['grey.jpg', 'noending', 'photo.jpg.bak', 'plain.jpe', 'progressive.jpg', 'turned-1.jpg']
      : []),
    ...(hasTurbo ? ['large.jpg', 'large-progressive.jpg'] : []),
  ]);

  it('that are plain are taken, and no others', () => {
    const found = readdirSync(fixtures).filter((name) => plain.thumbnail(readFileSync(join(fixtures, name))));
    expect(found.sort()).toEqual([...taken].sort());
  });

  it('give what sharp gives: exactly up to 64 pixels a side, else nearly', async () => {
    for (const name of taken) {
      const bytes = readFileSync(join(fixtures, name));
      const [fast, slow] = [plain.thumbnail(bytes)!, await makeThumbnail(bytes, name)];
      expect([name, fast.width, fast.height, slow.notices]).toEqual([name, slow.width, slow.height, []]);
      const [a, b] = [await pixelsOf(fast.bytes), await pixelsOf(slow.bytes)];
      expect([name, a.width, a.height]).toEqual([name, b.width, b.height]);
      if (slow.width <= 64 && slow.height <= 64) expect(a.data.equals(b.data), name).toBe(true);
      else expect(meanDifference(a.data, b.data), name).toBeLessThan(3);
    }
  });
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
}

describe.runIf(hasTurbo)('a JPEG', () => {
  it('of any sampling, coding and size has the size of sharp’s thumbnail and nearly its pixels', async () => {
    const sides: [number, number][] = [
      [65, 64],
      [100, 31],
      [128, 128],
      [129, 127],
      [255, 300],
      [333, 500],
      [513, 385],
      [1024, 17],
      [1500, 1125],
      [2049, 40],
      [3, 700],
    ];
    for (const [width, height] of sides)
      for (const options of [{}, { progressive: true }, { chromaSubsampling: '4:4:4' }] as JpegOptions[]) {
        const bytes = await jpeg(width, height, options);
        const [fast, slow] = [plain.thumbnail(bytes)!, await makeThumbnail(bytes, 'x')];
        const [a, b] = [await pixelsOf(fast.bytes), await pixelsOf(slow.bytes)];
        const what = `${width}×${height} ${JSON.stringify(options)}`;
        expect([what, a.width, a.height]).toEqual([what, b.width, b.height]);
        expect(insideOf(width, height), what).toEqual({ width: b.width, height: b.height });
        expect(meanDifference(a.data, b.data), what).toBeLessThan(8);
      }
  });

  it('in grey stays grey', async () => {
    const grey = sharp(scene(300, 200), { raw: { width: 300, height: 200, channels: 3 } }).greyscale();
    const bytes = await grey.jpeg().toBuffer();
    const [a, b] = [
      await pixelsOf(plain.thumbnail(bytes)!.bytes),
      await pixelsOf((await makeThumbnail(bytes, 'x')).bytes),
    ];
    expect(meanDifference(a.data, b.data)).toBeLessThan(4);
  });

  it('whose colours nearly agree is left to be looked at whole', async () => {
    const flat = { create: { width: 600, height: 400, channels: 3 as const, background: '#8a8a8a' } };
    const dot = {
      input: { create: { width: 1, height: 1, channels: 3 as const, background: '#909090' } },
      left: 300,
      top: 7,
    };
    expect(plain.thumbnail(await sharp(flat).jpeg().toBuffer())).toBeNull();
    expect(plain.thumbnail(await sharp(flat).composite([dot]).jpeg().toBuffer())).toBeNull();
    const small = { create: { ...flat.create, width: 20, height: 20 } };
    expect(plain.thumbnail(await sharp(small).jpeg().toBuffer())).toBeNull();
    expect(plain.thumbnail(await sharp(small).png().toBuffer())).toBeNull();
  });

  it('that is damaged anywhere is taken only where sharp takes it without a word', async () => {
    const whole = await Promise.all([
      jpeg(300, 200),
      jpeg(300, 200, { progressive: true }),
      jpeg(300, 200, { chromaSubsampling: '4:4:4' }),
      jpeg(40, 30),
    ]);
    let [taken, refused] = [0, 0];
    const damage = fc.record({ at: fc.integer({ min: 0, max: 9999 }), bit: fc.nat(7) });
    const damages = fc.array(damage, { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3),
        damages,
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        async (which, changes, share) => {
          const bytes = Buffer.from(whole[which]!);
          for (const { at, bit } of changes) bytes[Math.floor((at * bytes.length) / 10_000)]! ^= 1 << bit;
          const file = share < 0.4 ? bytes.subarray(0, Math.floor(bytes.length * share * 2)) : bytes;
          const fast = plain.thumbnail(file);
          if (!fast) return void refused++;
          taken++;
          const slow = await makeThumbnail(file, 'x');
          expect([slow.width, slow.height, slow.notices]).toEqual([fast.width, fast.height, []]);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
    expect([taken > 20, refused > 20]).toEqual([true, true]);
  });
});

describe('a PNG', () => {
  it('of any filter, with or without a palette, has the pixels that sharp gives', async () => {
    const raw = { raw: { width: 61, height: 47, channels: 3 as const } };
    const colours = sharp(scene(61, 47), raw);
    for (const options of [{}, { adaptiveFiltering: true }, { palette: true }, { compressionLevel: 0 }])
      for (const image of [colours, colours.clone().greyscale()]) {
        const bytes = await image.clone().png(options).toBuffer();
        const found = plainPng(bytes, 64);
        const { data, channels } = found ?? { data: new Uint8Array(0), channels: 3 };
        const expected = await sharp(bytes)
          .toColourspace(channels === 1 ? 'b-w' : 'srgb')
          .raw()
          .toBuffer();
        expect(Buffer.from(data).equals(expected), JSON.stringify(options)).toBe(true);
      }
  });

  it('is refused with any byte changed, or cut anywhere, or larger than asked for', async () => {
    const bytes = await sharp(scene(20, 20), { raw: { width: 20, height: 20, channels: 3 } })
      .png()
      .toBuffer();
    expect(plainPng(bytes, 20)).not.toBeNull();
    expect(plainPng(bytes, 19)).toBeNull();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        expect(plainPng(changed, 64)).toBeNull();
        expect(plainPng(bytes.subarray(0, at), 64)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

it('any bytes are taken or not, without an error', () => {
  const starts = [
    Buffer.alloc(0),
    Buffer.from('\xff\xd8\xff\xe1\0\x20Exif\0\0II*\0', 'latin1'),
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
      plain.thumbnail(Buffer.concat([start, rest]));
    }),
    { numRuns: 2000 },
  );
});
