/**
 * The beta distribution, from which the exact intervals of shares, the binomial and Student's t follow. Densities are
 * computed by Loader's deviances (2000), so that nothing of a share of a million images is lost to cancelled logarithms.
 */

/** log Γ(x), x > 0 (Lanczos 1964, g = 7, nine terms). */
export function logGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x + 6.5;
  const series = coefficients.reduce((sum, coefficient, k) => sum + coefficient / (x - 1 + k));
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/** log Γ(x + 1) less Stirling's formula √(2πx) (x/e)ˣ. */
function stirlingError(x: number): number {
  if (x < 15) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - 0.5 * Math.log(2 * Math.PI);
  const square = x * x;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x;
}

/** x log(x / mean) + mean - x, which is 0 where x is the mean and never negative. */
function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  // Near the mean the terms cancel: twice x artanh(v) as a series in v instead.
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let k = 3; ; k += 2) {
    term *= v * v;
    const next = sum + term / k;
    if (next === sum) return sum;
    sum = next;
  }
}

/** xᵃ (1 - x)ᵇ / B(a, b): the density of the beta distribution times x (1 - x). 0 < x < 1, a and b above 0. */
export function betaWeight(x: number, a: number, b: number): number {
  const n = a + b;
  const errors = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const deviances = deviance(a, n * x) + deviance(b, n * (1 - x));
  return Math.exp(errors - deviances) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

/** I_x(a, b) by its continued fraction (Lentz's method), which converges fast for x < (a + 1) / (a + b + 2). */
function byFraction(x: number, a: number, b: number): number {
  const front = betaWeight(x, a, b) / a;
  if (front === 0) return 0;
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  // About √(a + b) rounds are needed.
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 3e-16) break;
  }
  return front * fraction;
}

/** Regularised incomplete beta function I_x(a, b): P(X ≤ x) for a beta distribution. a and b above 0. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x > (a + 1) / (a + b + 2) ? 1 - byFraction(1 - x, b, a) : byFraction(x, a, b);
}

/** P(X > x) = 1 - I_x(a, b), not lost beside 1 where it is small. */
export function incompleteBetaAbove(x: number, a: number, b: number): number {
  if (x <= 0) return 1;
  if (x >= 1) return 0;
  return x > (a + 1) / (a + b + 2) ? byFraction(1 - x, b, a) : 1 - byFraction(x, a, b);
}

/**
 * The x that X lies below (or above) with this probability: Newton's method, halving the interval that x is known to lie in
 * wherever a step would leave it.
 * @param probability from 0 to 1
 * @param tail above: the mass above x is what is given, so that a small one keeps its digits
 */
export function betaQuantile(
  probability: number,
  a: number,
  b: number,
  tail: 'below' | 'above' = 'below',
): number {
  const sign = tail === 'below' ? 1 : -1;
  if (probability <= 0) return tail === 'below' ? 0 : 1;
  if (probability >= 1) return tail === 'below' ? 1 : 0;
  const mass = tail === 'below' ? incompleteBeta : incompleteBetaAbove;
  let [low, high] = [0, 1];
  let x = a / (a + b);
  for (let round = 0; round < 200; round++) {
    const off = sign * (mass(x, a, b) - probability);
    if (off === 0) return x;
    if (off < 0) low = x;
    else high = x;
    const next = x - (off * x * (1 - x)) / betaWeight(x, a, b);
    // Where the density is nothing, the step is no number.
    const inside = next > low && next < high;
    const to = inside ? next : (low + high) / 2;
    const step = Math.abs(to - x);
    x = to;
    if (step <= 1e-15 * x || high - low <= 1e-15 * x) break;
  }
  return x;
}
