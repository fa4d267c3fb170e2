/**
 * The normal distribution as Parzen estimators need it: masses of intervals far out, and values cut at both ends.
 * Accurate to about 1e-13, relatively, wherever a double can hold the result.
 */
import { normalBelow } from '#recipe/statistics/normal.ts';

/** log P(a ≤ Z ≤ b), a ≤ b; -Infinity where it is below what a double can hold. */
export function logNormalMass(a: number, b: number): number {
  // In the left half small masses are not lost beside 1.
  if (a > 0) return logNormalMass(-b, -a);
  if (b <= 0) return Math.log(normalBelow(b) - normalBelow(a));
  return Math.log1p(-normalBelow(a) - normalBelow(-b));
}

/** log of the standard normal density. */
export const logNormalDensity = (z: number): number => -0.5 * z * z - 0.5 * Math.log(2 * Math.PI);

/**
 * The value that a share of a normal distribution cut to [low, high] lies below; the mean lies in between. By
 * bisection, to a millionth of a millionth of the range.
 */
export function cutNormalQuantile(
  share: number,
  mean: number,
  deviation: number,
  low: number,
  high: number,
): number {
  const from = normalBelow((low - mean) / deviation);
  const wanted = from + share * (normalBelow((high - mean) / deviation) - from);
  let [below, above] = [low, high];
  for (let round = 0; round < 40; round++) {
    const middle = (below + above) / 2;
    if (normalBelow((middle - mean) / deviation) < wanted) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}
