/**
 * The images ranked by how probable one class is: what areas under curves, and the curves, are counted from. Sorting the
 * images of the class alone is enough: between two of them all others only add wrong ones.
 */
import { mean } from './counts.ts';
import type { Predictions } from './metric.ts';

/** Images of the class (positive) and all others (negative), at each distinct probability of a positive, the highest first. */
export interface Ranking {
  positives: number;
  negatives: number;
  /** The distinct probabilities of the positives, falling. */
  thresholds: Float32Array;
  /** Positives at each. */
  hits: Uint32Array;
  /** Negatives that are less probable than the threshold before, and more than this one. */
  above: Uint32Array;
  /** Negatives exactly at it. */
  tied: Uint32Array;
}

/** @param index of the class. A probability that is not a number counts as the least of all. */
export function rankingOf(
  {
    probabilities,
    labels,
    classes,
    count,
  }: Pick<Predictions, 'probabilities' | 'labels' | 'classes' | 'count'>,
  index: number,
): Ranking {
  const positives = classes[index]!.support;
  const valueOf = (image: number) => {
    const value = probabilities[image * classes.length + index]!;
    return Number.isNaN(value) ? -Infinity : value;
  };
  const own = new Float32Array(positives);
  let filled = 0;
  for (let image = 0; image < count; image += 1) if (labels[image] === index) own[filled++] = valueOf(image);
  own.sort().reverse();
  const thresholds = own.filter((value, at) => at === 0 || value !== own[at - 1]);
  const hits = new Uint32Array(thresholds.length);
  let group = -1;
  own.forEach((value, at) => {
    if (at === 0 || value !== own[at - 1]) group += 1;
    hits[group]! += 1;
  });
  const above = new Uint32Array(thresholds.length);
  const tied = new Uint32Array(thresholds.length);
  for (let image = 0; image < count; image += 1) {
    if (labels[image] === index) continue;
    const value = valueOf(image);
    const place = firstNotAbove(thresholds, value);
    if (place === thresholds.length) continue;
    (thresholds[place] === value ? tied : above)[place]! += 1;
  }
  return { positives, negatives: count - positives, thresholds, hits, above, tied };
}

const rankings = new WeakMap<object, Ranking[]>();

/**
 * Mean over the classes, one against the rest. Ranking is most of the work, so metrics of the same predictions share it.
 * @param of a class; null where it is not defined for it. @returns null where it is for none
 */
export function meanOverRankings(
  predictions: Predictions,
  of: (ranking: Ranking) => number | null,
): number | null {
  let all = rankings.get(predictions);
  if (!all)
    rankings.set(predictions, (all = predictions.classes.map((_, index) => rankingOf(predictions, index))));
  return mean(all.map(of));
}

/**
 * Rankings of samples of the same predictions, of which each image's place is looked up once: what bootstrap draws by the thousand. Thresholds that no
 * image of a sample reaches count nothing.
 */
export class SampleRankings {
  readonly #whole: Ranking[];
  /** Of each class and image: three times its threshold, and 0 for a hit, 1 for above, 2 for tied; -1 below all, [classes, count]. */
  readonly #places: Int32Array[];

  constructor(predictions: Predictions) {
    const { probabilities, labels, classes, count } = predictions;
    this.#whole = classes.map((_, index) => rankingOf(predictions, index));
    this.#places = this.#whole.map(({ thresholds }, index) =>
      Int32Array.from({ length: count }, (_, image) => {
        const given = probabilities[image * classes.length + index]!;
        const value = Number.isNaN(given) ? -Infinity : given;
        const place = firstNotAbove(thresholds, value);
        if (place === thresholds.length) return -1;
        return 3 * place + (labels[image] === index ? 0 : thresholds[place] === value ? 2 : 1);
      }),
    );
  }

  /**
   * Lets metrics of the sample's predictions use its rankings.
   * @param sample indices of images, some of them several times
   */
  share(of: Predictions, sample: Int32Array): void {
    rankings.set(
      of,
      this.#whole.map(({ thresholds }, index) => {
        const places = this.#places[index]!;
        const counts = new Uint32Array(3 * thresholds.length);
        for (let at = 0; at < sample.length; at += 1) {
          const place = places[sample[at]!]!;
          if (place >= 0) counts[place]! += 1;
        }
        const every = (from: number) =>
          Uint32Array.from({ length: thresholds.length }, (_, at) => counts[3 * at + from]!);
        const positives = of.classes[index]!.support;
        const negatives = of.count - positives;
        return { positives, negatives, thresholds, hits: every(0), above: every(1), tied: every(2) };
      }),
    );
  }
}

/** Index of the first of the falling values that is not above `value`; their number where all are. */
function firstNotAbove(falling: Float32Array, value: number): number {
  let [low, high] = [0, falling.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (falling[middle]! > value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Probability that an image of the class is ranked before one of another, ties counted half: the area under the ROC
 * curve (Hanley and McNeil 1982). Null where there are none of either.
 */
export function areaUnderRoc({ positives, negatives, hits, above, tied }: Ranking): number | null {
  if (positives === 0 || negatives === 0) return null;
  let pairs = 0;
  let before = 0;
  hits.forEach((hit, at) => {
    before += above[at]!;
    pairs += hit * (negatives - before - tied[at]! / 2);
    before += tied[at]!;
  });
  return pairs / (positives * negatives);
}

/** Mean precision over the images of the class, each taken at its own threshold. Null where there are none. */
export function averagePrecisionOf({ positives, hits, above, tied }: Ranking): number | null {
  if (positives === 0) return null;
  let [found, wrong, sum] = [0, 0, 0];
  hits.forEach((hit, at) => {
    found += hit;
    wrong += above[at]! + tied[at]!;
    if (hit > 0) sum += (hit * found) / (found + wrong);
  });
  return sum / positives;
}
