/**
 * What a training will take and bring. After a run on this machine its time is told with "about"; before the first one
 * there is a range alone, from the pace of machines that were measured.
 */
import type { Recipe } from '#contract/recipe.ts';
import type { EngineInfo, Run } from '#contract/run.ts';
import { duration, durationRange } from '../format.ts';
import { sameButForSeed } from './changes.ts';

export interface Measured {
  imagesPerSecond: number;
  multiplyAdds: number;
}

export interface Work {
  images: number;
  epochs: number;
  /** Of the network, for one image. */
  multiplyAdds: number;
}

/** Seconds, by images a second scaled with the multiply-adds of the two networks; null where nothing was measured yet, or there are no images. */
export function estimateSeconds(plan: Work, measured: Measured | null): number | null {
  if (!measured || measured.imagesPerSecond <= 0 || measured.multiplyAdds <= 0) return null;
  if (plan.images <= 0 || plan.multiplyAdds <= 0) return null;
  const imagesPerSecond = measured.imagesPerSecond * (measured.multiplyAdds / plan.multiplyAdds);
  return (plan.images * plan.epochs) / imagesPerSecond;
}

/**
 * Multiply-adds of the network that a core trains in a second: `quick` did 2,268 images/s on two cores with AVX-512, and
 * a step of the benchmark was about three times as slow on two without it (docs/results.md).
 */
const pace = { fast: 12e9, slow: 4e9 };

/** Seconds at best and at worst, before anything was measured here; null where no such machine was measured. */
export function roughSeconds(plan: Work, engine: EngineInfo | null): [number, number] | null {
  // A GPU is told by its memory.
  if (engine?.kind !== 'tensorflow' || engine.device.endsWith('GiB)')) return null;
  if (plan.images <= 0 || plan.multiplyAdds <= 0 || engine.threads <= 0) return null;
  const work = (plan.images * plan.epochs * plan.multiplyAdds) / engine.threads;
  return [work / pace.fast, work / pace.slow];
}

/** "about 5 min 26 s", or "roughly 5–15 min" before anything was measured; null where nothing can be said. */
export function timeWords(plan: Work, measured: Measured | null, engine: EngineInfo | null): string | null {
  const seconds = estimateSeconds(plan, measured);
  if (seconds !== null) return `about ${duration(seconds)}`;
  const range = roughSeconds(plan, engine);
  return range && `roughly ${durationRange(...range)}`;
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
