/**
 * Reads a learning rate off the losses of a rate search. Pure; taking the steps is learning-rate-finder.ts.
 */
import type { RateSearch } from '#contract/probes.ts';
import { smoothed } from './smoothing.ts';

export const lowestRate = 1e-6;
export const highestRate = 10;
/** About twenty a decade. */
export const searchSteps = 140;

/** The average lags by about nine steps, less than half a decade. */
const smoothing = 0.9;
/** A loss of this many times the least has diverged. */
const divergence = 4;
/** Slopes are taken between points this many steps before and after: a quarter of a decade each way. */
const reach = 5;
/** The first steps, whose rates teach nothing, tell the loss from which it falls. */
const beginning = 20;
/** Batches differ: a smaller fall than this share may be chance. */
const leastFall = 0.05;

/** Evenly spaced on the logarithm. @param step from 0 */
export function searchRate(step: number): number {
  return lowestRate * (highestRate / lowestRate) ** (step / (searchSteps - 1));
}

/** True once the smoothed loss is over four times its least, or a loss is not finite: higher rates tell no more. */
export function hasDiverged(losses: readonly number[]): boolean {
  const curve = smoothed(losses, smoothing);
  const last = curve.at(-1) ?? 0;
  return !Number.isFinite(last) || last > divergence * Math.min(...curve);
}

/**
 * The suggestion is the rate at which the smoothed loss falls most steeply on the logarithm of the rate, before it
 * is least (Smith 2015 looks for where the loss begins to fall and where it ceases to; the steepest point lies
 * between). Null where the smoothed loss never came 5 % below where it began.
 * @param losses of the steps, from the lowest rate on; the last ones may be not finite, and are left out
 */
export function readCurve(losses: readonly number[]): RateSearch {
  const end = losses.findIndex((loss) => !Number.isFinite(loss));
  const finite = end < 0 ? losses : losses.slice(0, end);
  const curve = smoothed(finite, smoothing);
  const points = curve.map((loss, step) => ({ rate: searchRate(step), loss }));
  if (curve.length <= beginning) return { points, suggestion: null };
  const level = finite.slice(0, beginning).reduce((sum, loss) => sum + loss, 0) / beginning;
  // Not among the first, whose average is still of a few batches.
  const least = curve.lastIndexOf(Math.min(...curve.slice(beginning)));
  if (curve[least]! >= level * (1 - leastFall)) return { points, suggestion: null };
  let steepest: { step: number; slope: number } = { step: least, slope: 0 };
  for (let step = beginning; step <= least; step += 1) {
    const after = Math.min(step + reach, curve.length - 1);
    const slope = (curve[after]! - curve[step - reach]!) / (after - step + reach);
    if (slope < steepest.slope) steepest = { step, slope };
  }
  return { points, suggestion: points[steepest.step]!.rate };
}
