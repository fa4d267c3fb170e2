/**
 * The normal distribution as Parzen estimators need it: masses of intervals far out, and values cut at both ends.
 * Accurate to about 1e-13, relatively, wherever a double can hold the result.
 */

/** 1 - erf(x) = 2/√π ∫ₓ^∞ exp(-t²) dt. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 1.5) return 1 - erfSeries(x);
  if (x > 27) return 0;
  // Laplace's continued fraction, from its tail.
  let fraction = 0;
  for (let k = 80; k >= 1; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!: all terms of one sign, so that nothing cancels. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** P(Z ≤ z). */
export const normalBelow = (z: number): number => 0.5 * erfc(-z / Math.SQRT2);

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
