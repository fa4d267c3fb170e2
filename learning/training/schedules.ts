/**
 * Learning rate over the steps of a run: pure numbers. Feeding them to the step is left to train.ts.
 */
import type { Schedule } from '#contract/recipe.ts';

/** One-cycle starts at 1/25 of the peak and ends at 1/10,000 of that start, as Smith and Topin's followers do. */
const oneCycleStart = 1 / 25;
const oneCycleEnd = oneCycleStart / 1e4;

const halfCosine = (from: number, to: number, share: number) =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

/**
 * @param peak the recipe's learning rate
 * @param step from 0
 * @param steps of the whole run
 */
export function learningRate(schedule: Schedule, peak: number, step: number, steps: number): number {
  const share = steps > 1 ? step / (steps - 1) : 0;
  switch (schedule.kind) {
    case 'constant':
      return peak;
    case 'cosine': {
      const warmSteps = Math.round(schedule.warmUp * steps);
      if (step < warmSteps) return (peak * (step + 1)) / warmSteps;
      const rest = steps - warmSteps;
      return rest > 1 ? halfCosine(peak, 0, (step - warmSteps) / rest) : peak;
    }
    case 'one-cycle':
      if (share < schedule.peakAt) return halfCosine(peak * oneCycleStart, peak, share / schedule.peakAt);
      return halfCosine(peak, peak * oneCycleEnd, (share - schedule.peakAt) / (1 - schedule.peakAt));
    default:
      return schedule satisfies never;
  }
}
