/**
 * Whether bfloat16 may replace float32 for a recipe on this machine, evaluated by the same steps taken in both
 * (measure-steps.ts). Pure numbers: the studio asks this where no engine is loaded.
 */
import type { PrecisionReport } from '#contract/probes.ts';
import { smoothed } from './smoothing.ts';

export interface StepMeasurement {
  /** Mean cross-entropy of each step's batch, in order; ends before a loss that is not finite. */
  losses: number[];
  imagesPerSecond: number;
}

/** About ten batches' mean: single losses differ between batches by more than precisions ever do. */
const smoothing = 0.9;
/** Two runs that differ in rounding alone part ways by about this much in the first hundred steps. */
export const largestAllowedDifference = 0.05;
/** Less is not worth a result that differs. */
export const leastGain = 1.1;

/**
 * The loss follows where the two smoothed curves nowhere differ by more than 5 % of float32's; bfloat16 is
 * recommended where it does and trains at least 1.1 times as many images a second.
 * @returns `largestDifference` as a share of float32's smoothed loss; null where one ended before the other, or at once
 */
export function comparePrecisions(
  float32: StepMeasurement,
  bfloat16: StepMeasurement,
): Pick<PrecisionReport, 'largestDifference' | 'recommended'> {
  const steps = float32.losses.length;
  if (steps === 0 || steps !== bfloat16.losses.length) return { largestDifference: null, recommended: false };
  const exact = smoothed(float32.losses, smoothing);
  const rounded = smoothed(bfloat16.losses, smoothing);
  // A loss of 0 has no shares.
  const differences = exact.map((loss, step) => Math.abs(rounded[step]! - loss) / Math.max(loss, 1e-6));
  const largest = Math.max(...differences);
  const gain = bfloat16.imagesPerSecond / float32.imagesPerSecond;
  return {
    largestDifference: largest,
    recommended: largest <= largestAllowedDifference && gain >= leastGain,
  };
}
