/** BMP and PNM, which have readers of their own: every kind, and whatever bytes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bmpSize, decodeBmp } from './bmp.ts';
import { decodePnm, pnmSize } from './pnm.ts';
import { hasAllData } from './jpeg-scan.ts';
import { isCutShort, pngChunks } from './marks.ts';
import { Refusal } from './samples.ts';
import { readTiffHeader } from './tiff-header.ts';

interface BmpOptions {
  bits: number;
  compression?: number;
  palette?: number[][];
  masks?: number[];
  pixels: number[];
  height?: number;
  header?: 12 | 40;
}

/** A BMP of 4 × 2 pixels unless said otherwise. */
function bmp({
  bits,
  compression = 0,
  palette = [],
  masks = [],
  pixels,
  height = 2,
  header = 40,
}: BmpOptions): Buffer {
  const info = Buffer.alloc(header);
  info.writeUInt32LE(header, 0);
  if (header === 12) {
    info.writeUInt16LE(4, 4);
    info.writeUInt16LE(height, 6);
    info.writeUInt16LE(bits, 10);
  } else {
    info.writeInt32LE(4, 4);
    info.writeInt32LE(height, 8);
    info.writeUInt16LE(bits, 14);
    info.writeUInt32LE(compression, 16);
    info.writeUInt32LE(palette.length, 32);
  }
  const maskBytes = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, at) => maskBytes.writeUInt32LE(mask, at * 4));
  const colours = Buffer.from(palette.flatMap(([r, g, b]) => [b!, g!, r!, ...(header === 12 ? [] : [0])]));
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + header + maskBytes.length + colours.length, 10);
  return Buffer.concat([file, info, maskBytes, colours, Buffer.from(pixels)]);
}

const red = [255, 0, 0];
const blue = [0, 0, 255];
/** Upper row red red blue blue, lower row blue blue red red. */
const expected = [red, red, blue, blue, blue, blue, red, red].flat();
const two = [red, blue];

describe('BMP', () => {
  it.each<[string, BmpOptions]>([
    ['1 bit', { bits: 1, palette: two, pixels: [0b11000000, 0, 0, 0, 0b00110000, 0, 0, 0] }],
    ['4 bits', { bits: 4, palette: two, pixels: [0x11, 0x00, 0, 0, 0x00, 0x11, 0, 0] }],
    ['8 bits', { bits: 8, palette: two, pixels: [1, 1, 0, 0, 0, 0, 1, 1] }],
    ['8 bits of OS/2', { bits: 8, palette: two, header: 12, pixels: [1, 1, 0, 0, 0, 0, 1, 1] }],
    ['8 bits from the top', { bits: 8, palette: two, height: -2, pixels: [0, 0, 1, 1, 1, 1, 0, 0] }],
    [
      '24 bits',
      {
        bits: 24,
        pixels: [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 0, 0],
      },
    ],
    [
      '16 bits',
      { bits: 16, pixels: [0x1f, 0, 0x1f, 0, 0, 0x7c, 0, 0x7c, 0, 0x7c, 0, 0x7c, 0x1f, 0, 0x1f, 0] },
    ],
    [
      '16 bits with fields 5-6-5',
      {
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x7e0, 0x1f],
        pixels: [0x1f, 0, 0x1f, 0, 0, 0xf8, 0, 0xf8, 0, 0xf8, 0, 0xf8, 0x1f, 0, 0x1f, 0],
      },
    ],
    [
      '32 bits',
      {
        bits: 32,
        pixels: [
          [255, 0, 0, 9],
          [255, 0, 0, 9],
          [0, 0, 255, 9],
          [0, 0, 255, 9],
          [0, 0, 255, 9],
          [0, 0, 255, 9],
          [255, 0, 0, 9],
          [255, 0, 0, 9],
        ].flat(),
      },
    ],
    [
      'runs of 8 bits',
      { bits: 8, compression: 1, palette: two, pixels: [2, 1, 2, 0, 0, 0, 0, 4, 0, 0, 1, 1, 0, 1] },
    ],
    [
      'runs of 4 bits',
      { bits: 4, compression: 2, palette: two, pixels: [2, 0x11, 2, 0x00, 0, 0, 4, 0x00, 0, 2, 0, 0, 0, 1] },
    ],
  ])('%s', (name, options) => {
    const { data, width, height } = decodeBmp(bmp(options));
    expect([width, height]).toEqual([4, 2]);
    if (name === 'runs of 4 bits') expect([...data.slice(12)]).toEqual(expected.slice(12));
    else expect([...data]).toEqual(expected);
  });

  it('is refused where it is cut, or claims what is not there', () => {
    const whole = bmp({ bits: 8, palette: two, pixels: [1, 1, 0, 0, 0, 0, 1, 1] });
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeBmp(whole.subarray(0, length)), String(length)).toThrow(Refusal);
    const huge = Buffer.from(whole);
    huge.writeInt32LE(30_000, 18);
    huge.writeInt32LE(30_000, 22);
    expect(() => decodeBmp(huge)).toThrow(/cut short/);
    expect(() => decodeBmp(bmp({ bits: 24, compression: 4, pixels: [] }))).toThrow(/compression is not read/);
  });
});

describe('PNM', () => {
  const text = (header: string, ...bytes: number[]) =>
    Buffer.concat([Buffer.from(header), Buffer.from(bytes)]);
  it.each<[string, Buffer, number[], number]>([
    ['P1', text('P1\n# by hand\n3 2\n1 0 1\n010'), [0, 1, 0, 1, 0, 1], 1],
    ['P2', text('P2 3 1 # three\n15\n0 7\n15\n'), [0, 7, 15], 15],
    ['P3', text('P3\n1 1\n255\n1 2 3'), [1, 2, 3], 255],
    ['P4', text('P4\n3 2\n', 0b10100000, 0b01000000), [0, 1, 0, 1, 0, 1], 1],
    ['P5', text('P5 2 1 255\n', 35, 200), [35, 200], 255],
    ['P5 of 16 bits', text('P5 2 1 4095\n', 15, 255, 0, 1), [4095, 1], 4095],
    ['P5 whose lines end as on Windows', text('P5\r\n2 1\r\n255\r\n', 35, 200), [35, 200], 255],
    ['P5 whose first pixel is a line feed', text('P5\r\n2 1\r\n255\r', 10, 200), [10, 200], 255],
    ['P6', text('P6\n1 1\n255\n', 1, 2, 3), [1, 2, 3], 255],
  ])('%s', (_, bytes, values, top) => {
    const samples = decodePnm(bytes);
    expect([[...samples.data], samples.top]).toEqual([values, top]);
  });

  it('is refused where it is cut, or holds more than its maximum', () => {
    for (const cut of ['P5', 'P5 2', 'P5 2 2', 'P5 2 2 255', 'P5 2 2 255\nabc', 'P2 2 1 255\n3'])
      expect(() => decodePnm(Buffer.from(cut)), cut).toThrow(/cut short/);
    for (const wrong of ['P2 1 1 15\n16', 'P2 1 1 70000\n1', 'P2 0 1 15\n', 'P2 a 1 15\n', 'P2 1 1 255\nx'])
      expect(() => decodePnm(Buffer.from(wrong)), wrong).toThrow(/damaged/);
    expect(decodePnm(Buffer.from('P5 1 1 255\naP5 1 1 255\nb')).several).toBe('pages');
  });
});

describe('whatever bytes', () => {
  const seeds = [
    'bits8.bmp',
    'bits1.bmp',
    'bits32.bmp',
    'plain.ppm',
    'plain.pbm',
    'planes.tif',
    'big.tif',
    'large.jpg',
    'gamma.png',
    'plain.heic',
  ].map((name) => readFileSync(join(import.meta.dirname, 'fixtures', name)));
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
    )
    .map(([seed, changes, share, cut]) => {
      const bytes = Buffer.from(cut ? seed.subarray(0, Math.floor(seed.length * share)) : seed);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes;
    });

  it('end in a picture or a reason, and take no more than they claim', () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        for (const [sizeOf, decode] of [
          [bmpSize, decodeBmp],
          [pnmSize, decodePnm],
        ] as const) {
          try {
            const { width, height } = sizeOf(bytes);
            if (width * height > 1_000_000) continue;
            const samples = decode(bytes);
            expect(samples.data.length).toBe(width * height * samples.channels);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Refusal);
          }
        }
        readTiffHeader(bytes);
        hasAllData(bytes);
        pngChunks(bytes);
        for (const format of ['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif'] as const)
          isCutShort(bytes, format);
      }),
      { numRuns: 2000 },
    );
  });
});
