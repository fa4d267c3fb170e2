/**
 * How far probabilities are from the shares that are right: images in bins by their probability (a reliability diagram), and
 * the errors that follow from the bins. Which probabilities, those of the most probable class or of one, is the caller's.
 */
import type { Interval } from '../metrics/interval.ts';
import { clopperPearsonInterval } from './binomial.ts';

/** Probabilities of something, and whether it was so. */
export interface Judged {
  /** From 0 to 1, [n]. */
  confidence: ArrayLike<number>;
  /** 1 where it was so, else 0, [n]. */
  right: ArrayLike<number>;
}

export interface ReliabilityBin {
  /** Probabilities in it: above `low` (the first bin holds 0 too), at most `high`. */
  low: number;
  high: number;
  images: number;
  right: number;
  /** Mean probability; null where there are no images. */
  confidence: number | null;
  /** Share that is right; null where there are no images. */
  accuracy: number | null;
}

export interface BinOptions {
  /** How many, at least 1. */
  bins?: number;
  /** width: equal parts of [0, 1]; mass: about as many images in each, equal probabilities never apart. */
  equal?: 'width' | 'mass';
}

/** Bins in rising order; those of equal mass are fewer where many probabilities are the same. */
export function reliabilityBins(
  judged: Judged,
  { bins = 15, equal = 'width' }: BinOptions = {},
): ReliabilityBin[] {
  const edges = equal === 'width' ? widthEdges(bins) : massEdges(judged.confidence, bins);
  const count = edges.length - 1;
  const images = new Float64Array(count);
  const right = new Float64Array(count);
  const sums = new Float64Array(count);
  for (let image = 0; image < judged.confidence.length; image += 1) {
    const value = judged.confidence[image]!;
    // What is not a number is in no bin.
    if (Number.isNaN(value)) continue;
    const bin = Math.min(count, Math.max(1, firstNotBelow(edges, value))) - 1;
    images[bin]! += 1;
    right[bin]! += judged.right[image]!;
    sums[bin]! += value;
  }
  return Array.from(images, (inside, bin) => ({
    low: edges[bin]!,
    high: edges[bin + 1]!,
    images: inside,
    right: right[bin]!,
    confidence: inside === 0 ? null : sums[bin]! / inside,
    accuracy: inside === 0 ? null : right[bin]! / inside,
  }));
}

/** How sure the share that is right in a bin is: exact, at 95 %. */
export const binInterval = ({ right, images }: ReliabilityBin): Interval =>
  clopperPearsonInterval(right, images);

/** null where there are no images. */
export function calibrationErrors(bins: readonly ReliabilityBin[]): {
  /** Mean distance of probability and share, over images (expected calibration error). */
  expected: number;
  /** The largest of any bin. */
  maximum: number;
} | null {
  const filled = bins.filter(({ images }) => images > 0);
  if (filled.length === 0) return null;
  const all = filled.reduce((sum, { images }) => sum + images, 0);
  const gaps = filled.map(({ confidence, accuracy }) => Math.abs(confidence! - accuracy!));
  return {
    expected: filled.reduce((sum, { images }, bin) => sum + images * gaps[bin]!, 0) / all,
    maximum: Math.max(...gaps),
  };
}

const widthEdges = (bins: number): Float64Array =>
  Float64Array.from({ length: bins + 1 }, (_, edge) => edge / bins);

function massEdges(confidence: ArrayLike<number>, bins: number): Float64Array {
  const sorted = Float64Array.from(confidence)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const inner = Array.from(
    { length: bins - 1 },
    (_, edge) => sorted[Math.ceil(((edge + 1) * sorted.length) / bins) - 1],
  );
  // Nothing lies above the highest, and what is the same is one edge.
  const kept = inner.filter((edge) => edge !== undefined && edge > 0 && edge < sorted.at(-1)!) as number[];
  return Float64Array.from([0, ...new Set(kept), 1]);
}

/** Index of the first of the rising edges that is not below `value`. */
function firstNotBelow(rising: Float64Array, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
