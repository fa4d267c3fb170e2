/** Class weights as numbers to start from. Pure; what is trained with is left to learning/training. */

/**
 * The inverse of each class's share of the training images, 1 on average over images: total / (classes · count).
 * A class without images weighs 1: there is nothing to weigh.
 */
export function balancedWeights(counts: readonly number[]): number[] {
  const present = counts.filter((count) => count > 0).length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count > 0 ? total / (present * count) : 1));
}

/** As many weights as classes: those there are, then 1 for each new class. */
export const fitted = (weights: readonly number[], classes: number): number[] =>
  Array.from({ length: classes }, (_, index) => weights[index] ?? 1);
