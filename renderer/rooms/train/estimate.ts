/**
 * What a training will take and bring, in words. After a run on this machine its time is told with "about"; before the first
 * one there is a range alone. How it is worked out is learning/timing.
 */
import type { Recipe } from '#recipe/recipe.ts';
import type { Run } from '#contract/run.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { duration, durationRange } from '../../format.ts';
import { sameButForSeed } from '../../state/changes.ts';

/** "about 5 min 26 s", or "roughly 5–15 min" before anything was measured; null where nothing can be said. */
export function timeWords(estimate: TimeEstimate | null): string | null {
  if (!estimate) return null;
  const { seconds, low, high } = estimate;
  return seconds === null ? `roughly ${durationRange(low, high)}` : `about ${duration(seconds)}`;
}

type Reached = Pick<Run, 'state' | 'recipe' | 'origin' | 'validationAccuracy'>;

/**
 * Mean validation accuracy of this project's finished runs of the same recipe, whatever their seeds; null where there
 * is none. Runs that began with the weights of another do not count.
 */
export function accuracyReached(recipe: Recipe, runs: readonly Reached[]): number | null {
  const reached = runs.flatMap((run) =>
    run.state === 'finished' &&
    run.origin === null &&
    run.validationAccuracy !== null &&
    sameButForSeed(run.recipe, recipe)
      ? [run.validationAccuracy]
      : [],
  );
  if (reached.length === 0) return null;
  return reached.reduce((sum, accuracy) => sum + accuracy, 0) / reached.length;
}
