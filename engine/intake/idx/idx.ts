/**
 * The importer of IDX, the format of MNIST and its kin. Which files belong together is names.ts, what their bytes
 * are file.ts and values.ts. Reads the images in one pass into a pack without ever holding them all.
 */
import { basename, dirname } from 'node:path';
import type { ImportOptions, ImportSplit, ImportWarning } from '#contract/import.ts';
import { AtelierError } from '#contract/errors.ts';
import { reasonAgainst } from '../candidates.ts';
import { classNamesOf } from './classes.ts';
import { openIdx, unreadableIdx } from './file.ts';
import { findIdx, idxNameOf, type IdxPair } from './names.ts';
import { choosePairs } from './choice.ts';
import { greatestCount, type ImageShape, imageShape, readIdxImages, readIdxLabels } from './values.ts';
import { warningsOfClasses } from '../folder/layout-warnings.ts';
import { listFiles } from '../listing.ts';
import { countClasses, noImages } from '../class-counts.ts';
import { PixelPack } from '../pixel-pack.ts';
import type { Importer, ListedFile, Listing, ReadOptions, ReadSource, Scan } from '../importer.ts';

/** One pair of files, its labels read and its header compared with them. */
interface IdxSet extends IdxPair {
  /** Of the item names: "train", "test", with the prefix of the files' names before it. */
  within: string;
  values: Uint16Array;
  shape: ImageShape;
  /** EMNIST keeps its images with rows and columns exchanged. */
  transposed: boolean;
}

interface IdxScan extends Scan {
  sets: IdxSet[];
  nameOf(value: number): string;
}

const folderOf: Record<ImportSplit, string> = {
  pool: 'train',
  train: 'train',
  validation: 'validation',
  test: 'test',
};

export const idxImporter: Importer<IdxScan> = {
  layouts: { idx: 'IDX files' },
  file: 'an IDX file',
  packed: true,
  async detect(listing) {
    const { pairs, lonely } = findIdx(listing.files);
    if (pairs.length > 0) return true;
    if (lonely.length === 0) return false;
    if (lonely.some(({ file }) => file.path === listing.root)) return true;
    // Half of a pair beside images is a stray file; alone it is what was meant.
    for (const file of listing.files)
      if (idxNameOf(basename(file.name)) === null && (await reasonAgainst(file)) === null) return false;
    return true;
  },
  scan: scanIdx,
  read: readScan,
};

/** @throws SOURCE_UNREADABLE, SOURCE_EMPTY, CANCELLED */
async function scanIdx(
  listing: Listing,
  { options, signal }: { options: ImportOptions; signal: AbortSignal },
): Promise<IdxScan> {
  const chosen = listing.files[0]?.path === listing.root ? basename(listing.root) : null;
  const { files, skipped } = chosen === null ? listing : await listFiles(dirname(listing.root), signal);
  const found = findIdx(files);
  const choice = choosePairs(found, options, chosen);
  const sets: IdxSet[] = [];
  const warnings: ImportWarning[] = choice.doubled.map(({ used, left }) => ({
    code: 'IDX_COPIES',
    text: `${left.name} is another copy of ${used.name}, which is read.`,
  }));
  for (const { part, ...pair } of choice.pairs) {
    const { set, warning } = await openPair({ ...pair, part }, sets, signal);
    sets.push(set);
    if (warning) warnings.push(warning);
  }
  if (sets.every(({ values }) => values.length === 0)) {
    throw new AtelierError(
      'SOURCE_EMPTY',
      `Expected images in ${sets.map(({ images }) => images.name).join(', ')}, but the files hold none. Choose the original files.`,
    );
  }
  const { nameOf, mapping, warning } = await classNamesOf(
    choice.pairs[0]!.set,
    sets.map(({ values }) => values),
    found.mappings,
  );
  if (warning) warnings.push(warning);
  if (sets.some(({ transposed }) => transposed)) {
    warnings.push({
      code: 'IDX_TRANSPOSED',
      text: 'EMNIST keeps each image with rows and columns exchanged. They are turned upright.',
    });
  }
  const images = sets.flatMap(({ values, part }) =>
    Array.from(values, (value) => ({ className: nameOf(value), part })),
  );
  const beside = await besides(chosen === null ? files : [], sets, found.doubled, mapping);
  const pictures = beside.filter(({ reason }) => reason === besideReason).length;
  if (pictures > 0) {
    warnings.push({
      code: 'IDX_BESIDE_IMAGES',
      text: `IDX files are read first: ${pictures} image ${pictures === 1 ? 'file' : 'files'} beside them are skipped. Choose the layout "class" to read the folders instead.`,
    });
  }
  return {
    layout: 'idx',
    asks: {},
    statement: statementOf(sets),
    classes: inOrderOfLabels(countClasses(images).classes, sets, nameOf),
    unlabelled: noImages(),
    sets,
    nameOf,
    skipped: [...choice.skipped, ...beside, ...(chosen === null ? skipped : [])],
    warnings: [...warnings, ...warningsOfClasses(images)],
    options: { ...options, layout: 'idx' },
    ...(chosen === null ? {} : { root: dirname(listing.root) }),
  };
}

/** Reads the labels of a pair and compares the images' header with them, and with the pairs before. */
async function openPair(
  pair: IdxPair,
  before: readonly IdxSet[],
  signal: AbortSignal,
): Promise<{ set: IdxSet; warning: ImportWarning | null }> {
  const name = basename(pair.images.name);
  const { header, suspicious, body } = await openIdx(pair.images.path, name, signal);
  const shape = imageShape(header, name);
  const labelsName = basename(pair.labels.name);
  const { values, columns } = await readIdxLabels(pair.labels.path, labelsName, signal);
  if (shape.count !== values.length) {
    throw unreadableIdx(
      name,
      `Expected ${values.length} images, one for each label in ${labelsName}, received ${shape.count}. Use files that belong together.`,
    );
  }
  if (suspicious) await readThrough(body());
  const [first] = before;
  if (first && (first.shape.height !== shape.height || first.shape.width !== shape.width)) {
    throw unreadableIdx(
      name,
      `Expected images of ${first.shape.height}×${first.shape.width} like those of ${basename(first.images.name)}, received ${shape.height}×${shape.width}. Import one of the two.`,
    );
  }
  const count = before.reduce((sum, { values: those }) => sum + those.length, values.length);
  if (count > greatestCount) {
    throw unreadableIdx(
      name,
      `Expected at most ${greatestCount} images in one import, received ${count}. Import a part of them.`,
    );
  }
  const folder = folderOf[pair.part];
  const within = pair.set === '' ? folder : `${pair.set}/${folder}`;
  const transposed = pair.set.split('-').includes('emnist') && shape.height === 28 && shape.width === 28;
  return {
    set: { ...pair, within, values, shape, transposed },
    warning:
      columns === 1
        ? null
        : {
            code: 'IDX_EXTENDED_LABELS',
            text: `${labelsName} has ${columns} numbers for each image. The first, the class, is read.`,
          },
  };
}

/** Throws what is wrong with the body, if anything is. */
async function readThrough(body: AsyncGenerator<Buffer>): Promise<void> {
  for (;;) if ((await body.next()).done) return;
}

const statementOf = (sets: readonly IdxSet[]) =>
  `IDX files: ${sets
    .map(
      ({ images, part, shape }) =>
        `${images.name} with its labels is ${
          part === 'pool' ? 'training data' : part === 'train' ? 'the training part' : `the ${part} part`
        } (${shape.count} images of ${shape.width}×${shape.height})`,
    )
    .join(', ')}.`;

/** By the numbers that the files have, not by the names. */
function inOrderOfLabels<T extends { name: string }>(
  classes: readonly T[],
  sets: readonly IdxSet[],
  nameOf: (value: number) => string,
): T[] {
  const order = labelsOf(sets).map(nameOf);
  return [...classes].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

const labelsOf = (sets: readonly IdxSet[]) =>
  [...new Set(sets.flatMap(({ values }) => [...new Set(values)]))].sort((a, b) => a - b);

const besideReason = 'An image beside IDX files, which are read.';

/** What of the listing is not read. */
async function besides(
  files: readonly ListedFile[],
  sets: readonly IdxSet[],
  doubled: readonly { left: ListedFile }[],
  mapping: ListedFile | null,
): Promise<{ path: string; reason: string }[]> {
  const used = new Set(sets.flatMap(({ images, labels }) => [images.name, labels.name]));
  const copies = new Set(doubled.map(({ left }) => left.name));
  const beside: { path: string; reason: string }[] = [];
  for (const file of files) {
    if (used.has(file.name) || file === mapping) continue;
    const reason = copies.has(file.name)
      ? 'Another copy of an IDX file that is read.'
      : idxNameOf(basename(file.name))
        ? null
        : (await reasonAgainst(file)) === null
          ? besideReason
          : 'Lies beside the IDX files, which are read.';
    if (reason) beside.push({ path: file.name, reason });
  }
  return beside;
}

/** @throws SOURCE_UNREADABLE, CANCELLED, DISK_FULL, FILE_NOT_WRITABLE */
async function readScan({ sets, nameOf }: IdxScan, options: ReadOptions): Promise<ReadSource> {
  const { height, width } = sets[0]!.shape;
  const total = sets.reduce((sum, { values }) => sum + values.length, 0);
  const pack = new PixelPack(total, options);
  try {
    for (const { images, values, part, within, transposed } of sets) {
      const digits = String(Math.max(values.length - 1, 1)).length;
      const name = basename(images.name);
      const stream = await openIdx(images.path, name, options.signal);
      if (stream.header.sides[0] !== values.length)
        throw unreadableIdx(name, 'It changed while it was read. Import it again.');
      await readIdxImages(stream, name, (bytes, index) => {
        const pixels = transposed ? transpose(bytes, height) : Buffer.from(bytes);
        const name = `${within}/${String(index).padStart(digits, '0')}`;
        pack.add({ name, className: nameOf(values[index]!), part, width, height }, pixels);
      });
    }
    return pack.finish(labelsOf(sets).map(nameOf));
  } finally {
    pack.close();
  }
}

/** @param pixels [side, side] */
function transpose(pixels: Buffer, side: number): Buffer {
  const turned = Buffer.alloc(pixels.length);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) turned[x * side + y] = pixels[y * side + x]!;
  return turned;
}
