/**
 * Two classifiers on the same images: whether one is right more often, by how much, and in words. It needs no more than how
 * many images were put right and how many went wrong; counting them is `countPairs`, and which images they are is the
 * caller's. (McNemar 1947.)
 */
import type { Interval } from '../metrics/interval.ts';
import { binomialBelow, binomialMass } from './binomial.ts';
import { erfc, normalQuantile } from './normal.ts';

/** Two runs, A and then B, on the same images. */
export interface Pairs {
  /** All images. */
  count: number;
  /** Those that A has wrong and B right. */
  fixed: number;
  /** Those that A has right and B wrong. */
  broken: number;
}

export interface McNemar {
  /** Two-sided probability of so uneven counts where both are equally good: binomial, never too small. */
  exact: number;
  /** The same with half of the weight of the observed counts (Lancaster 1961), which is right on average (Fagerland 2013). */
  midP: number;
  /** Chi-square with continuity correction (Edwards 1948), one degree of freedom; 0 where both counts are the same. */
  chiSquare: number;
  /** Of that chi-square. */
  chiSquareP: number;
}

export interface PairedComparison extends Pairs {
  /** Accuracy of B less that of A. */
  difference: number;
  /** Of the difference, at 95 %: Tango's. */
  interval: Interval;
  test: McNemar;
  better: 'A' | 'B' | null;
  /** Images that it would take to show a difference such as this one; null where there is none, or it is shown. */
  neededImages: number | null;
}

/** What counts as shown, two-sided; the level of the interval is what is left of 1. */
const significance = 0.05;
/** How often a true difference of that size should be found with as many images as are said to be needed. */
const power = 0.8;

/**
 * @param labels class of each image; `a` and `b`: what each run said of it, [count]
 * @throws RangeError where sizes disagree
 */
export function countPairs(labels: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): Pairs {
  if (a.length !== labels.length || b.length !== labels.length)
    throw new RangeError(
      `Expected two predictions of ${labels.length} images, received ${a.length} and ${b.length}`,
    );
  const pairs = { count: labels.length, fixed: 0, broken: 0 };
  for (let image = 0; image < labels.length; image += 1) {
    const [rightA, rightB] = [a[image] === labels[image], b[image] === labels[image]];
    if (rightB && !rightA) pairs.fixed += 1;
    if (rightA && !rightB) pairs.broken += 1;
  }
  return pairs;
}

/** All of them are 1 where no image was fixed or broken. */
export function mcnemar({ fixed, broken }: Pick<Pairs, 'fixed' | 'broken'>): McNemar {
  const discordant = fixed + broken;
  if (discordant === 0) return { exact: 1, midP: 1, chiSquare: 0, chiSquareP: 1 };
  const fewer = Math.min(fixed, broken);
  const exact = Math.min(1, 2 * binomialBelow(fewer, discordant, 0.5));
  const observed = binomialMass(fewer, discordant, 0.5);
  const midP = fixed === broken ? 1 : exact - observed;
  const chiSquare = Math.max(0, Math.abs(fixed - broken) - 1) ** 2 / discordant;
  return { exact, midP, chiSquare, chiSquareP: erfc(Math.sqrt(chiSquare / 2)) };
}

/**
 * Score interval of the difference of two paired shares (Tango 1998): the differences that McNemar's chi-square does not
 * rule out. All of [-1, 1] where there are no images.
 */
export function tangoInterval({ count, fixed, broken }: Pairs, level = 0.95): Interval {
  if (count === 0) return { low: -1, high: 1 };
  const point = normalQuantile((1 + level) / 2);
  const score = (difference: number) => {
    const away = fixed - broken - count * difference;
    if (away === 0) return 0;
    // The most likely share of broken images where the difference is this one.
    const a = 2 * count;
    const b = -fixed - broken + (2 * count - fixed + broken) * difference;
    const c = -broken * difference * (1 - difference);
    const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
    return away / Math.sqrt(Math.max(0, count * (2 * share + difference * (1 - difference))));
  };
  const observed = (fixed - broken) / count;
  return {
    low: fixed - broken === -count ? -1 : fallsBelow(score, point, -1, observed),
    high: fixed - broken === count ? 1 : fallsBelow(score, -point, observed, 1),
  };
}

/** Where a falling function is `value`, by halving. */
function fallsBelow(falling: (x: number) => number, value: number, low: number, high: number): number {
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (falling(middle) > value) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One is better where both the mid-p test and the interval say so, so that no two figures of a view contradict. */
export function comparePairs(pairs: Pairs): PairedComparison {
  const { count, fixed, broken } = pairs;
  const test = mcnemar(pairs);
  const interval = tangoInterval(pairs, 1 - significance);
  const shown = test.midP < significance && (interval.low > 0 || interval.high < 0);
  return {
    count,
    fixed,
    broken,
    difference: count === 0 ? 0 : (fixed - broken) / count,
    interval,
    test,
    better: shown ? (fixed > broken ? 'B' : 'A') : null,
    neededImages: shown ? null : neededImages(pairs),
  };
}

/**
 * So many images that four of five such comparisons would show the difference, were it and the share of fixed and broken
 * images as they are here (Connor 1987). Null where there is no difference.
 */
function neededImages({ count, fixed, broken }: Pairs): number | null {
  if (fixed === broken) return null;
  const difference = (fixed - broken) / count;
  const discordant = (fixed + broken) / count;
  const root =
    normalQuantile(1 - significance / 2) * Math.sqrt(discordant) +
    normalQuantile(power) * Math.sqrt(discordant - difference * difference);
  return Math.max(count + 1, Math.ceil((root / difference) ** 2));
}

/** "Quick 2 is better: …", "No difference shown: …". @param a name of run A, b of run B */
export function verdict(comparison: PairedComparison, a: string, b: string): string {
  const { count, fixed, broken, better, interval, difference, neededImages: needed } = comparison;
  if (count === 0) return 'No difference shown: there are no images.';
  if (fixed + broken === 0)
    return `No difference: both are right and wrong on the same ${whole(count)} images.`;
  const moved = `of ${whole(count)} images, ${b} has ${whole(fixed)} right that ${a} has wrong, and ${whole(broken)} wrong that ${a} has right`;
  if (better !== null) {
    // As the gain of the better one.
    const [gain, low, high] =
      better === 'B'
        ? [difference, interval.low, interval.high]
        : [-difference, -interval.high, -interval.low];
    return `${better === 'B' ? b : a} is better by ${points(gain)} points (95 % interval ${points(low)} to ${points(high)}): ${moved}.`;
  }
  const more =
    needed === null
      ? ''
      : ` To show a difference as large as this one it would take about ${whole(Number(needed.toPrecision(2)))} images.`;
  return `No difference shown: ${moved}.${more}`;
}

const whole = (value: number): string => value.toLocaleString('en');
/** Of a share, in percentage points. */
const points = (share: number): string => (share * 100).toFixed(2);
