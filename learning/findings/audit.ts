/**
 * Puts finders to the test on a person's own data: plants faults that are known, and counts how many come up. Pure: says which labels and
 * copies; making the copies, and running a finder on them, is left to the caller.
 */
import { AtelierError } from '#contract/errors.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';

/** A copy to be made of an image, hidden in a way that people's are. */
export interface PlantedCopy {
  /** Place of the image that is copied. */
  of: number;
  /** Of the width and of the height, from -0.1 to 0.1; what comes in has the colour of the edge. */
  right: number;
  down: number;
  /** Factor of the values, from 0.75 to 1.25. */
  brightness: number;
  mirrored: boolean;
  /** Quality of the JPEG it is encoded as, from 50 to 95. */
  quality: number;
}

export interface Audit {
  /** The labels with the planted errors. */
  labels: Int32Array;
  /** Places of the images whose label is wrong now, rising. */
  errors: number[];
  copies: PlantedCopy[];
}

/**
 * @param labels class of each image, from 0; not changed
 * @param errors labels to be made wrong: each another one of those that occur
 * @param copies of images whose label is left as it is, each of another image
 * @throws NOT_ENOUGH_DATA where there are fewer images, or only one class
 */
export function plantFaults(
  labels: Int32Array,
  { errors, copies, seed }: { errors: number; copies: number; seed: number },
): Audit {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  if (errors + copies > labels.length || (errors > 0 && classes.length < 2))
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${errors + copies} images of two classes for ${errors} label errors and ${copies} copies, received ${labels.length} of ${classes.length}. Plant fewer.`,
      { errors, copies, images: labels.length, classes: classes.length },
    );
  const random = generator(seed, labels.length);
  const order = [...shuffle(Int32Array.from(labels.keys()), random)];
  const wrong = order.slice(0, errors).sort((a, b) => a - b);
  const altered = labels.slice();
  for (const place of wrong) {
    const others = classes.filter((label) => label !== labels[place]);
    altered[place] = others[Math.floor(random() * others.length)]!;
  }
  const between = (low: number, high: number) => low + (high - low) * random();
  return {
    labels: altered,
    errors: wrong,
    copies: order.slice(errors, errors + copies).map((of) => ({
      of,
      right: between(-0.1, 0.1),
      down: between(-0.1, 0.1),
      brightness: between(0.75, 1.25),
      mirrored: random() < 0.5,
      quality: Math.round(between(50, 95)),
    })),
  };
}

export interface Recall {
  /** So many from the top of the finder's list. */
  length: number;
  /** Planted faults among them. */
  found: number;
  /** Of all that were planted, 0 to 1; 1 where none was. */
  recall: number;
  /** Of those looked at, 0 to 1: what else is there may be wrong too. 1 of an empty list. */
  precision: number;
}

/**
 * How many of the planted faults are among the first of a finder's list.
 * @param ranked the likeliest first; what comes again counts once, where it came first
 * @param lengths of the list that are looked at
 */
export function recallAt<T>(
  ranked: readonly T[],
  planted: ReadonlySet<T>,
  lengths: readonly number[],
): Recall[] {
  const list = [...new Set(ranked)];
  return lengths.map((length) => {
    const looked = list.slice(0, length);
    const found = looked.filter((one) => planted.has(one)).length;
    return {
      ...{ length, found, recall: planted.size === 0 ? 1 : found / planted.size },
      precision: looked.length === 0 ? 1 : found / looked.length,
    };
  });
}

/** A pair of images as one word, in whichever order. */
export const pairKey = (first: number, second: number): string =>
  `${Math.min(first, second)} ${Math.max(first, second)}`;
