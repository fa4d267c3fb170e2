/** What IDX files of all names and kinds are taken for: classes × parts, or the refusal. A row is a regression. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { writePicture } from '../../testing.ts';
import { idxImporter } from './idx.ts';
import { idxFile, idxImages, idxLabels, int32, inWords, putFiles, scanWith } from '../testing.ts';

const place = mkdtempSync(join(tmpdir(), 'atelier-idx-golden-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const names = {
  images: 'train-images-idx3-ubyte',
  labels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};
const ten = (from = 0) => Array.from({ length: 40 }, (_, at) => from + (at % 4));
const images = idxImages(40);
const labels = idxLabels(ten());
const train = (over: { images?: Uint8Array; labels?: Uint8Array }) => ({
  [names.images]: over.images ?? images,
  [names.labels]: over.labels ?? labels,
});
const four = ['0: 10 pool', '1: 10 pool', '2: 10 pool', '3: 10 pool'];
const withTest = ['0: 10 pool, 2 test', '1: 10 pool, 2 test', '2: 10 pool, 2 test', '3: 10 pool, 2 test'];
const both = ['0: 10 pool, 10 test', '1: 10 pool, 10 test', '2: 10 pool, 10 test', '3: 10 pool, 10 test'];
const test = { [names.testImages]: idxImages(8), [names.testLabels]: idxLabels(ten().slice(0, 8)) };
const letters = Array.from({ length: 26 }, (_, at) => at + 1);

interface Golden {
  files: Record<string, string | Uint8Array>;
  /** Classes × parts, or what the refusal says. */
  expected: string[] | RegExp;
  /** Codes of the warnings. */
  warned?: string[];
}

const golden: Record<string, Golden> = {
  'the usual four files': { files: { ...train({}), ...test }, expected: withTest },
  'gzipped files': {
    files: { [`${names.images}.gz`]: gzipSync(images), [`${names.labels}.gz`]: gzipSync(labels) },
    expected: four,
  },
  'a name of gzip on plain content': {
    files: { [`${names.images}.gz`]: images, [`${names.labels}.gz`]: labels },
    expected: four,
  },
  'a plain name on gzip': {
    files: train({ images: gzipSync(images), labels: gzipSync(labels) }),
    expected: four,
  },
  'a wrong magic': {
    files: train({ images: idxFile(0x12345678, [40, 8, 6]) }),
    expected: /received 12345678/,
  },
  'little-endian numbers': {
    files: train({ images: Buffer.concat([Buffer.from([3, 8, 0, 0, 40, 0, 0, 0]), images.subarray(8)]) }),
    expected: /opposite order \(little-endian\)/,
  },
  'images cut short': {
    files: train({ images: images.subarray(0, -100) }),
    expected: /Expected 1920 bytes .*received 1820: the file is cut short. Download it again/,
  },
  'gzipped images cut short': {
    files: train({ images: gzipSync(images).subarray(0, -300) }),
    expected: /reading it failed: unexpected end of file/,
  },
  'a gzip file whose checksum is wrong': {
    files: train({ images: Buffer.concat([gzipSync(images).subarray(0, -8), Buffer.alloc(8)]) }),
    expected: /reading it failed: incorrect data check/,
  },
  'one label too few': {
    files: train({ labels: idxLabels(ten().slice(0, 39)) }),
    expected: /Expected 39 images, one for each label in train-labels-idx1-ubyte, received 40/,
  },
  'labels from 1 to 26': {
    files: train({ labels: idxLabels(Array.from({ length: 40 }, (_, at) => (at % 26) + 1)) }),
    expected: letters.map((letter) => `${letter}: ${letter <= 14 ? 2 : 1} pool`),
    warned: ['FEW_IMAGES'],
  },
  'labels up to 255': {
    files: train({ labels: idxLabels(Array.from({ length: 40 }, (_, at) => 250 + (at % 6))) }),
    expected: [250, 251, 252, 253, 254, 255].map((label) => `${label}: ${label < 254 ? 7 : 6} pool`),
  },
  'labels as 32-bit integers': {
    files: train({ labels: idxFile(0xc01, [40], int32(ten())) }),
    expected: four,
  },
  'images as 32-bit integers': {
    files: train({
      images: idxFile(0xc03, [40, 8, 6], int32(Array.from({ length: 1920 }, (_, at) => at % 255))),
    }),
    expected: four,
  },
  'images as floats': {
    files: train({ images: idxFile(0xd03, [40, 8, 6], Buffer.alloc(7680)) }),
    expected: /whole numbers from 0 to 255, received 32-bit floats/,
  },
  'images in colour': {
    files: train({ images: idxFile(0x804, [40, 8, 6, 3], Buffer.alloc(5760)) }),
    expected: /received 40×8×6×3: images with 3 channels/,
  },
  'images without labels': {
    files: { [names.images]: images },
    expected: /train-images-idx3-ubyte: Expected the labels .*\(such as train-labels-idx1-ubyte\)/,
  },
  'labels without images': {
    files: { [names.labels]: labels },
    expected: /Expected the images .*\(such as train-images-idx3-ubyte\)/,
  },
  'test images without labels': {
    files: { ...train({}), [names.testImages]: idxImages(8) },
    expected: /t10k-images-idx3-ubyte: Expected the labels/,
  },
  'swapped files': {
    files: train({ images: labels, labels: images }),
    expected: /Expected images, received labels. Are the two files swapped/,
  },
  'no images at all': {
    files: train({ images: idxImages(0), labels: idxLabels([]) }),
    expected: /the files hold none/,
  },
  'a claim of a billion images': {
    files: train({ images: idxFile(0x803, [1_000_000_000, 28, 28]) }),
    expected: /1000000000 entries of 28×28\), received 0: the file is cut short/,
  },
  'a claim of 20 million labels': {
    files: train({
      images: idxFile(0x803, [40, 28, 28], Buffer.alloc(31_360)),
      labels: idxFile(0x801, [19_999_999]),
    }),
    expected: /19999999 entries\), received 0/,
  },
  'an empty file': { files: train({ images: Buffer.alloc(0) }), expected: /ends after 0 bytes/ },
  'a test part alone': {
    files: { [names.testImages]: images, [names.testLabels]: labels },
    expected: ['0: 10 test', '1: 10 test', '2: 10 test', '3: 10 test'],
    warned: ['NO_TRAINING_IMAGES'],
  },
  'parts of different sizes': {
    files: { ...train({}), ...test, [names.testImages]: idxImages(8, 9, 9) },
    expected: /Expected images of 8×6 like those of train-images-idx3-ubyte, received 9×9/,
  },
  'a class in the test part only': {
    files: { ...train({}), ...test, [names.testLabels]: idxLabels([7, 7, 7, 7, 7, 7, 7, 7]) },
    expected: [...four, '7: 8 test'],
    warned: ['CLASS_WITHOUT_TRAINING', 'CLASS_WITHOUT_TEST'],
  },
  'EMNIST with its mapping': {
    files: {
      ...Object.fromEntries(
        ['train', 'test'].flatMap((part) => [
          [`emnist-letters-${part}-images-idx3-ubyte.gz`, gzipSync(idxImages(26))],
          [`emnist-letters-${part}-labels-idx1-ubyte.gz`, gzipSync(idxLabels(letters))],
        ]),
      ),
      'emnist-letters-mapping.txt': letters.map((at) => `${at} ${64 + at} ${96 + at}`).join('\n'),
    },
    expected: letters.map(
      (at) => `${String.fromCharCode(64 + at)}/${String.fromCharCode(96 + at)}: 1 pool, 1 test`,
    ),
    warned: ['IDX_MAPPING', 'FEW_IMAGES'],
  },
  'test in the place of t10k': {
    files: Object.fromEntries(
      ['train', 'test'].flatMap((part) => [
        [`${part}-images-idx3-ubyte`, images],
        [`${part}-labels-idx1-ubyte`, labels],
      ]),
    ),
    expected: both,
  },
  QMNIST: {
    files: {
      'qmnist-train-images-idx3-ubyte.gz': gzipSync(images),
      'qmnist-train-labels-idx2-int.gz': gzipSync(
        idxFile(0xc02, [40, 8], int32(ten().flatMap((label) => [label, 4, 30, 4, 9, 100, 0, 0]))),
      ),
    },
    expected: four,
    warned: ['IDX_EXTENDED_LABELS'],
  },
  "torchvision's MNIST/raw, plain and gzipped together": {
    files: {
      [`MNIST/raw/${names.images}`]: images,
      [`MNIST/raw/${names.labels}`]: labels,
      [`MNIST/raw/${names.images}.gz`]: gzipSync(images),
    },
    expected: four,
    warned: ['IDX_COPIES'],
  },
  'several data sets of torchvision': {
    files: Object.fromEntries(
      ['MNIST', 'FashionMNIST'].flatMap((set) => [
        [`${set}/raw/${names.images}`, images],
        [`${set}/raw/${names.labels}`, labels],
      ]),
    ),
    expected: /found several: FashionMNIST\/raw\/train-images-idx3-ubyte, MNIST/,
  },
  'a folder for each file': {
    files: { [`${names.images}/${names.images}`]: images, [`${names.labels}/${names.labels}`]: labels },
    expected: four,
  },
  'a folder for each file with a dot': {
    files: {
      [`train-images-idx3-ubyte/train-images.idx3-ubyte`]: images,
      [`train-labels-idx1-ubyte/train-labels.idx1-ubyte`]: labels,
    },
    expected: four,
  },
  'a folder for each part': {
    files: {
      'train/images-idx3-ubyte': images,
      'train/labels-idx1-ubyte': labels,
      'test/images-idx3-ubyte': images,
      'test/labels-idx1-ubyte': labels,
    },
    expected: both,
  },
  'upper case': {
    files: { 'TRAIN-IMAGES-IDX3-UBYTE': images, 'TRAIN-LABELS-IDX1-UBYTE': labels },
    expected: four,
  },
  'dots in the names': {
    files: { 'train-images.idx3-ubyte': images, 'train-labels.idx1-ubyte': labels },
    expected: four,
  },
  'a second download of one file': {
    files: {
      'train-images-idx3-ubyte (1).gz': gzipSync(images),
      'train-labels-idx1-ubyte.gz': gzipSync(labels),
    },
    expected: four,
  },
  'other prefixes and separators': {
    files: { 'k49_Val_Images.idx3_ubyte': images, 'k49_Val_Labels.idx1_ubyte': labels },
    expected: ['0: 10 validation', '1: 10 validation', '2: 10 validation', '3: 10 validation'],
    warned: ['NO_TRAINING_IMAGES'],
  },
};

describe('IDX files are taken for what they are:', () => {
  it.each(Object.entries(golden))('%s', async (title, { files, expected, warned }) => {
    const folder = join(place, title.replace(/\W+/g, '-'));
    putFiles(folder, files);
    if (expected instanceof RegExp) {
      await expect(scanWith(idxImporter, folder)).rejects.toThrow(expected);
      return;
    }
    const scan = await scanWith(idxImporter, folder);
    expect(inWords(scan)).toEqual(expected);
    expect(scan.warnings.map(({ code }) => code)).toEqual(warned ?? []);
    expect(scan.statement).toMatch(/^IDX files: .* with its labels is /);
  });

  it('images beside them are skipped and said', async () => {
    const folder = join(place, 'beside');
    putFiles(folder, train({}));
    await writePicture(join(folder, 'cats', '1.png'), { r: 1, g: 2, b: 3 }, {});
    const scan = await scanWith(idxImporter, folder);
    expect(inWords(scan)).toEqual(four);
    expect(scan.skipped).toEqual([
      { path: 'cats/1.png', reason: 'An image beside IDX files, which are read.' },
    ]);
    expect(scan.warnings).toEqual([
      {
        code: 'IDX_BESIDE_IMAGES',
        text: 'IDX files are read first: 1 image file beside them are skipped. Choose the layout "class" to read the folders instead.',
      },
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'a pipe of such a name is no file, and never waited for',
    async () => {
      const folder = join(place, 'pipe');
      mkdirSync(folder);
      putFiles(folder, { [names.labels]: labels });
      execFileSync('mkfifo', [join(folder, names.images)]);
      await expect(scanWith(idxImporter, folder)).rejects.toThrow(/Expected the images/);
    },
  );

  it('a part that the options leave out is skipped, one that they name is moved', async () => {
    const folder = join(place, 'options');
    putFiles(folder, { ...train({}), ...test });
    const without = await scanWith(idxImporter, folder, { parts: { t10k: 'skip' } });
    expect(inWords(without)).toEqual(four);
    expect(without.skipped.map(({ path }) => path)).toEqual([names.testImages, names.testLabels]);
    expect(inWords(await scanWith(idxImporter, folder, { parts: { t10k: 'validation' } }))[0]).toBe(
      '0: 10 pool, 2 validation',
    );
    expect(inWords(await scanWith(idxImporter, folder, { part: 'test' }))[0]).toBe('0: 12 test');
  });
});
