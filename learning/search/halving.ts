/**
 * Successive halving without waiting (ASHA, Li et al. 2018): all trials train for a few epochs, the best one in
 * `reduction` goes on for `reduction` times as many, and so on to the end of the recipe. Scores of an early rung
 * are those of a schedule that has not come down yet: they rank trials, they do not foretell results.
 */

export interface Halving {
  reduction: number;
  minimumEpochs: number;
}

/** A trial as halving sees it. */
export interface Climber {
  number: number;
  /** Epochs that it was last told to train to. */
  target: number;
  /** Trains now, or is about to go on to its target. */
  underWay: boolean;
  /** Nothing more comes of it: trained to the end, stopped early, or failed. */
  ended: boolean;
  failed: boolean;
  /** After each epoch so far; more is better. */
  scores: readonly number[];
}

/** Epochs at which trials are compared, rising; the last is the whole training. */
export function rungs({ reduction, minimumEpochs }: Halving, epochs: number): number[] {
  const result: number[] = [];
  for (let rung = minimumEpochs; rung < epochs; rung *= reduction) result.push(rung);
  return [...result, epochs];
}

/**
 * Highest score of the first epochs; null where the trial has not come that far, the lowest where it failed on its
 * way there. At rungs beyond it does not count: each would let another trial go on.
 */
export function scoreAt({ target, failed, ended, scores }: Climber, rung: number): number | null {
  if (failed) return target >= rung ? -Infinity : null;
  if (scores.length < rung && !ended) return null;
  return Math.max(-Infinity, ...scores.slice(0, rung));
}

/**
 * The trial to go on with and how far, from the highest rung down: one that is among the best floor(n / reduction)
 * of the n that have reached its rung and has not gone on yet. null where a new trial should start instead.
 */
export function promotion(
  trials: readonly Climber[],
  steps: readonly number[],
  reduction: number,
): { number: number; target: number } | null {
  for (let rung = steps.length - 2; rung >= 0; rung--) {
    const here = steps[rung]!;
    const reached = trials
      .map((trial) => ({ trial, score: scoreAt(trial, here) }))
      .filter((entry): entry is { trial: Climber; score: number } => entry.score !== null)
      .sort((a, b) => (a.score === b.score ? a.trial.number - b.trial.number : b.score - a.score));
    const best = reached.slice(0, Math.floor(reached.length / reduction));
    const next = best.find(({ trial }) => !trial.ended && !trial.underWay && trial.target <= here);
    if (next) return { number: next.trial.number, target: steps[rung + 1]! };
  }
  return null;
}

/** Epochs that so many trials come to, where each rung lets one in `reduction` go on. */
export function expectedEpochs(trials: number, steps: readonly number[], reduction: number): number {
  let [left, sum, before] = [trials, 0, 0];
  for (const step of steps) {
    sum += left * (step - before);
    before = step;
    left = Math.floor(left / reduction);
  }
  return sum;
}

/**
 * The trial to go on with when no more are to come and none has been trained to the end: the best of the highest rung
 * that any has reached, so that a search ends with a whole training however few its trials were. null where one has
 * been, or all failed.
 */
export function finalist(
  trials: readonly Climber[],
  steps: readonly number[],
): { number: number; target: number } | null {
  const left = trials.filter(({ failed }) => !failed);
  if (left.some(({ ended }) => ended)) return null;
  for (let rung = steps.length - 2; rung >= 0; rung--) {
    const [best] = left
      .map((trial) => ({ trial, score: scoreAt(trial, steps[rung]!) }))
      .filter(({ trial, score }) => score !== null && trial.target >= steps[rung]!)
      .sort((a, b) => (a.score === b.score ? a.trial.number - b.trial.number : b.score! - a.score!));
    if (best) return { number: best.trial.number, target: steps[rung + 1]! };
  }
  return null;
}
