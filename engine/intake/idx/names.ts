/**
 * Which files of a folder are IDX files that belong together, by their names alone: those of MNIST and its kin, with
 * any prefix, case and separators. What the files hold is left to file.ts.
 */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { ImportSplit } from '#contract/import.ts';
import { readPart } from '../part-names.ts';
import type { ListedFile } from '../importer.ts';

export interface IdxName {
  what: 'images' | 'labels';
  /** As the name has it, such as "t10k"; null where it names none. */
  partWord: string | null;
  /** What is left of the name: "emnist-letters", or "". */
  set: string;
  gz: boolean;
  /** Such as "(1)": the browser had one of this name already. */
  copy: boolean;
}

export interface IdxPair {
  set: string;
  partWord: string | null;
  part: ImportSplit;
  images: ListedFile;
  labels: ListedFile;
}

export interface FoundIdx {
  pairs: IdxPair[];
  /** Other copies of a file that is used. */
  doubled: { used: ListedFile; left: ListedFile }[];
  /** Files without their other half. */
  lonely: { file: ListedFile; what: IdxName['what'] }[];
  /** `*mapping.txt` as EMNIST has it, which names the classes. */
  mappings: ListedFile[];
}

const imageWords = new Set(['images', 'image', 'imgs', 'img', 'x']);
const labelWords = new Set(['labels', 'label', 'lbls', 'y']);
const typeWords = new Set(['ubyte', 'byte', 'uint8', 'int', 'int32', 'short', 'float', 'double', 'idx']);
const idxWord = /^idx([1-4])?(?:ubyte|byte|int|short|float|double)?$/;

/** What a word of a file's or folder's name says about the part; null where it says nothing. */
function idxPart(word: string): ImportSplit | null {
  // t10k: the ten thousand test images of MNIST.
  if (/^t\d+k$/.test(word)) return 'test';
  const reading = readPart(word);
  return reading && reading.rest === '' ? reading.part : null;
}

/** @param fileName without folders @returns null where it is no IDX file's name */
export function idxNameOf(fileName: string): IdxName | null {
  // Nearly every name of a folder of images ends here.
  if (!/idx|ubyte/i.test(fileName)) return null;
  const lower = fileName.toLowerCase();
  const bare = lower.replace(/\s*\(\d{1,3}\)| - copy| copy\b/g, '');
  const gz = /\.(gz|gzip)$/.test(bare);
  const words = bare
    .replace(/\.(gz|gzip)$/, '')
    .split(/[-._\s]+/)
    .filter(Boolean);
  if (words.length > 32 || !words.some((word) => idxWord.test(word) || word === 'ubyte')) return null;
  const dimensions = words.map((word) => idxWord.exec(word)?.[1]).find((digit) => digit !== undefined);
  const isImages = words.some((word) => imageWords.has(word)) || (dimensions && Number(dimensions) >= 3);
  const what = words.some((word) => labelWords.has(word))
    ? 'labels'
    : isImages
      ? 'images'
      : dimensions
        ? 'labels'
        : null;
  if (!what) return null;
  const partWord = words.find((word) => idxPart(word) !== null) ?? null;
  const set = words.filter(
    (word) =>
      word !== partWord &&
      !idxWord.test(word) &&
      !imageWords.has(word) &&
      !labelWords.has(word) &&
      !typeWords.has(word),
  );
  return { what, partWord, set: set.join('-'), gz, copy: bare !== lower };
}

/** Whether a folder itself holds files with the names of IDX files. */
export const holdsIdx = (folder: string) => readdirSync(folder).some((name) => idxNameOf(name) !== null);

interface NamedFile extends IdxName {
  file: ListedFile;
  folder: string;
}

/** Pairs images with labels; files with other names are passed over. */
export function findIdx(files: readonly ListedFile[]): FoundIdx {
  const found: FoundIdx = { pairs: [], doubled: [], lonely: [], mappings: [] };
  const groups = new Map<string, NamedFile[]>();
  for (const file of files) {
    const base = posix.basename(file.name);
    if (/(^|[-_.])mapping\.txt$/i.test(base)) found.mappings.push(file);
    const name = idxNameOf(base);
    if (!name) continue;
    const named = { ...name, file, ...placeOf(file, name) };
    const key = JSON.stringify([named.set, named.partWord && idxPart(named.partWord)]);
    const group = groups.get(key);
    if (group) group.push(named);
    else groups.set(key, [named]);
  }
  for (const group of groups.values()) {
    const alone: NamedFile[] = [];
    for (const folder of new Set(group.map((each) => each.folder))) {
      const here = group.filter((each) => each.folder === folder);
      const images = oneOf(here, 'images', found);
      const labels = oneOf(here, 'labels', found);
      if (images && labels) found.pairs.push(pairOf(images, labels));
      else alone.push(...[images, labels].filter((each) => each !== undefined));
    }
    const images = alone.filter(({ what }) => what === 'images');
    const labels = alone.filter(({ what }) => what === 'labels');
    if (images.length === 1 && labels.length === 1) found.pairs.push(pairOf(images[0]!, labels[0]!));
    else found.lonely.push(...alone.map(({ file, what }) => ({ file, what })));
  }
  return found;
}

const pairOf = (images: NamedFile, labels: NamedFile): IdxPair => ({
  set: images.set,
  partWord: images.partWord,
  part: images.partWord === null ? 'pool' : idxPart(images.partWord)!,
  images: images.file,
  labels: labels.file,
});

/** Where a file counts as lying: a folder of its own name, as Kaggle's unzip leaves it, is passed over. */
function placeOf(file: ListedFile, name: IdxName): { folder: string; partWord: string | null } {
  let folder = posix.dirname(file.name);
  const own = idxNameOf(posix.basename(folder));
  if (own && own.what === name.what && own.set === name.set) folder = posix.dirname(folder);
  const steps = folder.toLowerCase().split('/');
  const partWord = name.partWord ?? steps.reverse().find((step) => idxPart(step) !== null) ?? null;
  return { folder, partWord };
}

/** The original before a browser's second copy, the plain file before the gzipped one. */
function oneOf(here: NamedFile[], what: IdxName['what'], found: FoundIdx): NamedFile | undefined {
  const [used, ...left] = here
    .filter((each) => each.what === what)
    .sort(
      (a, b) =>
        Number(a.copy) - Number(b.copy) ||
        Number(a.gz) - Number(b.gz) ||
        a.file.name.length - b.file.name.length ||
        (a.file.name < b.file.name ? -1 : 1),
    );
  if (used) for (const other of left) found.doubled.push({ used: used.file, left: other.file });
  return used;
}
