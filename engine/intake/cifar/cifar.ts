/**
 * The importer of CIFAR-10 and CIFAR-100 as binary files: data_batch_1.bin, test_batch.bin, or train.bin and test.bin. A record
 * is a label (CIFAR-100: coarse, then fine; the fine one is read) and 32×32 pixels, all reds, all greens, all blues. The names of
 * the classes lie beside them, one a line.
 */
import { open, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { countClasses } from '../class-counts.ts';
import type { Importer, ListedFile, Scan } from '../importer.ts';
import { listFiles } from '../listing.ts';
import { PixelPack } from '../pixel-pack.ts';

const side = 32;
const area = side * side;
const recordsAtOnce = 256;

interface CifarScan extends Scan {
  /** Bytes of labels in front of each image; the last one is read. */
  labelBytes: number;
  batches: ListedFile[];
  nameOf(label: number): string;
}

/** Files called train.bin are of many formats: of those the size tells. */
const isBatch = ({ name, size }: ListedFile) =>
  /^(data_batch_\d+|test_batch)\.bin$/.test(basename(name)) ||
  (/^(train|test)\.bin$/.test(basename(name)) && size > 0 && size % (2 + 3 * area) === 0);
const isNames = ({ name }: ListedFile) => /^(batches\.meta|fine_label_names)\.txt$/.test(basename(name));

export const cifarImporter: Importer<CifarScan> = {
  layouts: { cifar: 'CIFAR binary files' },
  file: 'a CIFAR batch (.bin)',
  detect: async ({ files }) => files.some(isBatch),

  async scan(listing, { options, signal }) {
    const chosen = listing.files[0]?.path === listing.root;
    const { files, skipped } = chosen ? await listFiles(dirname(listing.root), signal) : listing;
    const batches = (chosen ? listing.files : files).filter(isBatch);
    const fine = batches.every(({ name }) => !name.includes('batch'));
    const labelBytes = fine ? 2 : 1;
    const names = files.find(isNames);
    const lines = names ? (await readFile(names.path, 'utf8')).split(/\r?\n/).filter(Boolean) : [];
    const nameOf = (label: number) => lines[label] ?? String(label);
    const images: { className: string; part: 'pool' | 'test' }[] = [];
    for (const batch of batches) {
      const part = basename(batch.name).startsWith('test') ? 'test' : 'pool';
      await eachRecord(batch, labelBytes, signal, (label) => images.push({ className: nameOf(label), part }));
    }
    const placed = images.map(({ className, part }) => ({ className, part: options.part ?? part }));
    return {
      layout: 'cifar',
      asks: {},
      statement: `CIFAR-${fine ? 100 : 10} binary files: ${batches.map(({ name }) => name).join(', ')}.`,
      ...countClasses(placed),
      skipped: chosen
        ? []
        : [
            ...files
              .filter((file) => !batches.includes(file) && file !== names)
              .map(({ name }) => ({ path: name, reason: 'Lies beside CIFAR files, which are read.' })),
            ...skipped,
          ],
      warnings: [],
      options: { ...options, layout: 'cifar' },
      ...(chosen && { root: dirname(listing.root) }),
      labelBytes,
      batches,
      nameOf,
    };
  },

  async read({ classes, batches, labelBytes, nameOf, options: { part } }, options) {
    const total = batches.reduce((sum, { size }) => sum + size / (labelBytes + 3 * area), 0);
    const pack = new PixelPack(total, options);
    try {
      for (const batch of batches) {
        const name = batch.name.replace(/\.bin$/, '');
        const own = basename(name).startsWith('test') ? 'test' : 'pool';
        await eachRecord(batch, labelBytes, options.signal, (label, planes, index) => {
          const pixels = Buffer.alloc(3 * area);
          for (let at = 0; at < pixels.length; at++)
            pixels[at] = planes[(at % 3) * area + Math.floor(at / 3)]!;
          const image = { name: `${name}/${String(index).padStart(5, '0')}`, className: nameOf(label) };
          pack.add({ ...image, part: part ?? own, width: side, height: side }, pixels);
        });
      }
      return pack.finish(classes.map(({ name }) => name));
    } finally {
      pack.close();
    }
  },
};

/** @throws SOURCE_UNREADABLE where the file is no whole number of records, CANCELLED */
async function eachRecord(
  { path, name }: ListedFile,
  labelBytes: number,
  signal: AbortSignal,
  use: (label: number, planes: Buffer, index: number) => void,
): Promise<void> {
  const size = labelBytes + 3 * area;
  const file = await open(path, 'r');
  try {
    for (let index = 0; ;) {
      if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const bytes = Buffer.alloc(size * recordsAtOnce);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, index * size);
      if (bytesRead % size !== 0 || (bytesRead === 0 && index === 0)) {
        throw new AtelierError(
          'SOURCE_UNREADABLE',
          `${name}: Expected records of ${size} bytes, received ${index * size + bytesRead} bytes: it is cut short or of another format. Download it again.`,
          { file: name },
        );
      }
      for (let at = 0; at < bytesRead; at += size)
        use(bytes[at + labelBytes - 1]!, bytes.subarray(at + labelBytes, at + size), index++);
      if (bytesRead < bytes.length) return;
    }
  } finally {
    await file.close();
  }
}
