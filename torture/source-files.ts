/** Small whole files of each format that is imported, to be mutated. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { buf as crc32 } from 'crc-32';

const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
const words = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value >>> 0, at * 4));
  return bytes;
};
const pixels = Buffer.from(Array.from({ length: 8 * 4 * 3 }, (_, at) => (at * 37) % 256));
const images = Buffer.concat([words(0x803, 8, 4, 3), pixels]);
const labels = Buffer.concat([words(0x801, 8), Buffer.from(numbers.map((at) => at % 3))]);
const wideLabels = words(0xc02, 8, 8, ...numbers.flatMap((at) => [at % 3, 4, 5, 6, 7, 8, 9, 1]));
const wideImages = Buffer.concat([
  words(0xc03, 8, 2, 2),
  words(...Array.from({ length: 32 }, (_, at) => at * 8)),
]);

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

/** Laid out by hand, deflated and stored by turns. */
function zip(): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  packed.forEach(([name, text], at) => {
    const content = Buffer.from(text);
    const method = at % 2 ? 0 : 8;
    const bytes = method === 8 ? deflateRawSync(content) : content;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(method, 4);
    shared.writeInt32LE(crc32(content), 10);
    shared.writeUInt32LE(bytes.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from('PK\u0003\u0004', 'latin1'), shared, Buffer.from(name), bytes);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), shared, rest, Buffer.from(name));
    offset += 30 + name.length + bytes.length;
  });
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(packed.length, 8);
  end.writeUInt16LE(packed.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

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
  { name: 'set.zip', bytes: zip(), checked: true },
  { name: 'set.tar', bytes: tar(), checked: false },
  { name: 'set.tar.gz', bytes: gzipSync(tar()), checked: true },
];
