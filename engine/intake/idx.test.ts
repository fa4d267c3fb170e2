import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { smallFashion } from '../testing.ts';
import { readIdxSource } from './idx.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-idx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const word = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const images = (count: number, height: number, width: number, pixels: Buffer) =>
  Buffer.concat([word(0x803), word(count), word(height), word(width), pixels]);
const labels = (values: number[]) => Buffer.concat([word(0x801), word(values.length), Buffer.from(values)]);

const names = { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte' };
const good = {
  images: images(3, 2, 2, Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])),
  labels: labels([7, 0, 7]),
};
const put = (files: { images?: Buffer; labels?: Buffer }) => {
  const { images, labels } = { ...good, ...files };
  writeFileSync(join(folder, names.images), gzipSync(images));
  writeFileSync(join(folder, names.labels), labels);
};
const pack = join(folder, 'pack.part');
const read = () =>
  readIdxSource(folder, { pack, onProgress: () => undefined, signal: new AbortController().signal });

beforeEach(() => put({}));

describe('an IDX source', () => {
  it('is read in order, gzipped or plain, its labels as class names', async () => {
    const source = await read();
    expect(source).toMatchObject({ kind: 'idx', height: 2, width: 2, classes: ['0', '7'], setAside: [] });
    expect(source.items.map(({ name, className, part }) => [name, className, part])).toEqual([
      ['train/0', '7', 'pool'],
      ['train/1', '0', 'pool'],
      ['train/2', '7', 'pool'],
    ]);
    expect([...readFileSync(pack)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('of Fashion-MNIST has its names, its parts and its pixels to the byte', async () => {
    const source = await readIdxSource(smallFashion(), {
      pack,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
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

  it.each([
    ['another magic', { images: Buffer.concat([word(0x1234), good.images.subarray(4)]) }, /00001234/],
    ['labels in the place of images', { images: good.labels }, /Expected images, received labels/],
    ['more labels than images', { labels: labels([1, 2, 3, 4]) }, /Expected 4 images.*received 3/],
    [
      'a body cut short',
      { images: good.images.subarray(0, -1) },
      /Expected 12 bytes.*received 11.*cut short/,
    ],
    ['a body too long', { images: Buffer.concat([good.images, Buffer.alloc(1)]) }, /received more/],
    ['an empty file', { labels: Buffer.alloc(0) }, /ends after 0 bytes/],
    ['images without pixels', { images: images(3, 0, 2, Buffer.alloc(0)) }, /0×2/],
    [
      'a header that claims 4 billion',
      { labels: Buffer.concat([word(0x801), word(0xffffffff)]) },
      /claims 4294967295/,
    ],
  ])('with %s is refused with a reason', async (_, files, message) => {
    put(files);
    await expect(read()).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
  });

  it('whose gz is cut short at any length is refused', async () => {
    const whole = gzipSync(good.images);
    for (let length = 2; length < whole.length; length += 3) {
      writeFileSync(join(folder, names.images), whole.subarray(0, length));
      await expect(read(), `cut at ${length}`).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    }
  });

  it('without its labels is refused by name', async () => {
    rmSync(join(folder, names.labels));
    await expect(read()).rejects.toThrow(/train-labels-idx1-ubyte.*Put both/);
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
        const key = file === 'labels' ? 'labels' : 'images';
        const mutate = (original: Buffer) => {
          const changed = Buffer.from(original.subarray(0, cut ?? original.length));
          bytes.forEach((byte, index) => {
            if (at + index < changed.length) changed[at + index] = byte;
          });
          return changed;
        };
        put(file === 'gzip' ? {} : { [key]: mutate(good[key]) });
        if (file === 'gzip') writeFileSync(join(folder, names.images), mutate(gzipSync(good.images)));
        try {
          const source = await read();
          expect(statSync(pack).size).toBe(source.items.length * source.height! * source.width!);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AtelierError);
          expect((thrown as AtelierError).code).toBe('SOURCE_UNREADABLE');
        }
      }),
      { numRuns: 300 },
    );
  });
});
