/**
 * What calibration error a perfectly calibrated network would show: its answers are drawn from its own probabilities (consistency resampling,
 * Bröcker and Smith 2007). The error of few images is above zero whoever answers, so that a bootstrap interval around it would lie too high;
 * this range says whether it is more than chance.
 */
import type { Interval } from '#recipe/metrics/interval.ts';
import { reliabilityBins } from '#recipe/statistics/reliability.ts';
import { generator } from '../random-numbers.ts';
import type { Work } from '../work-in-turns.ts';
import { quantile } from './bootstrap.ts';

/**
 * The middle 95 % of the expected calibration errors that would come out if each image were right as often as its probability says: the same
 * probabilities in the same bins, drawn right or wrong anew. Seeded.
 * @param confidence probability of the most probable class of each image, [n]; what is not a number counts nowhere
 * @param draws how often all images are drawn
 * @returns null where there are no images
 */
export function* consistencyRange(
  confidence: Float32Array,
  { draws = 2000, seed = 0 }: { draws?: number; seed?: number } = {},
): Work<Interval | null> {
  const filled = reliabilityBins({ confidence, right: new Uint8Array(confidence.length) }).filter(
    ({ images }) => images > 0,
  );
  if (filled.length === 0) return null;
  // Bins rise, and what is not a number is sorted to the end: each bin is a stretch of the sorted ones.
  const sorted = confidence.slice().sort();
  const all = filled.reduce((sum, { images }) => sum + images, 0);
  const uniform = generator(seed, draws);
  const errors = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let [image, off] = [0, 0];
    for (const { images, confidence: mean } of filled) {
      let right = 0;
      for (const end = image + images; image < end; image += 1) if (uniform() < sorted[image]!) right += 1;
      off += Math.abs(images * mean! - right);
    }
    errors[draw] = off / all;
    yield;
  }
  errors.sort();
  return { low: quantile(errors, 0.025), high: quantile(errors, 0.975) };
}
