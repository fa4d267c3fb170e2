/**
 * Error slices: which of many candidate slices hold more wrong answers than the rest of the images, once it is counted how many were tried. Pure: what
 * the slices are of is the caller's.
 */
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import type { Interval } from '#recipe/metrics/interval.ts';
import type { Candidate } from './candidates.ts';
import { benjaminiHochberg, fisherGreater } from './fisher.ts';

/** Of the slices that are told as found, so many are chance on average. */
export const falseDiscoveryRate = 0.05;
/** Fewer images say too little of how many are wrong. */
export const leastImages = 20;
/** Slices with so much in common (of their union) are told as one. */
const alikeFrom = 0.6;
/** Images of a class outside of a slice that say how often the class is wrong, and the part of a slice that this must be known of. */
const leastOfClass = 10;
const leastKnown = 0.9;
/** Others that look worse, told as what may be chance. */
const mostUnsure = 8;

export interface ErrorSlice<C> {
  condition: C;
  places: Int32Array;
  wrong: number;
  /** Of the share that is wrong, at 95 %, exact. */
  interval: Interval;
  rest: { images: number; wrong: number; interval: Interval };
  /** Share that would be wrong were each class of it as often wrong as in the rest; null where the rest has too few of them. */
  expected: number | null;
  /** One-sided, of this slice alone. */
  p: number;
  /** Of all that were tried: the false-discovery rate at which it is just found. */
  adjusted: number;
  found: boolean;
  /** Slices of much the same images, less plain. */
  alike: C[];
}

export interface ErrorSlices<C> {
  /** Slices that were tested: with enough images, and each set of images once. */
  tried: number;
  /** The plainest first; those that are not `found` may be chance. */
  slices: ErrorSlice<C>[];
}

/**
 * @param wrong 1 for each image that was answered wrong, else 0
 * @param labels class of each image
 */
export function findSlices<C>(
  wrong: ArrayLike<number>,
  labels: ArrayLike<number>,
  candidates: readonly Candidate<C>[],
): ErrorSlices<C> {
  const all = wrong.length;
  let allWrong = 0;
  for (let at = 0; at < all; at += 1) allWrong += wrong[at]!;
  const enough = distinct(candidates).filter(
    ({ places }) => places.length >= leastImages && all - places.length >= leastImages,
  );
  const tested = enough.map(({ condition, places, family }) => {
    const count = places.reduce((sum, at) => sum + wrong[at]!, 0);
    return {
      condition,
      places,
      family,
      wrong: count,
      p: fisherGreater({ wrong: count, images: places.length, allWrong, all }),
    };
  });
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p));
  const ranked = tested
    .map((one, at) => ({ ...one, adjusted: adjusted[at]! }))
    .sort((a, b) => a.p - b.p || b.places.length - a.places.length)
    .filter(({ p }) => p <= falseDiscoveryRate);
  const told: (ErrorSlice<C> & { family: string | undefined })[] = [];
  let unsure = 0;
  for (const one of ranked) {
    const before = told.find(
      ({ places, family }) =>
        (family !== undefined && family === one.family) || overlap(places, one.places) >= alikeFrom,
    );
    if (before) {
      before.alike.push(one.condition);
      continue;
    }
    const found = one.adjusted <= falseDiscoveryRate;
    if (!found && ++unsure > mostUnsure) continue;
    const rest = { images: all - one.places.length, wrong: allWrong - one.wrong };
    told.push({
      ...one,
      interval: clopperPearsonInterval(one.wrong, one.places.length),
      rest: { ...rest, interval: clopperPearsonInterval(rest.wrong, rest.images) },
      expected: expectedShare(one.places, wrong, labels),
      found,
      alike: [],
    });
  }
  return { tried: enough.length, slices: told.map(({ family: _, ...slice }) => slice) };
}

/** Each set of images once, by the first that names it: the same images are no second try. */
function distinct<C>(candidates: readonly Candidate<C>[]): Candidate<C>[] {
  const known = new Set<string>();
  return candidates.filter(({ places }) => {
    const key = places.join();
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** Images of both, of those of either. */
function overlap(a: Int32Array, b: Int32Array): number {
  let [i, j, both] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i]!, b[j]!];
    if (left === right) both += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return both / (a.length + b.length - both);
}

/** What the classes of a slice alone explain (indirect standardisation). */
function expectedShare(
  places: Int32Array,
  wrong: ArrayLike<number>,
  labels: ArrayLike<number>,
): number | null {
  const inside = new Set(places);
  const rest = new Map<number, { images: number; wrong: number }>();
  for (let at = 0; at < wrong.length; at += 1) {
    if (inside.has(at)) continue;
    const known = rest.get(labels[at]!) ?? { images: 0, wrong: 0 };
    rest.set(labels[at]!, { images: known.images + 1, wrong: known.wrong + wrong[at]! });
  }
  let [sum, known] = [0, 0];
  for (const at of places) {
    const ofClass = rest.get(labels[at]!);
    if (!ofClass || ofClass.images < leastOfClass) continue;
    sum += ofClass.wrong / ofClass.images;
    known += 1;
  }
  return known >= leastKnown * places.length ? sum / known : null;
}
