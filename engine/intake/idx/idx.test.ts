import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { smallFashion } from '../../testing.ts';
import { keptPixels } from '../../images/storage/kept-pixels.ts';
import { idxImporter } from './idx.ts';
import { idxFile, idxImages, idxLabels, int32, putFiles, scanWith } from '../testing.ts';

let folder: string;
let pack: string;
beforeEach(() => {
  const place = mkdtempSync(join(tmpdir(), 'atelier-idx-'));
  folder = join(place, 'set');
  pack = join(place, 'pack.part');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const names = { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte' };
const good = {
  images: idxFile(0x803, [3, 2, 2], Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])),
  labels: idxLabels([7, 0, 7]),
};
const put = (files: { images?: Uint8Array; labels?: Uint8Array } = {}) => {
  const { images, labels } = { ...good, ...files };
  putFiles(folder, { [names.images]: gzipSync(images), [names.labels]: labels });
};
const read = async (path = folder) => {
  const scan = await scanWith(idxImporter, path);
  return idxImporter.read(scan, {
    pack,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
};

describe('an IDX source', () => {
  it('is read in order, gzipped or plain, its labels as class names', async () => {
    put();
    const source = await read();
    expect(source).toMatchObject({ storage: keptPixels, classes: ['0', '7'], skippedFiles: [] });
    expect(source.items.map(({ name, className, part }) => [name, className, part])).toEqual([
      ['train/0', '7', 'pool'],
      ['train/1', '0', 'pool'],
      ['train/2', '7', 'pool'],
    ]);
    expect([...readFileSync(pack)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('of Fashion-MNIST has its names, its parts and its pixels to the byte', async () => {
    const source = await read(smallFashion());
    expect(source.classes).toEqual([
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ]);
    expect(source.items.filter(({ part }) => part === 'test')).toHaveLength(500);
    const original = ['train', 't10k'].map((prefix) =>
      gunzipSync(readFileSync(join(smallFashion(), `${prefix}-images-idx3-ubyte.gz`))).subarray(16),
    );
    expect(readFileSync(pack).equals(Buffer.concat(original))).toBe(true);
  });

  it('of EMNIST is turned upright, and named by its mapping', async () => {
    const pixels = Buffer.alloc(28 * 28);
    pixels[1] = 200;
    putFiles(folder, {
      'emnist-letters-train-images-idx3-ubyte': idxFile(0x803, [1, 28, 28], pixels),
      'emnist-letters-train-labels-idx1-ubyte': idxLabels([2]),
      'emnist-letters-mapping.txt': '1 65 97\n2 66 98\n',
    });
    const { warnings } = await scanWith(idxImporter, folder);
    expect(warnings.map(({ code }) => code)).toEqual([
      'IDX_MAPPING',
      'IDX_TRANSPOSED',
      'ONE_CLASS',
      'FEW_IMAGES',
    ]);
    const source = await read();
    expect(source.items[0]).toMatchObject({ name: 'emnist-letters/train/0', className: 'B/b' });
    expect(readFileSync(pack).indexOf(200)).toBe(28);
  });

  it('with wider integers is read where each is the value of a byte', async () => {
    put({ images: idxFile(0xc03, [3, 1, 2], int32([0, 255, 3, 4, 5, 6])) });
    await read();
    expect([...readFileSync(pack)]).toEqual([0, 255, 3, 4, 5, 6]);
    put({ images: idxFile(0xc03, [3, 1, 2], int32([0, 255, 3, 4, 5, 256])) });
    await expect(read()).rejects.toThrow(/from 0 to 255, received 256 in image 2/);
  });

  it("takes the first of QMNIST's eight numbers, and says so", async () => {
    put({
      labels: idxFile(
        0xc02,
        [3, 8],
        int32([...[5, 9, 9, 9, 9, 9, 9, 9], ...[6, 0, 0, 0, 0, 0, 0, 0], ...[5, 1, 1, 1, 1, 1, 1, 1]]),
      ),
    });
    const scan = await scanWith(idxImporter, folder);
    expect(scan.classes.map(({ name }) => name)).toEqual(['5', '6']);
    expect(scan.warnings[0]).toEqual({
      code: 'IDX_EXTENDED_LABELS',
      text: 'train-labels-idx1-ubyte has 8 numbers for each image. The first, the class, is read.',
    });
  });

  it.each([
    [
      'another magic',
      { images: Buffer.concat([Buffer.from([0, 0, 0x12, 0x34]), good.images.subarray(4)]) },
      /00001234/,
    ],
    ['labels in the place of images', { images: good.labels }, /Expected images, received labels/],
    ['images in the place of labels', { labels: good.images }, /Expected labels, received images/],
    ['more labels than images', { labels: idxLabels([1, 2, 3, 4]) }, /Expected 4 images.*received 3/],
    [
      'a plain body cut short',
      { labels: good.labels.subarray(0, -1) },
      /Expected 3 bytes.*received 2: the file is cut short/,
    ],
    ['an empty file', { labels: Buffer.alloc(0) }, /ends after 0 bytes/],
    ['images without pixels', { images: idxFile(0x803, [3, 0, 2]) }, /0×2/],
    ['a header that claims 4 billion', { labels: idxFile(0x801, [0xffffffff]) }, /4294967295 entries/],
    [
      'a gzipped header that claims more than gzip can hold',
      { images: idxFile(0x803, [900_000, 28, 28]) },
      /705600000 bytes after the header \(900000 entries of 28×28\), more than a gzip file/,
    ],
    ['negative labels', { labels: idxFile(0xc01, [3], int32([1, -1, 1])) }, /received -1 for image 1/],
    ['labels in rows of ten', { labels: idxFile(0x802, [3, 10], Buffer.alloc(30)) }, /rows of 10 values/],
    ['floats', { images: idxFile(0xd03, [3, 1, 1], Buffer.alloc(12)) }, /received 32-bit floats/],
    ['colours', { images: idxFile(0x804, [3, 2, 2, 3], Buffer.alloc(36)) }, /3 channels.*save them as PNG/],
    ['gzip in gzip', { images: gzipSync(good.images) }, /gzip file within a gzip file/],
  ])('with %s is refused with a reason', async (_, files, message) => {
    put(files);
    await expect(scanWith(idxImporter, folder)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['cut short', good.images.subarray(0, -1), /Expected 12 bytes.*received 11: the file is cut short/],
    ['too long', Buffer.concat([good.images, Buffer.alloc(1)]), /received more/],
  ])('whose gzipped body is %s is refused', async (_, images, message) => {
    put({ images });
    await expect(read()).rejects.toThrow(message);
  });

  it('whose gz is cut short at any length is refused', async () => {
    const whole = gzipSync(good.images);
    for (let length = 2; length < whole.length; length += 3) {
      put();
      putFiles(folder, { [names.images]: whole.subarray(0, length) });
      await expect(read(), `cut at ${length}`).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    }
  });

  it('that claims 20 million images is refused before any of them is held', async () => {
    const labels = gzipSync(idxFile(0x801, [20_000_000], Buffer.alloc(20_000_000)));
    const images = gzipSync(idxFile(0x803, [20_000_000, 1, 1], Buffer.alloc(20_000_000)));
    putFiles(folder, { 'train-images-idx3-ubyte.gz': images, 'train-labels-idx1-ubyte.gz': labels });
    await expect(read()).rejects.toThrow(/at most 1000000 images in one import, .* claims 20000000/);
  });

  it('with any bytes changed is read or refused, never worse', async () => {
    const change = fc.record({
      file: fc.constantFrom('images', 'labels', 'gzip'),
      at: fc.nat(60),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      cut: fc.option(fc.nat(60), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, at, bytes, cut }) => {
        const mutate = (original: Buffer) => {
          const changed = Buffer.from(original.subarray(0, cut ?? original.length));
          bytes.forEach((byte, index) => {
            if (at + index < changed.length) changed[at + index] = byte;
          });
          return changed;
        };
        const key = file === 'labels' ? 'labels' : 'images';
        put(file === 'gzip' ? {} : { [key]: mutate(good[key]) });
        if (file === 'gzip') putFiles(folder, { [names.images]: mutate(gzipSync(good.images)) });
        try {
          const source = await read();
          expect(statSync(pack).size).toBe(
            source.items.reduce((sum, { height, width }) => sum + height * width, 0),
          );
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AtelierError);
          expect(['SOURCE_UNREADABLE', 'SOURCE_EMPTY']).toContain((thrown as AtelierError).code);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of a chosen file is its data set, and nothing else of the folder', async () => {
    putFiles(folder, {
      'a-train-images-idx3-ubyte': idxImages(4),
      'a-train-labels-idx1-ubyte': idxLabels([0, 1, 0, 1]),
      'b-train-images-idx3-ubyte': idxImages(2),
      'b-train-labels-idx1-ubyte': idxLabels([5, 6]),
    });
    await expect(scanWith(idxImporter, folder)).rejects.toThrow(/found several: a-train.*Choose one/);
    const { classes } = await scanWith(idxImporter, join(folder, 'b-train-images-idx3-ubyte'));
    expect(classes.map(({ name }) => name)).toEqual(['5', '6']);
  });
});
