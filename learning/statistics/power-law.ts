/**
 * A power law with an asymptote, accuracy = asymptote - scale · images^-exponent (Cortes et al. 1994; Hestness et al. 2017):
 * the nearest to some points. How sure it is, is learning-curve.ts.
 */

export interface PowerLaw {
  /** Accuracy with any number of images, from 0 to 1. */
  asymptote: number;
  /** What a single image would leave to it; 0 or more. */
  scale: number;
  /** How fast more images help, within `exponents`. */
  exponent: number;
}

/** Published curves lie well within. */
export const exponents = [0.05, 2] as const;

/** Exponents that are tried before the best is looked for between its neighbours. */
const grid = 60;

export const accuracyOf = ({ asymptote, scale, exponent }: PowerLaw, images: number): number =>
  asymptote - scale * images ** -exponent;

/**
 * Weighted least squares. For a given exponent the other two are linear, so that only the exponent is looked for: no start
 * is needed, and it cannot fail to converge.
 * @param images above 0, [n]
 * @param accuracies from 0 to 1, [n]
 * @param weights above 0, [n]
 */
export function nearestPowerLaw(
  images: ArrayLike<number>,
  accuracies: ArrayLike<number>,
  weights: ArrayLike<number>,
): PowerLaw {
  // In units of the greatest number of images, powers are all near 1.
  const unit = Math.max(...Array.from(images));
  const bends = new Float64Array(images.length);
  const at = (log: number) => {
    const exponent = Math.exp(log);
    for (let point = 0; point < images.length; point += 1)
      bends[point] = (images[point]! / unit) ** -exponent;
    return { exponent, ...nearestLine(bends, accuracies, weights) };
  };
  const [first, last] = exponents.map(Math.log) as [number, number];
  const step = (last - first) / (grid - 1);
  let [best, least] = [first, Infinity];
  for (let tried = 0; tried < grid; tried += 1) {
    const log = first + tried * step;
    const { error } = at(log);
    if (error < least) [best, least] = [log, error];
  }
  const { exponent, level, slope } = at(
    leastBetween((log) => at(log).error, Math.max(first, best - step), Math.min(last, best + step)),
  );
  return { asymptote: level, scale: slope * unit ** exponent, exponent };
}

/** level - slope · bend, with the level from 0 to 1 and the slope from 0 on. */
function nearestLine(bends: Float64Array, accuracies: ArrayLike<number>, weights: ArrayLike<number>) {
  let [all, bend, accuracy, squares, products] = [0, 0, 0, 0, 0];
  for (let point = 0; point < bends.length; point += 1) {
    all += weights[point]!;
    bend += weights[point]! * bends[point]!;
    accuracy += weights[point]! * accuracies[point]!;
  }
  const [meanBend, meanAccuracy] = [bend / all, accuracy / all];
  for (let point = 0; point < bends.length; point += 1) {
    const away = bends[point]! - meanBend;
    squares += weights[point]! * away * away;
    products += weights[point]! * away * (accuracies[point]! - meanAccuracy);
  }
  let slope = Math.max(0, squares === 0 ? 0 : -products / squares);
  let level = meanAccuracy + slope * meanBend;
  if (level > 1) {
    // The line through 1 instead.
    let [own, missing] = [0, 0];
    for (let point = 0; point < bends.length; point += 1) {
      own += weights[point]! * bends[point]! * bends[point]!;
      missing += weights[point]! * bends[point]! * (1 - accuracies[point]!);
    }
    [level, slope] = [1, missing / own];
  }
  let error = 0;
  for (let point = 0; point < bends.length; point += 1)
    error += weights[point]! * (level - slope * bends[point]! - accuracies[point]!) ** 2;
  return { level, slope, error };
}

/** Where a function with one valley is least, by golden sections. */
function leastBetween(value: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [value(left), value(right)];
  for (let round = 0; round < 40; round += 1) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = value(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = value(right);
    }
  }
  // An end of the range may be the best, and is never reached by sections.
  return [from, to].reduce((best, end) => (value(end) <= value(best) ? end : best), (low + high) / 2);
}
