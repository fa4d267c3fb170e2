/**
 * Bootstrap intervals of several figures of the same images: each sample is drawn once for all of them, so that what they share is computed once.
 * The arithmetic of one figure is bootstrap.ts.
 */
import type { Interval } from '#recipe/metrics/interval.ts';
import { generator, shuffle } from '../random-numbers.ts';
import type { Work } from '../work-in-turns.ts';
import { acceleration, bcaInterval, isConstant } from './bootstrap.ts';

export interface Figures {
  /** Images. */
  count: number;
  /** @param sample indices of images, some of them several times. @returns the figures, NaN where one is not defined */
  compute(sample: Int32Array): readonly number[];
}

/** Images are left out one by one where there are no more, else in so many blocks. */
const leftOut = 500;

/**
 * BCa intervals at 95 % (Efron 1987), seeded. Null of a figure that is not defined for the images or for more than half of the samples, or is the
 * same in all of them.
 * @param draws samples
 * @param onDrawn is told how much is done, of 1
 */
export function* bootstrapTogether(
  { count, compute }: Figures,
  { draws = 2000, seed = 0 }: { draws?: number; seed?: number } = {},
  onDrawn: (share: number) => void = () => undefined,
): Work<(Interval | null)[]> {
  const values = compute(Int32Array.from({ length: count }, (_, image) => image));
  const uniform = generator(seed, draws);
  const blocks = Math.min(count, leftOut);
  const drawn = values.map(() => new Float64Array(draws));
  const sample = new Int32Array(count);
  for (let draw = 0; draw < draws; draw += 1) {
    for (let image = 0; image < count; image += 1) sample[image] = (uniform() * count) | 0;
    compute(sample).forEach((value, figure) => (drawn[figure]![draw] = value));
    onDrawn((draw + 1) / (draws + blocks));
    yield;
  }
  const order = shuffle(
    Int32Array.from({ length: count }, (_, image) => image),
    uniform,
  );
  const without = values.map(() => [] as { value: number; times: number }[]);
  for (let block = 0; block < blocks; block += 1) {
    const [from, to] = [Math.floor((block * count) / blocks), Math.floor(((block + 1) * count) / blocks)];
    const rest = new Int32Array(count - (to - from));
    rest.set(order.subarray(0, from));
    rest.set(order.subarray(to), from);
    compute(rest).forEach((value, figure) => without[figure]!.push({ value, times: 1 }));
    onDrawn((draws + block + 1) / (draws + blocks));
    yield;
  }
  return values.map((value, figure) => {
    const sorted = drawn[figure]!.filter((one) => !Number.isNaN(one)).sort();
    if (Number.isNaN(value) || sorted.length * 2 < draws || isConstant(sorted)) return null;
    return bcaInterval(sorted, value, acceleration(without[figure]!), 0.95);
  });
}
