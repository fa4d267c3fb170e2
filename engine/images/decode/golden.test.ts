/**
 * What every kind of file gives, as a table: the same picture in many formats, upright and with its colours, or skipped
 * with its reason. The table is held against import, training pack and prediction alike.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeSource } from '../../intake/store/store.ts';
import { OpenProject } from '../../project/project.ts';
import { readImage } from '../../worker/tasks/full.ts';
import { singleColour, toNetworkInput } from './decode.ts';
import { noEndMark } from './jpeg.ts';
import { wasInverted } from './cmyk.ts';
import { cutShort, damaged, whyNotRead } from './formats.ts';
import { loadPack } from '../packs/pack.ts';
import { firstFrame, firstPage } from './plan.ts';
import { scanSource } from '../../intake/scan.ts';
import { furtherChannels } from './tiff.ts';
import { onBlack } from './visible.ts';

type Quadrants = readonly (readonly [number, number, number])[];
const colour: Quadrants = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [230, 220, 40],
];
const luminance = [87, 130, 52, 202];
const greys = (values: readonly number[]): Quadrants => values.map((value) => [value, value, value] as const);
const grey = greys(luminance);
/** CMYK by a profile gives duller colours; which is which stays clear. */
const print: Quadrants = [
  [204, 53, 38],
  [0, 128, 64],
  [59, 44, 119],
  [230, 197, 44],
];
const white: Quadrants = greys([255, 255, 255, 255]);
const from12 = '12-bit values in a 16-bit file: scaled by 1/4095.';
const full16 = '16-bit values: scaled by 1/65535.';
const unitFloat = 'Floating-point values from 0 to 1: scaled by 255.';
const negative =
  'Negative values: which of them is black is not known. Save it with values from 0, as 8 or 16 bits.';
const notRead = (what: string) => `TIFF with ${what} values is not read. Save it as 8, 16 or 32 bits.`;

type Row = readonly [expected: Quadrants | string, ...notices: string[]];
const table: Record<string, Row> = {
  'progressive.jpg': [colour],
  'plain.jpe': [colour],
  noending: [colour],
  'photo.jpg.bak': [colour],
  'named.png': [colour],
  'png-named.jpg': [colour],
  'large.jpg': [colour],
  'large-progressive.jpg': [colour],
  'grey.jpg': [grey],
  'cmyk.jpg': [print],
  'cmyk-inverted.jpg': [colour, wasInverted],
  'profile-garbage.jpg': [colour],
  'profile-of-colour.jpg': [grey],
  'several.mpo': [colour, firstPage],
  'grey16.png': [grey, full16],
  'grey16-of-8.png': [grey, '8-bit values in a 16-bit file: scaled by 1/255.'],
  'grey16-of-10.png': [grey, '10-bit values in a 16-bit file: scaled by 1/1023.'],
  'grey16-of-12.png': [grey, from12],
  'grey16-of-14.png': [grey, '14-bit values in a 16-bit file: scaled by 1/16383.'],
  'rgb16.png': [colour, full16],
  'rgb16-of-12.png': [colour, from12],
  'rgba16-of-12.png': [colour, from12],
  'sbit12-small.png': [greys(luminance.map((value) => (value * 4 * 255) / 4095)), from12],
  'sbit12-filled.png': [greys(luminance.map((value) => (value * 39) / 257)), full16],
  'gamma.png': [colour],
  'colour-key.png': [[[255, 255, 255], ...colour.slice(1)]],
  'bits1.png': [grey],
  'palette.png': [grey],
  'palette-transparent.png': [[[255, 255, 255], ...colour.slice(1)]],
  'left-transparent.png': [[[242, 171, 171], colour[1]!, [171, 171, 242], colour[3]!]],
  'all-transparent.png': [white, singleColour],
  'black-on-transparent.png': [greys(luminance.map((value) => 255 - value))],
  'white-on-transparent.png': [grey, onBlack],
  'nearly-white-on-transparent.png': [grey, onBlack],
  'white-grey-on-transparent.png': [grey, onBlack],
  'white-on-transparent.webp': [grey, onBlack],
  'white-on-transparent.heic': [grey, onBlack],
  'animated.png': [colour, firstFrame],
  'animated.webp': [colour, firstFrame],
  'animated.gif': [colour, firstFrame],
  'transparent.gif': [[[255, 255, 255], ...colour.slice(1)]],
  'one-colour.png': [[...Array(4)].map(() => [9, 200, 9] as const), singleColour],
  'one-dot.png': [[...Array(4)].map(() => [9, 200, 9] as const)],
  'lzw.tif': [colour],
  'jpeg.tif': [colour],
  'deflate.tiff': [colour],
  'pages.tif': [colour, firstPage],
  'fax.tif': [grey],
  'palette.tif': [colour],
  'cmyk.tif': [print],
  'lab.tif': [colour],
  'big.tif': [colour],
  'big-endian.tif': [colour, from12],
  'tiles.tif': [colour, full16],
  'planes.tif': [colour, from12],
  'float-1.tif': [colour, unitFloat],
  'float-255.tif': [colour, 'Floating-point values up to 255: taken as they are.'],
  'float-large.tif': [
    'Floating-point values above 255: which of them is white is not known. Save it with values from 0 to 1.',
  ],
  'grey-float-1.tif': [grey, unitFloat],
  'float-negative.tif': [negative],
  'float-nan.tif': ['Values that are no numbers (NaN or infinite). Save it with values from 0 to 1.'],
  'double.tif': [notRead('64-bit floating-point')],
  'half.tif': [notRead('16-bit floating-point')],
  'complex.tif': ['TIFF with complex numbers is not read. Save it as 8 or 16 bits.'],
  'uint64.tif': [notRead('64-bit integer')],
  'uint16.tif': [grey, full16],
  'uint16-of-12.tif': [grey, from12],
  'uint32-of-8.tif': [grey, '8-bit values in a 32-bit file: scaled by 1/255.'],
  'uint32.tif': [grey, '32-bit values: scaled by 1/4294967295.'],
  'int16-of-12.tif': [grey, from12],
  'int16-negative.tif': [negative],
  'int8-negative.tif': [negative],
  'int32-of-12.tif': [colour, '12-bit values in a 32-bit file: scaled by 1/4095.'],
  'white-is-zero.tif': [grey],
  'white-is-zero-12.tif': [grey, from12],
  'white-is-zero-float.tif': [grey, unitFloat],
  'five-channels.tif': [colour, furtherChannels],
  'unnamed-fourth.tif': [colour, furtherChannels],
  'two-greys.tif': [grey, furtherChannels],
  'alpha16-of-12.tif': [colour, from12],
  'max-sample.tif': [grey, 'White is 2040 by what the file says: scaled by 1/2040.'],
  'plain.avif': [colour],
  'animated.avif': [colour, firstFrame],
  'plain.heic': [colour],
  'turned-6.heic': [colour],
  'heic-named.jpg': [colour],
  'two.heic': [colour, firstPage],
  'display-p3.heic': [colour],
  'display-p3.jpg': [colour],
  'display-p3-16.png': [colour, full16],
  'bits1.bmp': [grey],
  'bits8.bmp': [colour],
  'bits24.bmp': [colour],
  'bits32.bmp': [colour],
  'plain.ppm': [colour],
  'plain.pgm': [grey],
  'plain.pbm': [grey],
  'icon.ico': [whyNotRead('ico')],
  'plain.tga': [whyNotRead('tga')],
  'plain.jp2': [whyNotRead('jp2')],
  'plain.pcx': [whyNotRead('pcx')],
  ...Object.fromEntries(
    readdirSync(fixtures())
      .filter((name) => name.startsWith('turned-'))
      .map((name): [string, Row] => [name, [colour]]),
  ),
};

function fixtures(): string {
  return join(import.meta.dirname, 'fixtures');
}
const bytesOf = (name: string) => readFileSync(join(fixtures(), name));
const flip = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 0x55;
  return copy;
};
/** Ten bytes within, each with half of its bits turned. */
const rotten = (bytes: Buffer) =>
  Buffer.from(bytes.map((byte, at) => (at >= 3000 && at < 3010 ? byte ^ 0x55 : byte)));
const cut = (name: string, share = 0.7) => {
  const bytes = bytesOf(name);
  return bytes.subarray(0, Math.floor(bytes.length * share));
};

/** A progressive JPEG that ends before its last scan. */
const scansMissing = (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(Buffer.from([0xff, 0xda])));

/** Files that are made out of others: cut, damaged, or no images at all. */
/** A JPEG whose frame says something else. */
function frame({ mark = 0xc0, bits = 8 }: { mark?: number; bits?: number }): Buffer {
  const bytes = Buffer.from(bytesOf('large.jpg'));
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes[at + 1] = mark;
  bytes[at + 4] = bits;
  return bytes;
}
/** A TIFF that says another compression. */
function compressed(number: number): Buffer {
  const bytes = Buffer.from(bytesOf('lzw.tif'));
  const tag = Buffer.from([3, 1, 3, 0, 1, 0, 0, 0]);
  bytes.writeUInt16LE(number, bytes.indexOf(tag) + tag.length);
  return bytes;
}
const notCompressed = (named: string) =>
  `TIFF of the compression ${named} is not read. Save it with LZW, deflate or no compression.`;
const made: Record<string, [Buffer, ...Row]> = {
  'empty.jpg': [Buffer.alloc(0), whyNotRead('empty')],
  'zeros.jpg': [Buffer.alloc(3000), whyNotRead('zeros')],
  'text.jpg': [Buffer.from('hello, I am text'), whyNotRead('text')],
  'latin.png': [Buffer.from('h\xe4llo, ich bin Text', 'latin1'), whyNotRead('text')],
  'wide.png': [Buffer.from('\ufeffwide text', 'utf16le'), whyNotRead('text')],
  'page.jpg': [Buffer.from('\n<!DOCTYPE html>\n<html><body>404 Not Found</body></html>'), whyNotRead('html')],
  'page2.png': [Buffer.from('<!-- proxy --><HTML><head></head></HTML>'), whyNotRead('html')],
  'denied.jpg': [
    Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
    whyNotRead('text'),
  ],
  'drawing.png': [
    Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    whyNotRead('svg'),
  ],
  'paper.jpg': [Buffer.from('%PDF-1.7\n'), whyNotRead('pdf')],
  'archive.jpg': [Buffer.from('PK\x03\x04aaaa'), whyNotRead('archive')],
  'film.jpg': [Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2'), whyNotRead('video')],
  'pointer.png': [
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0'),
    whyNotRead('pointer'),
  ],
  'noise.bin': [
    Buffer.from(Array.from({ length: 500 }, (_, at) => (at * 193 + 7) % 256)),
    whyNotRead('unknown'),
  ],
  'half.jpg': [cut('large.jpg', 0.5), cutShort('JPEG')],
  'last20.jpg': [bytesOf('large.jpg').subarray(0, -20), cutShort('JPEG')],
  'last-row.jpg': [bytesOf('large.jpg').subarray(0, -90), cutShort('JPEG')],
  'zero-tail.jpg': [Buffer.from(bytesOf('large.jpg')).fill(0, 3000), cutShort('JPEG')],
  'last4-progressive.jpg': [bytesOf('large-progressive.jpg').subarray(0, -6), cutShort('JPEG')],
  'scans-missing.jpg': [scansMissing(bytesOf('large-progressive.jpg')), cutShort('JPEG')],
  'last2.jpg': [bytesOf('large.jpg').subarray(0, -2), colour, noEndMark],
  'last1.jpg': [bytesOf('large.jpg').subarray(0, -1), colour, noEndMark],
  'last2-progressive.jpg': [bytesOf('large-progressive.jpg').subarray(0, -2), colour, noEndMark],
  'half-progressive.jpg': [cut('large-progressive.jpg', 0.75), cutShort('JPEG')],
  'garbage-after.jpg': [Buffer.concat([bytesOf('large.jpg'), Buffer.from('garbage'.repeat(99))]), colour],
  'header-only.jpg': [bytesOf('large.jpg').subarray(0, 12), cutShort('JPEG')],
  'rotten.jpg': [rotten(bytesOf('large.jpg')), damaged('JPEG')],
  'twelve-bits.jpg': [
    frame({ mark: 0xc1, bits: 12 }),
    'JPEG with 12-bit values is not read. Save it as PNG or TIFF.',
  ],
  'lossless.jpg': [
    frame({ mark: 0xc3 }),
    'Lossless and hierarchical JPEG are not read. Save it as PNG or TIFF.',
  ],
  'hierarchical.jpg': [
    frame({ mark: 0xc5 }),
    'Lossless and hierarchical JPEG are not read. Save it as PNG or TIFF.',
  ],
  'twelve-bits-baseline.jpg': [frame({ bits: 12 }), damaged('JPEG')],
  'zstandard.tif': [compressed(50_000), notCompressed('Zstandard')],
  'unheard-of.tif': [compressed(99), notCompressed('number 99')],
  'half.png': [cut('one-dot.png', 0.7), cutShort('PNG')],
  'rotten.png': [flip(bytesOf('one-dot.png'), -20), damaged('PNG')],
  'half.webp': [cut('animated.webp'), cutShort('WebP')],
  'half.gif': [cut('transparent.gif'), cutShort('GIF')],
  'cut.tif': [cut('turned-6.tif'), cutShort('TIFF')],
  'half.avif': [cut('plain.avif'), cutShort('AVIF')],
  'half.heic': [cut('plain.heic', 0.8), cutShort('HEIC')],
  'half.bmp': [cut('bits24.bmp'), cutShort('BMP')],
  'half.ppm': [cut('plain.ppm'), cutShort('PNM')],
};

const folder = mkdtempSync(join(tmpdir(), 'atelier-golden-'));
const source = join(folder, 'set');
const path = join(folder, 'p.atelier');
/** What became of each file: taken with these notices, or the reason why not. */
const outcomes = new Map<string, { notices: string[] } | { reason: string }>();
let project: OpenProject;

beforeAll(async () => {
  mkdirSync(join(source, 'odd'), { recursive: true });
  const entries: [string, Buffer][] = [
    ...Object.keys(table).map((name): [string, Buffer] => [name, bytesOf(name)]),
    ...Object.entries(made).map(([name, [bytes]]): [string, Buffer] => [name, bytes]),
  ];
  for (const [name, bytes] of entries) writeFileSync(join(source, 'odd', name), bytes);
  project = await OpenProject.create(path, 'p', 'test');
  const { signal } = new AbortController();
  const scanned = await scanSource(source, { location: source, options: {}, signal });
  const pack = join(path, 'packs', 'import-1.part');
  const read = await scanned.read({ pack, onProgress: () => undefined, signal });
  for (const { name, notices } of read.items) outcomes.set(name.slice(4), { notices: notices ?? [] });
  for (const file of read.skippedFiles) outcomes.set(file.path.slice(4), { reason: file.reason });
  (await storeSource(path, read, { location: source, root: source, startedAt: Date.now() })).commit();
  await project.followImport();
});
afterAll(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const expectations: [string, Row][] = [
  ...Object.entries(table),
  ...Object.entries(made).map(([name, [, ...row]]): [string, Row] => [name, row as unknown as Row]),
];
const framing = { height: 32, width: 48, channels: 3, fit: 'stretch' } as const;

/** The mean colour of each quadrant, away from its edges and the arrow. */
function quadrantsOf(pixels: Uint8Array): number[][] {
  return [0, 1, 2, 3].map((quadrant) => {
    const sum = [0, 0, 0];
    let count = 0;
    for (let y = 2 + 16 * (quadrant >> 1); y < 14 + 16 * (quadrant >> 1); y++) {
      const left = quadrant % 2 === 0 ? 2 : 30;
      for (let x = left; x < left + 16; x++, count++)
        for (let channel = 0; channel < 3; channel++) sum[channel]! += pixels[(y * 48 + x) * 3 + channel]!;
    }
    return sum.map((total) => Math.round(total / count));
  });
}

describe('the table', () => {
  it('names every fixture', () => {
    const files = readdirSync(fixtures()).filter(
      (name) => !/^(make\.py|README\.md|display-p3\.icc)$/.test(name),
    );
    expect(files.filter((name) => !Object.hasOwn(table, name))).toEqual([]);
  });

  it.each(expectations)('%s', async (name, [expected, ...notices]) => {
    if (typeof expected === 'string') {
      expect(outcomes.get(name)).toEqual({ reason: expected });
      const refused = toNetworkInput(readFileSync(join(source, 'odd', name)), framing, name);
      await expect(refused).rejects.toMatchObject({
        code: 'IMAGE_UNREADABLE',
        details: { reason: expected },
      });
      return;
    }
    expect(outcomes.get(name)).toEqual({ notices });
    const pixels = await toNetworkInput(readFileSync(join(source, 'odd', name)), framing, name);
    const found = quadrantsOf(pixels);
    // Black and white stand for grey by their density only, over a small field.
    const off = /^bits1|^fax|pbm/.test(name) ? 16 : /photo|several|palette\.tif|bits8|p3/.test(name) ? 12 : 5;
    expected.forEach((mean, quadrant) =>
      mean.forEach((value, channel) => {
        expect(
          Math.abs(found[quadrant]![channel]! - value),
          `${name} ${JSON.stringify(found)}`,
        ).toBeLessThanOrEqual(off);
      }),
    );
  });
});

it('gives prediction what training was given', async () => {
  const lastItemId = project.columns.ids[project.columns.length - 1]!;
  const { pixels: packed } = await loadPack(path, framing, lastItemId);
  const size = 32 * 48 * 3;
  const names = expectations.filter(([, [expected]]) => typeof expected !== 'string').map(([name]) => name);
  expect(project.columns.length).toBe(names.length);
  for (let row = 0; row < project.columns.length; row++) {
    const { name } = project.item(project.columns.ids[row]!);
    const file = { kind: 'file', path: join(source, name), name } as const;
    const { picture } = await readImage('', file);
    const pixels = await toNetworkInput(picture, framing, name);
    expect(Buffer.from(pixels).equals(packed.subarray(row * size, (row + 1) * size)), name).toBe(true);
  }
});

it('keeps what is to be said of images with the project, the rare first', () => {
  const { notices, skipped } = project.skippedAndNotices();
  expect(notices.find(({ reason }) => reason === firstFrame)).toEqual({
    reason: firstFrame,
    count: 4,
    examples: ['odd/animated.avif', 'odd/animated.gif', 'odd/animated.png', 'odd/animated.webp'],
  });
  expect(notices.map(({ count }) => count)).toEqual(notices.map(({ count }) => count).sort((a, b) => a - b));
  const reasons = skipped.map(({ reason }) => reason);
  expect(reasons.indexOf(damaged('JPEG'))).toBeLessThan(reasons.indexOf(whyNotRead('tga')));
  expect(reasons.indexOf(whyNotRead('tga'))).toBeLessThan(reasons.indexOf(whyNotRead('text')));
});
