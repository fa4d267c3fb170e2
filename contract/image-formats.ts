/**
 * The image formats that are read: the one list for import, prediction, the API, the window's file pickers and the
 * bundle's card. Files are told apart by what they hold, see engine/images/decode/formats.ts; endings are hints.
 */

/** In the order in which people are told. */
export const formatNames = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  tiff: 'TIFF',
  bmp: 'BMP',
  pnm: 'PNM',
  avif: 'AVIF',
  heic: 'HEIC',
} as const;

export type ImageFormat = keyof typeof formatNames;

const inWords = (formats: readonly ImageFormat[]): string =>
  formats
    .map((format) => formatNames[format])
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');

const all = Object.keys(formatNames) as ImageFormat[];
/** In words: "JPEG, PNG, … and HEIC". */
export const formatList = inWords(all);

type Sample = 'predict.js' | 'predict.py';
/** Which of a bundle's two programs reads it (learning/export/samples): one by sharp as npm has it, the other by Pillow. */
const samplesThatRead: Record<ImageFormat, readonly Sample[]> = {
  jpeg: ['predict.js', 'predict.py'],
  png: ['predict.js', 'predict.py'],
  webp: ['predict.js', 'predict.py'],
  gif: ['predict.js', 'predict.py'],
  tiff: ['predict.js', 'predict.py'],
  bmp: ['predict.py'],
  pnm: [],
  avif: ['predict.js', 'predict.py'],
  heic: [],
};
/** What a program of a bundle reads, in words. */
export const formatsReadBy = (sample: Sample): string =>
  inWords(all.filter((format) => samplesThatRead[format].includes(sample)));

/** Usual endings, for file pickers. */
const usualExtensions = [
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.mpo', '.png', '.apng', '.webp', '.gif', '.tif', '.tiff'],
  ...['.bmp', '.dib', '.pbm', '.pgm', '.ppm', '.pnm', '.avif', '.heic', '.heif', '.hif'],
] as const;

/** For the `accept` of a file picker. */
export const acceptImages = ['image/*', ...usualExtensions].join(',');

/** Whether a person who chooses this file most likely means an image. What it holds is looked at later. */
export const looksLikeImage = (fileName: string): boolean =>
  usualExtensions.some((extension) => fileName.toLowerCase().endsWith(extension));
