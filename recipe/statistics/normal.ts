/**
 * The normal distribution: its mass below a value, and the value below which a mass lies. Accurate to about 1e-13,
 * relatively, wherever a double can hold the result. What intervals and tests make of it is left to them.
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

/**
 * The z that Z lies below with this probability; -Infinity and Infinity at 0 and 1. By Halley's method on the lower half,
 * where small masses are not lost beside 1.
 */
export function normalQuantile(probability: number): number {
  if (probability <= 0) return -Infinity;
  if (probability >= 1) return Infinity;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  // Half of the mass at most lies below: the tail's own size tells about where it begins.
  let z = -Math.sqrt(-2 * Math.log(2 * probability));
  for (let round = 0; round < 60; round++) {
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    const newton = (normalBelow(z) - probability) / density;
    // The second derivative of the mass is -z times the density.
    const step = newton / Math.max(0.5, 1 + 0.5 * z * newton);
    z -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
}
