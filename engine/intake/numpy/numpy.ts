/**
 * The importer of NumPy arrays: .npz as Keras, MedMNIST and Kuzushiji-MNIST have them, or .npy files. Images are uint8
 * [count, height, width] or [count, height, width, 1 or 3], labels whole numbers or texts, one for each image. Names pair them:
 * x_train with y_train, test_images with test_labels. Objects are never unpickled.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportSplit } from '#contract/import.ts';
import { faultOfName, longestClassName } from '#contract/names.ts';
import { contentOf, Damaged, eachEntry } from '../archive/zip.ts';
import { reasonAgainst } from '../candidates.ts';
import { byName, countClasses } from '../class-counts.ts';
import type { Importer, ListedFile, ReadOptions, ReadSource, Scan } from '../importer.ts';
import { readPart, wordsOf } from '../part-names.ts';
import { PixelPack } from '../pixel-pack.ts';

const isNumpy = ({ name }: ListedFile) => /\.np[yz]$/i.test(name);
const roleWords = new Set(
  'x y arr image images imgs img data input inputs label labels target targets class classes'.split(' '),
);
const greatestCount = 1_000_000;
const greatestSide = 4096;
const greatestText = 1024;
const greatestHeader = 65_536;

interface NumpyArray {
  file: ListedFile;
  /** The entry in an .npz; null for an .npy. */
  entry: string | null;
  /** Of the array: x_train. */
  name: string;
  /** Such as "|u1", "<i8", "<U5". */
  type: string;
  shape: number[];
  /** Bytes before the values. */
  start: number;
}

interface NumpySet {
  images: NumpyArray;
  part: ImportSplit;
  /** One for each image, null for one without; null where there are none at all. */
  labels: (string | null)[] | null;
}

interface NumpyScan extends Scan {
  sets: NumpySet[];
}

export const numpyImporter: Importer<NumpyScan> = {
  layouts: { numpy: 'NumPy arrays' },
  file: 'a NumPy file (.npz)',
  packed: true,
  async detect({ root, files }) {
    if (files.length === 1 && files[0]!.path === root) return isNumpy(files[0]!);
    if (!files.some(isNumpy)) return false;
    for (const file of files) if (!isNumpy(file) && (await reasonAgainst(file)) === null) return false;
    const { arrays } = await openArrays(files, new AbortController().signal);
    return arrays.some(isImages);
  },
  async scan({ root, files, skipped }, { options, signal }) {
    const opened = await openArrays(files, signal);
    const found = opened.arrays.filter(isImages);
    if (found.length === 0)
      throw opened.refused[0]?.reason ?? unreadable(basename(root), noImages(opened.arrays));
    const doubled = found.find((one, at) => found.findIndex((other) => keyOf(other) === keyOf(one)) < at);
    if (doubled)
      throw unreadable(
        doubled.file.name,
        `Expected one data set, found a second array for ${keyOf(doubled) || 'the images'}. Choose one of the files.`,
      );
    const count = found.reduce((sum, { shape }) => sum + shape[0]!, 0);
    if (count > greatestCount)
      throw unreadable(
        basename(root),
        `Expected at most ${greatestCount} images in one import, received ${count}. Import a part of them.`,
      );
    const sets: NumpySet[] = [];
    for (const images of found) {
      requireImages(images);
      const beside = opened.arrays.find((one) => isLabels(one) && keyOf(one) === keyOf(images));
      const labels = beside ? await readLabels(beside, images, signal) : null;
      sets.push({ images, labels, part: options.part ?? readPart(images.name)?.part ?? 'pool' });
    }
    const images = sets.flatMap(({ images: { shape }, labels, part }) =>
      Array.from({ length: shape[0]! }, (_, at) => ({ className: labels?.[at] ?? null, part })),
    );
    return {
      layout: 'numpy',
      asks: {},
      statement: `NumPy arrays: ${sets.map(({ images: { name, shape }, labels }) => `${name} (${shape.join('×')}) ${labels ? 'with its labels' : 'without labels'}`).join(', ')}.`,
      ...countClasses(images),
      skipped: [
        ...opened.refused.map(({ path, reason }) => ({ path, reason: reason.message })),
        ...files
          .filter((file) => !isNumpy(file))
          .map(({ name }) => ({ path: name, reason: 'Lies beside NumPy arrays, which are read.' })),
        ...skipped,
      ],
      warnings: [],
      options: { ...options, layout: 'numpy' },
      sets,
    };
  },
  read: readSets,
};

/** @throws SOURCE_UNREADABLE, CANCELLED, DISK_FULL, FILE_NOT_WRITABLE */
async function readSets({ sets }: NumpyScan, options: ReadOptions): Promise<ReadSource> {
  const pack = new PixelPack(
    sets.reduce((sum, { images }) => sum + images.shape[0]!, 0),
    options,
  );
  try {
    for (const { images, labels, part } of sets) {
      const [count, height, width, channels = 1] = images.shape as [number, number, number, number?];
      const digits = String(Math.max(count - 1, 1)).length;
      await eachRow(images, height * width * channels, options.signal, (pixels, index) => {
        const name = `${keyOf(images).replaceAll(' ', '-') || 'images'}/${String(index).padStart(digits, '0')}`;
        pack.add({ name, className: labels?.[index] ?? null, part, width, height }, pixels);
      });
    }
    const names = new Set(sets.flatMap(({ labels }) => (labels ?? []).flatMap((label) => label ?? [])));
    return pack.finish([...names].sort(byName));
  } finally {
    pack.close();
  }
}

/** Images have 3 or 4 sides, labels 1 or, as in MedMNIST, [count, 1]. */
const isImages = ({ shape }: NumpyArray) => shape.length === 3 || shape.length === 4;
const isLabels = ({ shape }: NumpyArray) => shape.length === 1 || (shape.length === 2 && shape[1] === 1);
/** What images and their labels are both called: "train" of x_train and y_train. */
const keyOf = ({ name }: NumpyArray) =>
  wordsOf(name)
    .filter((word) => !roleWords.has(word))
    .join(' ');

const unreadable = (name: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${name}: ${message}`, { file: name }, { cause });

const noImages = (arrays: readonly NumpyArray[]) =>
  `Expected an array of images, uint8 [count, height, width] or [count, height, width, 3], received ${arrays.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ') || 'none'}. Save the images as such an array, with numpy.savez.`;

/** @throws SOURCE_UNREADABLE for images of a kind that is not read */
function requireImages({ file, name, type, shape }: NumpyArray): void {
  const [, height = 0, width = 0, channels = 1] = shape;
  const sized = [height, width].every((side) => side >= 1 && side <= greatestSide);
  if (!/^[|<>=]?u1$/.test(type))
    throw unreadable(
      file.name,
      `Expected ${name} as uint8 from 0 to 255, received ${type}, whose black and white the file does not say. Scale it, then save it with astype("uint8").`,
    );
  if (!sized || (channels !== 1 && channels !== 3))
    throw unreadable(
      file.name,
      `Expected ${name} as [count, height, width] or [count, height, width, 3] with sides up to ${greatestSide}, received [${shape.join(', ')}]. Where channels come first, save numpy.moveaxis(${name}, 1, -1).`,
    );
}

/** Headers of all arrays; those that cannot be read are named, not thrown. @throws CANCELLED */
async function openArrays(files: readonly ListedFile[], signal: AbortSignal) {
  const arrays: NumpyArray[] = [];
  const refused: { path: string; reason: AtelierError }[] = [];
  for (const file of files.filter(isNumpy)) {
    const stem = basename(file.name).replace(/\.np[yz]$/i, '');
    const open = async (entry: string | null, name: string, content: AsyncIterable<Buffer>) =>
      arrays.push({
        file,
        entry,
        name,
        ...(await readHeader(content, `${file.name}${entry ? ` (${entry})` : ''}`)),
      });
    try {
      if (/\.npy$/i.test(file.name)) await open(null, stem, createReadStream(file.path, { signal }));
      else
        await eachEntry(file.path, file.name, async (entry, zip) => {
          const name = entry.fileNameRaw.toString('utf8');
          // Where only one array was saved, without a name, the file's name says what it is.
          const said = name.replace(/\.npy$/, '');
          if (name.endsWith('.npy')) await open(name, said === 'arr_0' ? stem : said, contentOf(zip, entry));
        });
    } catch (thrown) {
      refused.push({ path: file.name, reason: inWords(thrown, file.name, signal) });
    }
  }
  return { arrays, refused };
}

/** @throws CANCELLED */
function inWords(thrown: unknown, name: string, signal: AbortSignal): AtelierError {
  if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
  if (thrown instanceof AtelierError) return thrown;
  const { message } = thrown as Error;
  return unreadable(
    name,
    thrown instanceof Damaged
      ? `${message} Download or save it again.`
      : `Expected a whole file, but reading it failed: ${message}. Download or save it again.`,
    thrown,
  );
}

/** Magic, version, the header's length, then a Python dictionary of type, order and shape. @throws SOURCE_UNREADABLE */
async function readHeader(
  content: AsyncIterable<Buffer>,
  name: string,
): Promise<Pick<NumpyArray, 'type' | 'shape' | 'start'>> {
  let bytes = Buffer.alloc(0);
  const lengthOf = () => (bytes[6] === 1 ? 10 + bytes.readUInt16LE(8) : 12 + bytes.readUInt32LE(8));
  for await (const piece of content) {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length >= 12 && bytes.length >= Math.min(lengthOf(), greatestHeader)) break;
  }
  const isOne =
    bytes.length >= 12 && bytes.toString('latin1', 0, 6) === '\x93NUMPY' && lengthOf() <= greatestHeader;
  const text = isOne ? bytes.toString('latin1', 10, lengthOf()) : '';
  const type = /'descr':\s*'([^']{2,16})'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (!type || shape === undefined)
    throw unreadable(
      name,
      'Expected a NumPy array with a header of its type and shape, received other bytes. Save it again with numpy.savez.',
    );
  if (/'fortran_order':\s*True/.test(text))
    throw unreadable(
      name,
      'Expected values row by row, received columns first (fortran_order). Save numpy.ascontiguousarray of it.',
    );
  return {
    type,
    shape: shape.split(',').flatMap((side) => (side.trim() ? Number(side) : [])),
    start: lengthOf(),
  };
}

/** Hands over the values, a row of `size` bytes at a time. @throws SOURCE_UNREADABLE where there are fewer or more, CANCELLED */
async function eachRow(
  { file, entry, shape, start }: NumpyArray,
  size: number,
  signal: AbortSignal,
  use: (row: Buffer, index: number) => void,
): Promise<void> {
  const take = async (content: AsyncIterable<Buffer>) => {
    let waiting: Buffer = Buffer.alloc(0);
    let [skip, index] = [start, 0];
    for await (const piece of content) {
      if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const rest = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - rest.length;
      waiting = waiting.length > 0 ? Buffer.concat([waiting, rest]) : rest;
      let at = 0;
      for (; waiting.length - at >= size && index < shape[0]!; at += size)
        use(Buffer.from(waiting.subarray(at, at + size)), index++);
      waiting = waiting.subarray(at);
      if (index === shape[0] && waiting.length > 0) break;
    }
    if (index < shape[0]! || waiting.length > 0)
      throw unreadable(
        file.name,
        `Expected ${shape[0]} rows of ${size} bytes${entry ? ` in ${entry}` : ''}, received ${index < shape[0]! ? `${index}: it is cut short` : 'more'}. Download or save it again.`,
      );
  };
  try {
    if (entry === null) return await take(createReadStream(file.path, { signal }));
    await eachEntry(file.path, file.name, async (one, zip) => {
      if (one.fileNameRaw.toString('utf8') === entry) await take(contentOf(zip, one));
    });
  } catch (thrown) {
    throw inWords(thrown, file.name, signal);
  }
}

/** Class names, null for an empty text. @throws SOURCE_UNREADABLE where they are none, or not one for each image */
async function readLabels(
  labels: NumpyArray,
  images: NumpyArray,
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const { file, name, type, shape } = labels;
  const [, order, kind, width] = /^([|<>=]?)([biuUS])(\d+)$/.exec(type) ?? [];
  const size = Number(width) * (kind === 'U' ? 4 : 1);
  if (!kind || size < 1 || size > greatestText || (/[biu]/.test(kind) && ![1, 2, 4, 8].includes(size)))
    throw unreadable(
      file.name,
      `Expected ${name} as whole numbers or texts, received ${type}. Save class numbers, with astype("int64").`,
    );
  if (shape[0] !== images.shape[0])
    throw unreadable(
      file.name,
      `Expected ${images.shape[0]} labels in ${name}, one for each image of ${images.name}, received ${shape[0]}. Use arrays that belong together.`,
    );
  const swapped = order === '>';
  const texts: (string | null)[] = [];
  await eachRow(labels, size, signal, (row) => {
    if (kind === 'S') texts.push(row.toString('utf8').replace(/\0+$/, '') || null);
    else if (kind === 'U') {
      const points = Array.from({ length: size / 4 }, (_, at) =>
        swapped ? row.readUInt32BE(at * 4) : row.readUInt32LE(at * 4),
      );
      texts.push(
        String.fromCodePoint(...points.map((point) => Math.min(point, 0x10ffff))).replace(/\0+$/, '') || null,
      );
    } else texts.push(String(numberIn(swapped ? row : row.reverse(), kind === 'i')));
  });
  for (const text of new Set(texts)) {
    const fault = text === null ? null : faultOfName(text, longestClassName);
    if (fault) throw unreadable(file.name, `Expected names of classes in ${name}. ${fault}`);
  }
  return texts;
}

/** A whole number of 1 to 8 bytes, the highest first. */
function numberIn(bytes: Buffer, signed: boolean): bigint {
  const value = BigInt(`0x${bytes.toString('hex')}`);
  return signed ? BigInt.asIntN(bytes.length * 8, value) : value;
}
