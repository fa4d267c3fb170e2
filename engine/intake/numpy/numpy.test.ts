/** What NumPy arrays are taken for: classes × parts, or the refusal. That images keep their pixels is family.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { zipFile } from '../archive/testing-zip.ts';
import { npyFile } from '../testing-family.ts';
import { inWords, putFiles, scanWith } from '../testing.ts';
import { numpyImporter } from './numpy.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-numpy-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const greys = (count: number) => npyFile('|u1', [count, 2, 3], Buffer.alloc(count * 6, 7));
const bytes = (...labels: number[]) => npyFile('|u1', [labels.length], Buffer.from(labels));
const npz = (arrays: Record<string, Buffer>) =>
  zipFile(Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content })));
const scan = (files: Record<string, Uint8Array>, chosen = '') => {
  putFiles(folder, files);
  return scanWith(numpyImporter, join(folder, chosen));
};
const read = async (files: Record<string, Uint8Array>) =>
  numpyImporter.read(await scan(files), {
    pack: join(folder, 'pack.part'),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });

describe('arrays', () => {
  const keras = { x_test: greys(1), x_train: greys(3), y_test: bytes(2), y_train: bytes(2, 5, 2) };
  const medical = {
    train_images: greys(2),
    val_images: greys(1),
    train_labels: bytes(0, 1),
    val_labels: bytes(1),
  };
  const two = Buffer.from([0, 1, 255, 255]);
  it.each<[string, Record<string, Uint8Array>, string[]]>([
    ['of Keras', { 'mnist.npz': npz(keras) }, ['2: 2 pool, 1 test', '5: 1 pool']],
    ['of MedMNIST', { 'set.npz': npz(medical) }, ['0: 1 pool', '1: 1 pool, 1 validation']],
    [
      'in a file each, unnamed',
      { 'k-train-imgs.npz': npz({ arr_0: greys(1) }), 'k-train-labels.npz': npz({ arr_0: bytes(4) }) },
      ['4: 1 pool'],
    ],
    ['as .npy', { 'X.npy': greys(2), 'y.npy': bytes(1, 0) }, ['0: 1 pool', '1: 1 pool']],
    [
      'with big-endian labels of 16 bits',
      { 'x.npy': greys(2), 'y.npy': npyFile('>i2', [2], two) },
      ['-1: 1 pool', '1: 1 pool'],
    ],
    [
      'with little-endian labels of 16 bits',
      { 'x.npy': greys(2), 'y.npy': npyFile('<u2', [2, 1], two) },
      ['256: 1 pool', '65535: 1 pool'],
    ],
    [
      'with labels of bytes',
      { 'x.npy': greys(1), 'y.npy': npyFile('|S4', [1], Buffer.from('cat\0')) },
      ['cat: 1 pool'],
    ],
    ['without labels', { 'test_images.npy': greys(2) }, ['(unlabelled): 2 test']],
  ])('%s are images and labels', async (_name, files, expected) => {
    expect(inWords(await scan(files))).toEqual(expected);
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    [
      'floats',
      { 'x.npy': npyFile('<f4', [1, 2, 3], Buffer.alloc(24)) },
      /Expected x as uint8 from 0 to 255, received <f4/,
    ],
    [
      'channels first',
      { 'x.npy': npyFile('|u1', [1, 3, 9, 9], Buffer.alloc(243)) },
      /numpy.moveaxis\(x, 1, -1\)/,
    ],
    [
      'labels of another count',
      { 'x.npy': greys(2), 'y.npy': bytes(1) },
      /Expected 2 labels in y, one for each image of x, received 1/,
    ],
    [
      'labels as floats',
      { 'x.npy': greys(1), 'y.npy': npyFile('<f8', [1], Buffer.alloc(8)) },
      /Expected y as whole numbers or texts, received <f8/,
    ],
    [
      'class names with control characters',
      { 'x.npy': greys(1), 'y.npy': npyFile('|S2', [1], Buffer.from('a\x07')) },
      /Expected names of classes in y/,
    ],
    [
      'two data sets',
      { 'a.npz': npz(keras), 'b.npz': npz(keras) },
      /Expected one data set, found a second array for test/,
    ],
  ])('%s are refused with what to do', async (_name, files, message) => {
    await expect(scan(files)).rejects.toThrow(message);
  });

  it('of images only are told where there is none', async () => {
    await expect(scan({ 'y.npz': npz({ y: bytes(1, 2) }) }, 'y.npz')).rejects.toThrow(
      /Expected an array of images, .* received y \[2\]/,
    );
    await expect(scan({ 'z.npz': Buffer.from('no zip') }, 'z.npz')).rejects.toThrow(
      /Expected a whole zip file/,
    );
  });

  it('with any bytes changed are read or refused, never worse', async () => {
    const whole = npz(keras);
    const change = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(change, fc.nat(whole.length), async (changes, length) => {
        const changed = Buffer.from(whole.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) changed[at] = byte;
        const thrown = await read({ 'set.npz': changed }).then(
          () => null,
          (error: unknown) => error,
        );
        if (thrown instanceof Error && /^Not detected/.test(thrown.message)) return;
        if (thrown !== null) expect(thrown).toBeInstanceOf(AtelierError);
      }),
      { numRuns: 300 },
    );
  });
});
