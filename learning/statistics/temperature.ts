/**
 * Temperature scaling (Guo et al. 2017): one number that makes probabilities as sure as they are right, without changing
 * which class is the most probable. It is fitted on images that the network was not trained on, the validation images.
 */

export interface Temperature {
  /** What logits are divided by: above 1 where the network is too sure, below 1 where it is not sure enough. */
  temperature: number;
  /** Mean cross-entropy in nats as it was, and with the temperature. */
  before: number;
  after: number;
  /**
   * The best lies beyond `temperatureRange`: all predictions are right, or they are no better than chance. Such images cannot
   * tell a temperature that is worth using.
   */
  bounded: boolean;
}

export const temperatureRange = [0.01, 100] as const;

/** A probability that float32 rounded to zero counts as this one, as in the loss. */
const leastProbability = 1e-30;

/**
 * Newton's method on log T, halving the range that the best is known to lie in wherever a step would leave it. The
 * cross-entropy is convex in 1 / T, so that it always ends at the best.
 * @param scores [n, classCount], row-major: probabilities, or logits where `of` says so
 * @param labels class index of each of the n images
 * @returns null where there are no images
 * @throws RangeError where sizes disagree
 */
export function fitTemperature(
  scores: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
  { of = 'probabilities' }: { of?: 'probabilities' | 'logits' } = {},
): Temperature | null {
  if (scores.length !== labels.length * classCount)
    throw new RangeError(
      `Expected [${labels.length}, ${classCount}] scores, received ${scores.length} values`,
    );
  if (labels.length === 0) return null;
  const logits = of === 'logits' ? Float64Array.from(scores) : Float64Array.from(scores, logitOf);
  const at = (log: number) => crossEntropy(logits, labels, classCount, Math.exp(-log));
  const { value: before, slope } = at(0);
  if (slope === 0) return { temperature: 1, before, after: before, bounded: false };
  let [low, high] = temperatureRange.map(Math.log) as [number, number];
  // The slope falls as the temperature rises: where it does not change its sign, the best is an end.
  if (at(low).slope <= 0)
    return { temperature: temperatureRange[0], before, after: at(low).value, bounded: true };
  if (at(high).slope >= 0)
    return { temperature: temperatureRange[1], before, after: at(high).value, bounded: true };
  let log = 0;
  for (let round = 0; round < 100; round += 1) {
    const here = at(log);
    if (here.slope > 0) low = log;
    else high = log;
    const newton = log + (here.slope * Math.exp(log)) / here.curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const step = Math.abs(next - log);
    log = next;
    if (step < 1e-13) break;
  }
  return { temperature: Math.exp(log), before, after: at(log).value, bounded: false };
}

/**
 * Probabilities at a temperature: each to the power of 1 / T, made to sum to 1 again.
 * @param probabilities [n, classCount], row-major
 * @returns the same shape
 */
export function scale(probabilities: Float32Array, temperature: number, classCount: number): Float32Array {
  const scaled = new Float32Array(probabilities.length);
  const powers = new Float64Array(classCount);
  for (let offset = 0; offset < probabilities.length; offset += classCount) {
    let greatest = -Infinity;
    for (let index = 0; index < classCount; index += 1) {
      powers[index] = logitOf(probabilities[offset + index]!) / temperature;
      greatest = Math.max(greatest, powers[index]!);
    }
    let sum = 0;
    for (let index = 0; index < classCount; index += 1)
      sum += powers[index] = Math.exp(powers[index]! - greatest);
    for (let index = 0; index < classCount; index += 1) scaled[offset + index] = powers[index]! / sum;
  }
  return scaled;
}

const logitOf = (probability: number): number => Math.log(Math.max(probability, leastProbability));

/** Mean cross-entropy of softmax(inverse · logits), and its first two derivatives by `inverse`. */
function crossEntropy(
  logits: Float64Array,
  labels: ArrayLike<number>,
  classCount: number,
  inverse: number,
): { value: number; slope: number; curvature: number } {
  let [value, slope, curvature] = [0, 0, 0];
  for (let image = 0; image < labels.length; image += 1) {
    const offset = image * classCount;
    let greatest = -Infinity;
    for (let index = 0; index < classCount; index += 1)
      greatest = Math.max(greatest, logits[offset + index]!);
    // From the greatest logit on, so that squares do not cancel.
    let [sum, first, second] = [0, 0, 0];
    for (let index = 0; index < classCount; index += 1) {
      const below = logits[offset + index]! - greatest;
      const weight = Math.exp(inverse * below);
      sum += weight;
      first += weight * below;
      second += weight * below * below;
    }
    const own = logits[offset + labels[image]!]! - greatest;
    const mean = first / sum;
    value += Math.log(sum) - inverse * own;
    slope += mean - own;
    curvature += second / sum - mean * mean;
  }
  const count = labels.length;
  return { value: value / count, slope: slope / count, curvature: curvature / count };
}
