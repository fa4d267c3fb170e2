/**
 * Learning rate over the steps of a run: pure numbers, so that the window draws the very curve that is trained.
 * Feeding them to the step is left to learning/training/loop/training-loop.ts.
 */
import type { Schedule } from './schedule.ts';

/** Where a run stands when it asks for a rate. */
export interface Position {
  /** From 0. */
  step: number;
  /** Of the whole run. */
  steps: number;
  stepsPerEpoch: number;
  /** Those done so far, in order: all that reduce-on-plateau looks at, so that a resumed run agrees with one never stopped. */
  epochs: readonly { validationLoss: number }[];
}

/** One-cycle starts at 1/25 of the peak and ends at 1/10,000 of that start, as Smith and Topin's followers do. */
const oneCycleStart = 1 / 25;
const oneCycleEnd = oneCycleStart / 1e4;

const halfCosine = (from: number, to: number, share: number) =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

/**
 * The warm-up (Goyal et al. 2017) climbs in a line and reaches the peak with its last step; what follows begins at
 * the peak, and counts its epochs from there.
 * @param peak the recipe's learning rate
 * @returns at least 0 and at most `peak`
 */
export function learningRate(schedule: Schedule, peak: number, position: Position): number {
  const { step, steps } = position;
  if (schedule.kind === 'one-cycle') return oneCycle(schedule.peakAt, peak, position);
  const warmSteps = Math.round(schedule.warmUp * steps);
  if (step < warmSteps) return (peak * (step + 1)) / warmSteps;
  const epochsSince = (step - warmSteps) / position.stepsPerEpoch;
  switch (schedule.kind) {
    case 'constant':
      return peak;
    case 'step':
      return peak * schedule.factor ** Math.floor(epochsSince / schedule.epochs);
    case 'exponential':
      return peak * schedule.factor ** epochsSince;
    case 'cosine': {
      const rest = steps - warmSteps;
      return rest > 1 ? halfCosine(peak, peak * schedule.minimum, (step - warmSteps) / rest) : peak;
    }
    case 'reduce-on-plateau': {
      const times = plateaus(position, warmSteps, schedule.patience);
      return peak * Math.max(schedule.factor ** times, schedule.minimum);
    }
    default:
      return schedule satisfies never;
  }
}

function oneCycle(peakAt: number, peak: number, { step, steps }: Position): number {
  const share = steps > 1 ? step / (steps - 1) : 0;
  if (share < peakAt) return halfCosine(peak * oneCycleStart, peak, share / peakAt);
  return halfCosine(peak, peak * oneCycleEnd, (share - peakAt) / (1 - peakAt));
}

/**
 * How often `patience` epochs in a row brought no lower validation loss than any before; each time the count begins
 * anew. Epochs that end within the warm-up lower the mark but are not waited for: their rate was still climbing.
 */
function plateaus({ epochs, stepsPerEpoch }: Position, warmSteps: number, patience: number): number {
  let lowest = Infinity;
  let waited = 0;
  let times = 0;
  epochs.forEach(({ validationLoss }, index) => {
    if (validationLoss < lowest) {
      lowest = validationLoss;
      waited = 0;
    } else if ((index + 1) * stepsPerEpoch > warmSteps) {
      waited += 1;
    }
    if (waited < patience) return;
    waited = 0;
    times += 1;
  });
  return times;
}
