/**
 * For tests only: one member of the family of sources for each way in which images come, made by hand. All hold the same: images
 * 0 to 7 of two classes, of which 6 and 7 are for test where the format has parts. Add a row for a new format.
 */
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { pack as packTar } from 'tar-stream';
import { encodePng } from '#learning/files/png.ts';
import { zipFile } from './archive/testing-zip.ts';
import type { Importer } from './importer.ts';
import { cifarImporter } from './cifar/cifar.ts';
import { folderImporter } from './folder/folder.ts';
import { idxImporter } from './idx/idx.ts';
import { numpyImporter } from './numpy/numpy.ts';
import { tableImporter } from './table/table.ts';
import { idxFile, idxLabels, putFiles } from './testing.ts';

export interface Member {
  /** Of the format, as a test is called. */
  name: string;
  /** Reads what it holds, after it was unpacked where it is an archive. */
  importer: Importer;
  unpacked?: true;
  size: { width: number; height: number; channels: 1 | 3 };
  /** Whether images stay files. */
  originals: boolean;
  /** Whether the source says parts. */
  parts: boolean;
  /** Whether classes have names, and may have these. */
  named: boolean;
  /** Writes it into an empty folder. @param classes names of the two; "" gives none, where the format can @returns what to import */
  make(folder: string, classes: readonly [string, string]): string | Promise<string>;
  /** Whether `make` can leave images of the second class without one, and the options that take these. */
  unlabelled: { withoutClass?: 'unlabelled'; parts?: Record<string, 'unlabelled'> } | null;
}

export const images = [0, 1, 2, 3, 4, 5, 6, 7] as const;
export const classOf = (index: number) => (index % 2) as 0 | 1;
export const isTest = (index: number) => index >= 6;

/** No two are alike. @returns [height, width, channels] */
export const pixelsOf = (index: number, { width, height, channels }: Member['size']): Buffer =>
  Buffer.from(
    Array.from({ length: width * height * channels }, (_, at) => (at * 11 + index * 37 + (at >> 3)) % 251),
  );

const colour = { width: 9, height: 7, channels: 3 } as const;
const pictureOf = (index: number) => encodePng(pixelsOf(index, colour), colour.width, colour.height, 3);
const files = { importer: folderImporter, size: colour, originals: true, named: true, unlabelled: null };

/** Images below a folder for each class, or for each part and class. */
const inFolders = (classes: readonly string[], parts: boolean): Record<string, Uint8Array> =>
  Object.fromEntries(
    images.map((index) => [
      [
        ...(parts ? [isTest(index) ? 'test' : 'train'] : []),
        classes[classOf(index)] || 'no class',
        `${index}.png`,
      ].join('/'),
      pictureOf(index),
    ]),
  );
const flat = (folder = 'images/') =>
  Object.fromEntries(images.map((index) => [`${folder}${index}.png`, pictureOf(index)]));

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const rowsOf = (classes: readonly string[], between: string, folder = 'images/') =>
  images.map((index) =>
    [`${folder}${index}.png`, classes[classOf(index)]!, isTest(index) ? 'test' : 'train']
      .map(quoted)
      .join(between),
  );

function putTable(folder: string, name: string, content: string): string {
  putFiles(folder, { ...flat(), [name]: content });
  return folder;
}

function putArchive(folder: string, name: string, content: Uint8Array): string {
  putFiles(folder, { [name]: content });
  return join(folder, name);
}

async function tarOf(entries: Record<string, Uint8Array>): Promise<Buffer> {
  const pack = packTar();
  for (const [name, content] of Object.entries(entries)) pack.entry({ name }, Buffer.from(content));
  pack.finalize();
  return buffer(pack);
}

/** An array as numpy.save writes it. */
export function npyFile(type: string, shape: readonly number[], values: Uint8Array): Buffer {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = Buffer.from(text.padEnd(117, ' ') + '\n', 'latin1');
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length & 255, header.length >> 8]),
    header,
    values,
  ]);
}

/** Texts as numpy keeps them, 4 bytes a character. */
function npyTexts(texts: readonly string[]): Buffer {
  const longest = Math.max(1, ...texts.map((text) => [...text].length));
  const values = Buffer.alloc(texts.length * longest * 4);
  texts.forEach((text, row) =>
    [...text].forEach((sign, at) => values.writeUInt32LE(sign.codePointAt(0)!, (row * longest + at) * 4)),
  );
  return npyFile(`<U${longest}`, [texts.length], values);
}

const digits = { width: 6, height: 8, channels: 1 } as const;
const idxOf = (within: readonly number[]) => Buffer.concat(within.map((index) => pixelsOf(index, digits)));
const halves = { train: images.filter((index) => !isTest(index)), test: images.filter(isTest) };

export const members: readonly Member[] = [
  {
    ...files,
    name: 'folder',
    parts: true,
    unlabelled: { parts: { 'no class': 'unlabelled' } },
    make: (folder, classes) => (putFiles(folder, inFolders(classes, true)), folder),
  },
  {
    ...files,
    name: 'CSV',
    importer: tableImporter,
    parts: true,
    unlabelled: {},
    make: (folder, classes) =>
      putTable(folder, 'labels.csv', ['file,class,split', ...rowsOf(classes, ',')].join('\n')),
  },
  {
    ...files,
    name: 'TSV',
    importer: tableImporter,
    parts: true,
    unlabelled: {},
    make: (folder, classes) =>
      putTable(folder, 'labels.tsv', ['file\tclass\tsplit', ...rowsOf(classes, '\t')].join('\n')),
  },
  {
    ...files,
    name: 'JSON lines',
    importer: tableImporter,
    parts: true,
    unlabelled: {},
    make: (folder, classes) =>
      putTable(
        folder,
        'labels.jsonl',
        images
          .map((index) =>
            JSON.stringify({
              file_name: `images/${index}.png`,
              label: classes[classOf(index)],
              split: isTest(index) ? 'test' : 'train',
            }),
          )
          .join('\n'),
      ),
  },
  {
    ...files,
    name: 'metadata.csv',
    importer: tableImporter,
    parts: false,
    unlabelled: {},
    make: (folder, classes) => {
      const rows = images.map((index) => [`${index}.png`, classes[classOf(index)]!].map(quoted).join(','));
      putFiles(folder, { ...flat(''), 'metadata.csv': ['file_name,label', ...rows].join('\n') });
      return folder;
    },
  },
  {
    ...files,
    name: 'zip',
    unpacked: true,
    parts: true,
    make: (folder, classes) =>
      putArchive(
        folder,
        'set.zip',
        zipFile(
          Object.entries(inFolders(classes, true)).map(([name, content]) => ({
            name,
            content: Buffer.from(content),
          })),
        ),
      ),
  },
  {
    ...files,
    name: 'tar',
    unpacked: true,
    parts: true,
    make: async (folder, classes) => putArchive(folder, 'set.tar', await tarOf(inFolders(classes, true))),
  },
  {
    ...files,
    name: 'tar.gz',
    unpacked: true,
    parts: true,
    make: async (folder, classes) =>
      putArchive(folder, 'set.tar.gz', gzipSync(await tarOf(inFolders(classes, true)))),
  },
  {
    name: 'IDX',
    importer: idxImporter,
    size: digits,
    originals: false,
    parts: true,
    named: false,
    unlabelled: null,
    make: (folder) => {
      putFiles(
        folder,
        Object.fromEntries(
          Object.entries(halves).flatMap(([part, within]) => {
            const name = part === 'test' ? 't10k' : 'train';
            return [
              [`${name}-images-idx3-ubyte`, idxFile(0x803, [within.length, 8, 6], idxOf(within))],
              [`${name}-labels-idx1-ubyte`, idxLabels(within.map(classOf))],
            ];
          }),
        ),
      );
      return folder;
    },
  },
  {
    name: 'npz',
    importer: numpyImporter,
    size: colour,
    originals: false,
    parts: true,
    named: true,
    unlabelled: {},
    make: (folder, classes) =>
      putArchive(
        folder,
        'set.npz',
        zipFile(
          Object.entries(halves).flatMap(([part, within]) => [
            {
              name: `x_${part}.npy`,
              content: npyFile(
                '|u1',
                [within.length, 7, 9, 3],
                Buffer.concat(within.map((index) => pixelsOf(index, colour))),
              ),
            },
            { name: `y_${part}.npy`, content: npyTexts(within.map((index) => classes[classOf(index)]!)) },
          ]),
        ),
      ),
  },
  {
    name: 'npy',
    importer: numpyImporter,
    size: digits,
    originals: false,
    parts: false,
    named: false,
    unlabelled: null,
    make: (folder) => {
      putFiles(folder, {
        'images.npy': npyFile('|u1', [8, 8, 6], idxOf(images)),
        'labels.npy': npyFile(
          '<i8',
          [8, 1],
          Buffer.concat(images.map((index) => Buffer.from([classOf(index), 0, 0, 0, 0, 0, 0, 0]))),
        ),
      });
      return folder;
    },
  },
  {
    name: 'CIFAR',
    importer: cifarImporter,
    size: { width: 32, height: 32, channels: 3 },
    originals: false,
    parts: true,
    named: false,
    unlabelled: null,
    make: (folder) => {
      const size = { width: 32, height: 32, channels: 3 } as const;
      const recordOf = (index: number) => {
        const pixels = pixelsOf(index, size);
        return Buffer.concat([
          Buffer.from([classOf(index)]),
          ...[0, 1, 2].map((plane) => pixels.filter((_, at) => at % 3 === plane)),
        ]);
      };
      putFiles(folder, {
        'data_batch_1.bin': Buffer.concat(halves.train.map(recordOf)),
        'test_batch.bin': Buffer.concat(halves.test.map(recordOf)),
        'batches.meta.txt': '0\n1\n',
      });
      return folder;
    },
  },
];

/** Cuts each file with images to a third, and takes half of what a folder has beside pictures. */
export function damage(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /\.(csv|tsv|jsonl|txt)$/.test(entry.name)) continue;
    if (/labels/.test(entry.name)) rmSync(path);
    else truncateSync(path, 40);
  }
}
