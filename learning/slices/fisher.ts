/**
 * Whether more of a slice is wrong than of the rest: Fisher's exact test, one-sided, and what is left of many such tests once it is said how many
 * there were (Benjamini and Hochberg 1995).
 */
import { logGamma } from '#recipe/statistics/beta.ts';

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/**
 * Probability of `wrong` or more wrong images in a slice of `images` drawn from all without looking: exact, so never too small where images are few.
 */
export function fisherGreater({
  wrong,
  images,
  allWrong,
  all,
}: {
  wrong: number;
  images: number;
  allWrong: number;
  all: number;
}): number {
  const most = Math.min(images, allWrong);
  const least = Math.max(0, images + allWrong - all);
  if (wrong <= least) return 1;
  const whole = logChoose(all, images);
  let sum = 0;
  // From the least probable on, so that nothing small is lost.
  for (let count = most; count >= wrong; count -= 1)
    sum += Math.exp(logChoose(allWrong, count) + logChoose(all - allWrong, images - count) - whole);
  return Math.min(1, sum);
}

/**
 * Each p-value as the false-discovery rate at which it would just be kept: among all whose adjusted value is 0.05 or less, one in twenty on
 * average is chance, where the tests are independent or rise together.
 */
export function benjaminiHochberg(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let least = 1;
  for (let rank = order.length; rank >= 1; rank -= 1) {
    const at = order[rank - 1]!;
    least = Math.min(least, (values[at]! * values.length) / rank);
    adjusted[at] = least;
  }
  return adjusted;
}
