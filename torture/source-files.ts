/** Small whole files of each format that is imported, to be mutated. */
import { gzipSync } from 'node:zlib';
import { zipFile } from '#engine/intake/archive/testing-zip.ts';
import { idxFile, int32 } from '#engine/intake/testing.ts';

const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
const pixels = Buffer.from(Array.from({ length: 8 * 4 * 3 }, (_, at) => (at * 37) % 256));
const images = idxFile(0x803, [8, 4, 3], pixels);
const labels = idxFile(
  0x801,
  [8],
  Uint8Array.from(numbers, (at) => at % 3),
);
const wideLabels = idxFile(0xc02, [8, 8], int32(numbers.flatMap((at) => [at % 3, 4, 5, 6, 7, 8, 9, 1])));
const wideImages = idxFile(0xc03, [8, 2, 2], int32(Array.from({ length: 32 }, (_, at) => at * 8)));

export const idxFiles = [
  { images, labels },
  { images: gzipSync(images), labels: gzipSync(labels) },
  { images, labels: wideLabels },
  { images: wideImages, labels },
];

const rows = (delimiter: string, newline: string) =>
  [
    ['filename', 'label', 'split', 'group'],
    ...numbers.map((at) => [
      `images/${at}.png`,
      at % 2 ? 'dog, "big"' : 'cat',
      at < 6 ? 'train' : 'test',
      `g${at >> 1}`,
    ]),
  ]
    .map((cells) =>
      cells.map((cell) => (/["]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter),
    )
    .join(newline);

export const tables = [
  { name: 'labels.csv', bytes: Buffer.from(rows(',', '\n')) },
  { name: 'labels.csv', bytes: Buffer.from(`\ufeff${rows(';', '\r\n')}`) },
  { name: 'labels.csv', bytes: Buffer.from(`\ufeff${rows(',', '\n')}`, 'utf16le') },
  { name: 'labels.tsv', bytes: Buffer.from(rows('\t', '\n').replaceAll('cat', 'Bär'), 'latin1') },
  {
    name: 'metadata.jsonl',
    bytes: Buffer.from(
      numbers.map((at) => JSON.stringify({ file_name: `${at}.png`, label: at % 2 })).join('\n'),
    ),
  },
];

const packed: [name: string, content: string][] = [
  ['train/cat/1.png', 'a picture of a cat, a picture of a cat, a picture of a cat'],
  ['train/dog/1.png', 'a dog'],
  ['test/cat/2.png', ''],
  ['test/dog/2.png', 'x'.repeat(700)],
];
/** What may be found in an unpacked file. */
export const contents = new Set(packed.map(([, content]) => content));

/** Deflated and stored by turns. */
const zip = zipFile(
  packed.map(([name, text], at) => {
    const content = Buffer.from(text);
    return at % 2 ? { name, content, method: 0, deflated: content } : { name, content };
  }),
);

function tar(): Buffer {
  const blocks = packed.flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export const archives = [
  { name: 'set.zip', bytes: zip, checked: true },
  { name: 'set.tar', bytes: tar(), checked: false },
  { name: 'set.tar.gz', bytes: gzipSync(tar()), checked: true },
];
