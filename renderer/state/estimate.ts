/**
 * What a training will take and bring, judged by earlier runs on this machine. Rough figures, shown with "about"; none
 * is shown without such a run.
 */
import type { Run } from '#contract/entities.ts';
import type { Recipe } from '#contract/recipe.ts';
import { sameButForSeed } from './changes.ts';

export interface Measured {
  imagesPerSecond: number;
  multiplyAdds: number;
}

/** Seconds, by images a second scaled with the multiply-adds of the two networks; null where nothing was measured yet. */
export function estimateSeconds(
  plan: { images: number; epochs: number; multiplyAdds: number },
  measured: Measured | null,
): number | null {
  if (!measured || measured.imagesPerSecond <= 0 || measured.multiplyAdds <= 0 || plan.multiplyAdds <= 0)
    return null;
  const imagesPerSecond = measured.imagesPerSecond * (measured.multiplyAdds / plan.multiplyAdds);
  return (plan.images * plan.epochs) / imagesPerSecond;
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
