/**
 * Plain facts of images that charts show and filters ask for: a line each in the list. They are taken of thumbnails, but for
 * the size, which is the image's own. Computing them is learning's, keeping them the engine's.
 */
import * as z from 'zod';
import { JobId, MapId } from './ids.ts';

export interface ImageFactKind {
  label: string;
  /** What stands behind a number. */
  unit: string;
  /** Bars of equal ratios rather than of equal width: of values of which few are very large. */
  logarithmic?: true;
  /** Places after the point. */
  digits: number;
}

export const imageFactKinds = {
  width: { label: 'Width', unit: 'px', digits: 0 },
  height: { label: 'Height', unit: 'px', digits: 0 },
  brightness: { label: 'Brightness', unit: '', digits: 0 },
  contrast: { label: 'Contrast', unit: '', digits: 0 },
  sharpness: { label: 'Sharpness', unit: '', logarithmic: true, digits: 0 },
  saturation: { label: 'Saturation', unit: '%', digits: 0 },
  hue: { label: 'Hue', unit: '°', digits: 0 },
} as const satisfies Record<string, ImageFactKind>;

export const imageFactKeys = [
  'width',
  'height',
  'brightness',
  'contrast',
  'sharpness',
  'saturation',
  'hue',
] as const satisfies (keyof typeof imageFactKinds)[];
export const ImageFactKey = z.enum(imageFactKeys);
export type ImageFactKey = z.infer<typeof ImageFactKey>;

/** Images of which a fact is known and lies from `least` on and below `below`. */
export const ImageFactRange = z.object({
  fact: ImageFactKey,
  least: z.number().optional(),
  below: z.number().optional(),
});
export type ImageFactRange = z.infer<typeof ImageFactRange>;

export const ImageFacts = z.object({
  /** Of what was computed last; another has another. */
  id: MapId,
  computedAt: z.string(),
  images: z.int(),
});
export type ImageFacts = z.infer<typeof ImageFacts>;

export const ImageFactsState = z.object({
  /** null where none were computed, or what is kept cannot be read. */
  facts: ImageFacts.nullable(),
  /** Images of the project of which none are known. */
  missing: z.int(),
  /** The job that computes them anew. */
  jobId: JobId.nullable(),
});
export type ImageFactsState = z.infer<typeof ImageFactsState>;

/** Side of the mean images, in pixels. */
export const meanSide = 32;

/** What was computed of all images together. */
export interface FactValues {
  /** Ascending. */
  itemIds: Int32Array;
  /** [facts, images] in the order of `imageFactKeys`; NaN where an image has none, as a grey one no hue. */
  values: Float32Array;
  /** Classes as they were when this was computed; 0 for unlabelled images. */
  classIds: Int32Array;
  /** The mean image of each and its standard deviation, [classes, 2, side, side, 3], 0 to 255. */
  means: Uint8Array;
  /** How many pixels of all images have each value of red, green and blue, [3, 256], as shares that sum to 1. */
  pixels: Float32Array;
}

export const meanBytes = 2 * meanSide * meanSide * 3;

/** For both sides: two counts (int32), then the arrays one after another; the lowest byte first. */
export function writeFactValues({ itemIds, values, classIds, means, pixels }: FactValues): Uint8Array {
  const parts = [Int32Array.of(itemIds.length, classIds.length), itemIds, values, classIds, pixels, means];
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** null where they are not as `writeFactValues` writes them. */
export function readFactValues(bytes: ArrayBuffer): FactValues | null {
  if (bytes.byteLength < 8) return null;
  const [images, classes] = new Int32Array(bytes, 0, 2) as unknown as [number, number];
  const lengths = [
    4 * images,
    4 * images * imageFactKeys.length,
    4 * classes,
    4 * 3 * 256,
    classes * meanBytes,
  ];
  if (8 + lengths.reduce((sum, length) => sum + length, 0) !== bytes.byteLength) return null;
  const starts = lengths.map((_, at) => lengths.slice(0, at).reduce((sum, length) => sum + length, 8));
  return {
    itemIds: new Int32Array(bytes, starts[0], images),
    values: new Float32Array(bytes, starts[1], images * imageFactKeys.length),
    classIds: new Int32Array(bytes, starts[2], classes),
    pixels: new Float32Array(bytes, starts[3], 3 * 256),
    means: new Uint8Array(bytes, starts[4], classes * meanBytes),
  };
}
