/**
 * Cuts the small real part of Fashion-MNIST in resources/ out of the full data set: the same number of
 * images per class, evenly spaced over the file, in the file's order. Also writes a handful of other test images as
 * PNG files for the end-to-end tests to drop on the window. Running it again gives the same pixels.
 *
 *   node scripts/make-sample.mjs [FOLDER WITH THE FOUR .gz FILES]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from './setup/crc32.mjs';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const target = join(root, 'resources', 'fashion-mnist-small');
const fixtures = join(root, 'e2e', 'fixtures');
const classCount = 10;
const classNames = 't-shirt trouser pullover dress coat sandal shirt sneaker bag ankle-boot'.split(' ');

/** Both IDX files of one part: labels, and images as one buffer of [count, height, width] bytes. */
function readPart(name) {
  const images = gunzipSync(readFileSync(join(source, `${name}-images-idx3-ubyte.gz`)));
  const labels = gunzipSync(readFileSync(join(source, `${name}-labels-idx1-ubyte.gz`)));
  if (images.readUInt32BE(0) !== 2051 || labels.readUInt32BE(0) !== 2049)
    throw new Error(`${name}: not IDX files`);
  const [height, width] = [images.readUInt32BE(8), images.readUInt32BE(12)];
  return { labels: labels.subarray(8), pixels: images.subarray(16), height, width };
}

/** Indices of `perClass` images of every class, evenly spaced among that class, in file order. */
function choose(labels, perClass) {
  const chosen = [];
  for (let label = 0; label < classCount; label++) {
    const all = [...labels.keys()].filter((index) => labels[index] === label);
    const stride = Math.floor(all.length / perClass);
    for (let i = 0; i < perClass; i++) chosen.push(all[i * stride]);
  }
  return chosen.sort((a, b) => a - b);
}

function writePart(name, part, indices) {
  const size = part.height * part.width;
  const header = (...numbers) => {
    const bytes = Buffer.alloc(numbers.length * 4);
    numbers.forEach((number, i) => bytes.writeUInt32BE(number, i * 4));
    return bytes;
  };
  const images = indices.map((i) => part.pixels.subarray(i * size, (i + 1) * size));
  const write = (file, ...parts) =>
    writeFileSync(join(target, file), gzipSync(Buffer.concat(parts), { level: 9 }));
  write(`${name}-images-idx3-ubyte.gz`, header(2051, indices.length, part.height, part.width), ...images);
  write(
    `${name}-labels-idx1-ubyte.gz`,
    header(2049, indices.length),
    Buffer.from(indices.map((i) => part.labels[i])),
  );
}

/** An 8-bit greyscale PNG. */
function png(pixels, height, width) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) pixels.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

mkdirSync(target, { recursive: true });
mkdirSync(fixtures, { recursive: true });
const train = readPart('train');
const test = readPart('t10k');
const testIndices = choose(test.labels, 50);
writePart('train', train, choose(train.labels, 200));
writePart('t10k', test, testIndices);

const taken = new Set(testIndices);
const size = test.height * test.width;
for (const name of ['t-shirt', 'trouser', 'dress', 'sneaker', 'bag', 'ankle-boot']) {
  const index = [...test.labels.keys()].find(
    (i) => test.labels[i] === classNames.indexOf(name) && !taken.has(i),
  );
  const pixels = test.pixels.subarray(index * size, (index + 1) * size);
  writeFileSync(join(fixtures, `${name}.png`), png(pixels, test.height, test.width));
}
console.error(`Wrote 2,000 training and 500 test images to ${target} and six pictures to ${fixtures}.`);
