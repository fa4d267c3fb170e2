/**
 * What a classifier gains by leaving unsure images unanswered (selective classification, El-Yaniv and Wiener 2010): errors
 * against the share of images that are answered, and the threshold for a wished one of the two. Images are answered where
 * the probability of the most probable class is at least the threshold.
 */
import type { Interval } from '#recipe/metrics/interval.ts';
import type { TopPredictions } from '#recipe/metrics/top-predictions.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';

/** What is answered from each distinct top probability on, the highest first. */
export interface RiskCoverage {
  /** All images. */
  count: number;
  /** Distinct top probabilities, falling. */
  thresholds: Float32Array;
  /** Images at each of them or above, and those of them that are wrong. */
  answered: Uint32Array;
  wrong: Uint32Array;
  /**
   * Mean error over all numbers of images answered, the most sure first (area under the risk–coverage curve, Geifman and
   * El-Yaniv 2017); images that are equally sure are taken in an order of chance. Null where there are no images.
   */
  area: number | null;
}

/** One point of the curve. */
export interface Selection {
  /** Answer where the top probability is this or more. */
  threshold: number;
  answered: number;
  wrong: number;
  /** Share of the images that is answered. */
  coverage: number;
  /** Share of the predictions that is wrong, and where the true one may lie: exact, at 95 %. */
  error: number;
  interval: Interval;
}

/** What is not a number is the least sure of all. */
export function riskCoverage({ confidence, right }: TopPredictions): RiskCoverage {
  const count = confidence.length;
  const sure = confidence.map((value) => (Number.isNaN(value) ? -Infinity : value));
  const order = Uint32Array.from({ length: count }, (_, image) => image).sort(
    (a, b) => sure[b]! - sure[a]! || 0,
  );
  const thresholds: number[] = [];
  const answered: number[] = [];
  const wrong: number[] = [];
  let [errors, area] = [0, 0];
  for (let from = 0; from < count;) {
    let to = from;
    let more = 0;
    const threshold = sure[order[from]!]!;
    for (; to < count && sure[order[to]!] === threshold; to += 1) more += 1 - right[order[to]!]!;
    for (let taken = 1; taken <= to - from; taken += 1)
      area += (errors + (more * taken) / (to - from)) / (from + taken);
    errors += more;
    thresholds.push(threshold);
    answered.push(to);
    wrong.push(errors);
    from = to;
  }
  return {
    count,
    thresholds: Float32Array.from(thresholds),
    answered: Uint32Array.from(answered),
    wrong: Uint32Array.from(wrong),
    area: count === 0 ? null : area / count,
  };
}

/** @param at index of the threshold */
export function selectionAt({ count, thresholds, answered, wrong }: RiskCoverage, at: number): Selection {
  const [images, errors] = [answered[at]!, wrong[at]!];
  return {
    threshold: thresholds[at]!,
    answered: images,
    wrong: errors,
    coverage: images / count,
    error: errors / images,
    interval: clopperPearsonInterval(errors, images),
  };
}

/**
 * The most images that can be answered with no more errors than wished, on these images. Of others it may be more: with
 * `surely`, the upper end of the interval keeps to the wish too.
 * @param error share of the predictions, from 0 to 1
 * @returns null where no threshold does
 */
export function selectionForError(
  curve: RiskCoverage,
  error: number,
  { surely = false }: { surely?: boolean } = {},
): Selection | null {
  for (let at = curve.thresholds.length - 1; at >= 0; at -= 1) {
    if (curve.wrong[at]! / curve.answered[at]! > error) continue;
    const selection = selectionAt(curve, at);
    if (!surely || selection.interval.high <= error) return selection;
  }
  return null;
}

/**
 * The highest threshold that still predictions so many of the images.
 * @param coverage share of the images, from 0 to 1
 * @returns null where there are no images
 */
export function selectionForCoverage(curve: RiskCoverage, coverage: number): Selection | null {
  const at = curve.answered.findIndex((images) => images / curve.count >= coverage);
  return at < 0 ? null : selectionAt(curve, at);
}
