import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { FoundImage } from '../../intake/importer.ts';
import { OpenProject } from '../../project/project.ts';
import { fillWithFashion, writePicture } from '../../testing.ts';
import { readImage } from '../../worker/tasks/full.ts';
import { encodeFull, makeThumbnail, toNetworkInput, withChannels } from './decode.ts';
import { readItem } from '../storage/originals.ts';
import { loadPack } from '../packs/pack.ts';
import { readFiles } from '../read/read-files.ts';
import { thumbnailOf } from '../thumbnails/sheet.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Left half red, right half blue; [8, 16] pixels. */
const halves = Buffer.from(
  Array.from({ length: 8 * 16 }, (_, at) => (at % 16 < 8 ? [255, 0, 0] : [0, 0, 255])).flat(),
);
const raw = { raw: { width: 16, height: 8, channels: 3 as const } };
const framing = { height: 8, width: 16, channels: 3, fit: 'stretch' } as const;
const pixel = (pixels: Uint8Array, x: number, y: number, width: number) => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('network input', () => {
  it('is the decoded pixels where nothing is to be resized', async () => {
    const png = await sharp(halves, raw).png().toBuffer();
    expect(Buffer.from(await toNetworkInput(png, framing, 'x')).equals(halves)).toBe(true);
  });

  it('is upright: EXIF rotation is obeyed', async () => {
    const turned = await sharp(halves, raw).withMetadata({ orientation: 6 }).png().toBuffer();
    const pixels = await toNetworkInput(turned, { ...framing, height: 16, width: 8 }, 'x');
    expect(pixel(pixels, 0, 0, 8)).toEqual([255, 0, 0]);
    expect(pixel(pixels, 7, 15, 8)).toEqual([0, 0, 255]);
    const { width, height } = await makeThumbnail(turned, 'x');
    expect([width, height]).toEqual([8, 16]);
  });

  it('fits as the recipe says: letterboxed in black, cropped at the centre, or stretched', async () => {
    const png = await sharp(halves, raw).png().toBuffer();
    const square = { height: 16, width: 16, channels: 3 } as const;
    const boxed = await toNetworkInput(png, { ...square, fit: 'letterbox' }, 'x');
    expect([pixel(boxed, 2, 1, 16), pixel(boxed, 2, 8, 16)]).toEqual([
      [0, 0, 0],
      [255, 0, 0],
    ]);
    const cropped = await toNetworkInput(png, { ...square, fit: 'crop' }, 'x');
    expect([pixel(cropped, 0, 0, 16), pixel(cropped, 15, 15, 16)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  it('has luminance by BT.601 in one channel, and grey in three', () => {
    expect([...withChannels(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255), 3, 1)]).toEqual([76, 150, 29]);
    expect([...withChannels(Uint8Array.of(9, 200), 1, 3)]).toEqual([9, 9, 9, 200, 200, 200]);
    for (let value = 0; value < 256; value++)
      expect([...withChannels(Uint8Array.of(value, value, value), 3, 1)]).toEqual([value]);
  });

  it('puts transparent images on white, and takes 16-bit and palette images', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    const grey = { height: 8, width: 8, channels: 1, fit: 'stretch' } as const;
    expect([...new Set(await toNetworkInput(clear, grey, 'x'))]).toEqual([255]);
    const palette = await sharp(halves, raw).png({ palette: true }).toBuffer();
    expect(pixel(await toNetworkInput(palette, framing, 'x'), 0, 0, 16)).toEqual([255, 0, 0]);
    const deep = await sharp(halves, raw).toColourspace('rgb16').png().toBuffer();
    expect(pixel(await toNetworkInput(deep, framing, 'x'), 0, 0, 16)).toEqual([255, 0, 0]);
  });

  it('refuses what claims more pixels than it may, before decoding it', async () => {
    const huge = Buffer.from(await sharp(halves, raw).png().toBuffer());
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    await expect(makeThumbnail(huge, 'huge.png')).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
      message: expect.stringContaining('huge.png') as string,
    });
  });
});

describe('files that are no pictures', () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  );

  it('are refused by every way in', async () => {
    const refused = { code: 'IMAGE_UNREADABLE', message: expect.stringContaining('SVG') as string };
    await expect(makeThumbnail(svg, 'x')).rejects.toMatchObject(refused);
    await expect(encodeFull(svg, 'x')).rejects.toMatchObject(refused);
    await expect(toNetworkInput(svg, framing, 'x')).rejects.toMatchObject(refused);
  });

  it.skipIf(process.platform === 'win32')('are not waited for: a pipe, a folder', async () => {
    const pipe = join(folder, 'pipe.png');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, folder]) {
      await expect(readImage('', { kind: 'file', path, name: 'x' })).rejects.toMatchObject({
        code: 'IMAGE_UNREADABLE',
      });
    }
  });
});

describe('a folder import', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'ends where the disk is full, and sets nothing aside for it',
    async () => {
      const pictures = join(folder, 'pictures');
      const images: FoundImage[] = [];
      for (let seed = 0; seed < 6; seed++) {
        const path = join(pictures, 'red', `${seed}.png`);
        await writePicture(path, { r: 200, g: 0, b: 0 }, { seed });
        images.push({ path, name: `red/${seed}.png`, className: 'red', part: 'pool' });
      }
      symlinkSync('/dev/full', join(folder, 'full.part'));
      const options = {
        pack: join(folder, 'full.part'),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      };
      await expect(readFiles({ images, skipped: [] }, options)).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
    },
  );
});

describe('thumbnails and large views', () => {
  it('keep small pictures exact and make large ones small', async () => {
    const small = await makeThumbnail(await sharp(halves, raw).png().toBuffer(), 'x');
    expect((await sharp(small.bytes).raw().toBuffer()).equals(halves)).toBe(true);
    const big = await sharp({ create: { width: 3000, height: 1000, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const thumbnail = await makeThumbnail(big, 'x');
    expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 128, height: 43 });
    expect([thumbnail.width, thumbnail.height]).toEqual([3000, 1000]);
    expect(await sharp(await encodeFull(big, 'x')).metadata()).toMatchObject({ width: 1600, height: 533 });
  });
});

describe('packs', () => {
  it('hold an IDX source as it is, and resized with rows in the order of the items', async () => {
    const path = join(folder, 'p.atelier');
    const project = await OpenProject.create(path, 'p', 'test');
    await fillWithFashion(path);
    await project.followImport();
    const lastItemId = project.columns.ids[project.columns.length - 1]!;
    const native = { height: 28, width: 28, channels: 1, fit: 'letterbox' } as const;
    const pack = await loadPack(path, native, lastItemId);
    expect([pack.path, pack.shape]).toEqual([join(path, 'packs', 'source-1.u8'), [2500, 28, 28, 1]]);

    const small = { height: 14, width: 14, channels: 3, fit: 'letterbox' } as const;
    const { pixels } = await loadPack(path, small, lastItemId);
    for (const itemId of [1, 2500]) {
      const { picture, name } = await readItem(path, itemId);
      const size = 14 * 14 * 3;
      const row = pixels.subarray((itemId - 1) * size, itemId * size);
      expect(Buffer.from(await toNetworkInput(picture, small, name)).equals(Buffer.from(row))).toBe(true);
    }
    let built = false;
    await loadPack(path, small, lastItemId, { onProgress: () => (built = true) });
    expect(built).toBe(false);

    const { bytes } = await thumbnailOf(project, project.placeOf(2500));
    const native2500 = pack.pixels.subarray(2499 * 784);
    const decoded = await sharp(bytes).toColourspace('b-w').raw().toBuffer();
    expect(decoded.equals(Buffer.from(native2500))).toBe(true);

    // Cut short, as a power cut may leave it: an error, never a black picture.
    truncateSync(pack.path, 2499 * 784 + 10);
    const damaged = { code: 'PROJECT_DAMAGED' };
    await expect(thumbnailOf(project, project.placeOf(2500))).rejects.toMatchObject(damaged);
    await expect(readItem(path, 2500)).rejects.toMatchObject(damaged);
    await project.close();
  });
});
