/**
 * Intervals of any figure of n images by drawing the images again (Efron 1979): percentile, or corrected for bias and skew
 * (BCa, Efron 1987). Seeded, so that the same images always say the same. Shares have exact intervals
 * (recipe/statistics/binomial.ts); which figures there are is left to metric-interval.ts and the caller.
 */
import { normalBelow, normalQuantile } from '#recipe/statistics/normal.ts';
import { generator, type RandomStream, shuffle } from '../random-numbers.ts';

/** A figure of a sample of the images, NaN where it is not defined. */
export interface SampleStatistic {
  /** Images. */
  count: number;
  /** @param sample indices of the images drawn, some of them several times; it is used again after the call */
  compute(sample: Int32Array): number;
}

/** A figure that needs only how many images of each group were drawn: far faster where groups are few. */
export interface CountStatistic {
  /** Group of each image, [count]: those of one group are the same to the figure, as cells of a confusion matrix. */
  groups: ArrayLike<number>;
  groupCount: number;
  /** @param counts images drawn of each group, [groupCount]; it is used again after the call */
  compute(counts: Float64Array): number;
}

export type Statistic = SampleStatistic | CountStatistic;

export interface BootstrapOptions {
  /** Samples drawn. */
  draws?: number;
  /** Between 0 and 1, both excluded. */
  level?: number;
  method?: 'bca' | 'percentile';
  seed?: number;
}

export interface BootstrapInterval {
  /** The figure of the images themselves. */
  value: number;
  low: number;
  high: number;
  standardError: number;
  /** Samples whose figure is defined; the others count nowhere. */
  draws: number;
}

/** Left out one by one where there are no more; else in as many blocks as half of it. */
const mostLeftOut = 2000;

/**
 * Null where it cannot tell: the figure is not defined for the images or for more than half of the samples, or it is the
 * same in all of them, as the accuracy where no answer is wrong.
 */
export function bootstrap(
  statistic: Statistic,
  { draws = 2000, level = 0.95, method = 'bca', seed = 0 }: BootstrapOptions = {},
): BootstrapInterval | null {
  const value = wholeValue(statistic);
  if (Number.isNaN(value)) return null;
  const uniform = generator(seed, draws);
  const all = Float64Array.from({ length: draws }, drawer(statistic, uniform));
  const sorted = all.filter((figure) => !Number.isNaN(figure)).sort();
  if (sorted.length * 2 < draws || isConstant(sorted)) return null;
  const ends =
    method === 'bca'
      ? bcaInterval(sorted, value, acceleration(leaveOut(statistic, uniform)), level)
      : { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
  return { value, ...ends, standardError: deviation(sorted), draws: sorted.length };
}

/** Rounding makes figures differ in their last digits that are the same: what no metric is told apart by is no spread. */
const sameWithin = 1e-12;

/** @param sorted figures of the samples, rising */
export function isConstant(sorted: Float64Array): boolean {
  const [least, greatest] = [sorted[0]!, sorted.at(-1)!];
  return greatest - least <= sameWithin * Math.max(1, Math.abs(least), Math.abs(greatest));
}

const inGroups = (statistic: Statistic): statistic is CountStatistic => 'groups' in statistic;
const sizeOf = (statistic: Statistic) => (inGroups(statistic) ? statistic.groups.length : statistic.count);

function countsOfGroups({ groups, groupCount }: CountStatistic): Float64Array {
  const counts = new Float64Array(groupCount);
  for (let image = 0; image < groups.length; image += 1) counts[groups[image]!]! += 1;
  return counts;
}

const wholeValue = (statistic: Statistic): number =>
  inGroups(statistic)
    ? statistic.compute(countsOfGroups(statistic))
    : statistic.compute(Int32Array.from({ length: statistic.count }, (_, image) => image));

/** The figure of one more sample at each call. */
function drawer(statistic: Statistic, uniform: RandomStream): () => number {
  const count = sizeOf(statistic);
  if (inGroups(statistic)) {
    const counts = new Float64Array(statistic.groupCount);
    const groups = Int32Array.from(statistic.groups);
    return () => {
      counts.fill(0);
      for (let image = 0; image < count; image += 1) counts[groups[(uniform() * count) | 0]!]! += 1;
      return statistic.compute(counts);
    };
  }
  const sample = new Int32Array(count);
  return () => {
    for (let image = 0; image < count; image += 1) sample[image] = (uniform() * count) | 0;
    return statistic.compute(sample);
  };
}

/** The figure without some images, and how many times it counts. */
interface LeftOut {
  value: number;
  times: number;
}

export function leaveOut(statistic: Statistic, uniform: RandomStream): LeftOut[] {
  const count = sizeOf(statistic);
  if (inGroups(statistic)) {
    const counts = countsOfGroups(statistic);
    const filled = Array.from(counts.keys()).filter((group) => counts[group]! > 0);
    if (filled.length <= mostLeftOut)
      // Without any image of a group the figure is the same.
      return filled.map((group) => {
        const times = counts[group]!;
        counts[group] = times - 1;
        const value = statistic.compute(counts.slice());
        counts[group] = times;
        return { value, times };
      });
  } else if (count <= mostLeftOut) {
    return Array.from({ length: count }, (_, out) => ({
      value: statistic.compute(
        Int32Array.from({ length: count - 1 }, (_, image) => image + Number(image >= out)),
      ),
      times: 1,
    }));
  }
  return leaveBlocksOut(statistic, count, uniform);
}

/** In blocks of images chosen by chance: their figures are as skewed as those without single images, taken together. */
function leaveBlocksOut(statistic: Statistic, count: number, uniform: RandomStream): LeftOut[] {
  const order = shuffle(
    Int32Array.from({ length: count }, (_, image) => image),
    uniform,
  );
  const whole = inGroups(statistic) ? countsOfGroups(statistic) : null;
  const blocks = mostLeftOut / 2;
  return Array.from({ length: blocks }, (_, block) => {
    const [from, to] = [Math.floor((block * count) / blocks), Math.floor(((block + 1) * count) / blocks)];
    if (inGroups(statistic)) {
      const counts = whole!.slice();
      for (const image of order.subarray(from, to)) counts[statistic.groups[image]!]! -= 1;
      return { value: statistic.compute(counts), times: 1 };
    }
    const sample = new Int32Array(count - (to - from));
    sample.set(order.subarray(0, from));
    sample.set(order.subarray(to), from);
    return { value: statistic.compute(sample), times: 1 };
  });
}

/**
 * How fast the figure's standard error changes with its true value: a sixth of the skew of its influences.
 * @param figures each without an image
 */
export function acceleration(figures: readonly LeftOut[]): number {
  const known = figures.filter(({ value }) => !Number.isNaN(value));
  const times = known.reduce((sum, figure) => sum + figure.times, 0);
  const mean = known.reduce((sum, figure) => sum + figure.times * figure.value, 0) / times;
  let [squares, cubes] = [0, 0];
  for (const { value, times: weight } of known) {
    squares += weight * (mean - value) ** 2;
    cubes += weight * (mean - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/**
 * BCa (Efron 1987) of figures that were drawn.
 * @param sorted figures of the samples, rising
 * @param skew the acceleration; with 0 the interval is corrected for bias alone
 */
export function bcaInterval(
  sorted: Float64Array,
  value: number,
  skew: number,
  level: number,
): { low: number; high: number } {
  let below = 0;
  for (const figure of sorted) below += figure < value ? 1 : figure === value ? 0.5 : 0;
  // A figure outside of all that were drawn would be infinitely biased.
  const share = Math.min(Math.max(below, 0.5), sorted.length - 0.5) / sorted.length;
  const bias = normalQuantile(share);
  const end = (probability: number) => {
    const shifted = bias + normalQuantile(probability);
    // Where the skew would turn the order of the ends round, the end is the last figure of that side.
    const scale = 1 - skew * shifted;
    return quantile(sorted, scale <= 0 ? Number(probability > 0.5) : normalBelow(bias + shifted / scale));
  };
  return { low: end((1 - level) / 2), high: end((1 + level) / 2) };
}

/** Between the two nearest of the rising values. */
export function quantile(sorted: Float64Array, probability: number): number {
  const at = probability * (sorted.length - 1);
  const lower = Math.floor(at);
  const upper = Math.min(lower + 1, sorted.length - 1);
  return sorted[lower]! + (at - lower) * (sorted[upper]! - sorted[lower]!);
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
