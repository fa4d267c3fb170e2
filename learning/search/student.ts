/** Student's t distribution: how far a mean of few values may be off. */
import { incompleteBeta } from '#recipe/statistics/beta.ts';

/** P(T ≤ t) with `freedom` degrees of freedom. */
export function studentBelow(t: number, freedom: number): number {
  const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t that T lies below with this probability.
 * @param probability between 0 and 1, both excluded
 * @param freedom degrees of freedom, above 0
 */
export function studentQuantile(probability: number, freedom: number): number {
  if (probability < 0.5) return -studentQuantile(1 - probability, freedom);
  let [low, high] = [0, 1];
  while (studentBelow(high, freedom) < probability) [low, high] = [high, high * 2];
  for (let round = 0; round < 100 && high - low > 1e-14 * high; round++) {
    const middle = (low + high) / 2;
    if (studentBelow(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
