/**
 * What folder names say by themselves: a part of the data set (train, test_set, seg_test), a mere holder (images), labels
 * and masks, or only a number. Whether such a folder is one is for layout.ts to decide by what lies around it.
 */
import type { ImportSplit } from '#contract/import.ts';

const partWords: Record<string, ImportSplit> = {
  ...Object.fromEntries(
    ['train', 'training', 'trn', 'tr', 'trainval'].map((word) => [word, 'pool'] as const),
  ),
  ...Object.fromEntries(
    ['val', 'valid', 'validation', 'validate', 'vali', 'dev', 'development', 'eval', 'evaluation'].map(
      (word) => [word, 'validation'] as const,
    ),
  ),
  ...Object.fromEntries(
    ['test', 'testing', 'tests', 'tst', 'holdout', 'heldout'].map((word) => [word, 'test'] as const),
  ),
};
/** Words for a collection of images, which say nothing of what is in them. */
const holderWords = new Set(
  'image images img imgs picture pictures pic pics photo photos data dataset datasets file files jpg jpeg png tif tiff bmp raw original originals'.split(
    ' ',
  ),
);
/** Words that stand beside a part's word without changing it. */
const affixes = new Set([
  ...holderWords,
  ...'set sets seg split splits part parts subset folder dir crops cropped resized processed clean cleaned final full small mini tiny new old labeled labelled public samples examples input inputs classification'.split(
    ' ',
  ),
]);
const labelWords = new Set(
  'mask masks label labels annotation annotations groundtruth gt segmentation segmentations bbox bboxes xml'.split(
    ' ',
  ),
);
const sideWords = new Set(
  'doc docs figure figures screenshot screenshots readme assets preview previews notes misc'.split(' '),
);
const collectionWords = new Set(
  'fold batch part session split chunk shard group volume site camera cam day run take sequence seq video clip subset sample specimen'.split(
    ' ',
  ),
);

/** A name's words in lower case, numbers apart: "TrainSet-2" is train, set, 2. */
export function wordsOf(name: string): string[] {
  return name
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .replace(/(hold|held)[-_. ]?out/g, 'holdout')
    .replace(/ground[-_. ]?truths?/g, 'groundtruth')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2')
    .replace(/(\p{N})(\p{L})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

const isNumber = (word: string) => /^\p{N}+$/u.test(word);

/** A word such as "testset" in two. */
function split(word: string): string[] {
  if (word in partWords || affixes.has(word)) return [word];
  for (const part of Object.keys(partWords)) {
    if (part.length < 3) continue;
    if (word.startsWith(part) && affixes.has(word.slice(part.length))) return [part, word.slice(part.length)];
    if (word.endsWith(part) && affixes.has(word.slice(0, -part.length)))
      return [word.slice(0, -part.length), part];
  }
  return [word];
}

interface PartReading {
  part: ImportSplit;
  /** Words that are neither a part's nor usual beside one, such as "flowers" in flowers_train; "" for none. */
  rest: string;
}

/** The part that a folder's name speaks of; null where it speaks of none, or of two that exclude each other. */
export function readPart(name: string): PartReading | null {
  const words = wordsOf(name).flatMap(split);
  const parts = new Set(words.flatMap((word) => (Object.hasOwn(partWords, word) ? [partWords[word]!] : [])));
  // Train and validation in one folder: both are training data until they are divided.
  if (parts.size === 2 && !parts.has('test')) parts.delete('validation');
  if (parts.size !== 1) return null;
  const rest = words.filter(
    (word) => !Object.hasOwn(partWords, word) && !affixes.has(word) && !isNumber(word) && !/^v$/.test(word),
  );
  return { part: [...parts][0]!, rest: rest.join(' ') };
}

const every = (name: string, set: ReadonlySet<string>): boolean => {
  const words = wordsOf(name);
  return words.some((word) => set.has(word)) && words.every((word) => set.has(word) || isNumber(word));
};

/** "images", "data2": a folder that only holds. */
export const isHolder = (name: string): boolean => every(name, holderWords);
/** "masks", "mask_images", "annotations": what lies in there belongs to images, but is none to learn from. */
export const isLabels = (name: string): boolean => {
  const words = wordsOf(name);
  return (
    words.some((word) => labelWords.has(word)) &&
    words.every((word) => labelWords.has(word) || holderWords.has(word) || isNumber(word))
  );
};
/** "docs", "figures": usual beside data. */
export const isSide = (name: string): boolean => every(name, sideWords);
/** "fold3", "batch_1", "sample_a": a share of the data, not a kind of thing. */
export const isCollection = (name: string): boolean => {
  const words = wordsOf(name);
  const counts = words.some((word) => collectionWords.has(word))
    ? (word: string) => isNumber(word) || /^\p{L}$/u.test(word)
    : isNumber;
  return (
    words.length > 1 && words.every((word) => collectionWords.has(word) || counts(word)) && words.some(counts)
  );
};

/** A name with "#" for each of its numbers: session# for session1, #x# for 224x224; null where it has none. */
export const countingPattern = (name: string): string | null =>
  /\p{N}/u.test(name) ? name.replace(/\p{N}+/gu, '#') : null;
