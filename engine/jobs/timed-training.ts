/** A training as its times are told and learned from: which engine computes it, on how many images of which size. */
import type { Split } from '#contract/project.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo, Run } from '#contract/run.ts';
import { defaultThreads } from '#learning/cores.ts';
import { pacesOf } from '#learning/timing/estimate.ts';
import type { TrainingPaces } from '#learning/timing/paced.ts';
import type { Pace, PaceEngine } from '#learning/timing/paces.ts';
import { storageOf } from '../images/storage/storages.ts';
import { knownPaces, rememberPaces } from '../paces.ts';
import { median, sampledSizes } from '../project/items.ts';
import type { OpenProject } from '../project/project.ts';
import type { TimedTraining } from './time-left.ts';

/** Of an original in pixels, the median; 0 where they are kept as pixels. */
export function sourcePixelsOf(project: OpenProject): number {
  const sizes = project.read(sampledSizes);
  return median(
    sizes.map(({ storage, width, height }) => (storageOf(storage).originals ? width * height : 0)),
  );
}

/**
 * What computes it: the engine that was found, else the one that was measured last, with the recipe's precision.
 * @param threads null for as many as the engine takes by itself
 */
export function paceEngine(
  found: EngineInfo | null,
  { training }: Recipe,
  threads: number | null,
  paces: readonly Pace[],
): PaceEngine {
  const known = found ?? paces[paces.length - 1]?.engine;
  return {
    kind: known?.kind ?? 'tensorflow',
    device: known?.device ?? '',
    threads: threads ?? defaultThreads(),
    precision: training.precision,
  };
}

/**
 * A training of a run as its times are told and learned from: of the project's parts as they are now. null where it cannot
 * be told, such as of a recipe of an earlier version: that is no reason not to train.
 */
export function timedTraining(
  project: OpenProject,
  run: Pick<Run, 'id' | 'recipe'>,
  {
    threads,
    evaluate,
    trainingImages,
  }: { threads: number | null; evaluate: readonly ('validation' | 'test')[]; trainingImages?: number },
): TimedTraining | null {
  try {
    const classes = new Set(project.runs.classesOf(run.id).map(({ id }) => id));
    const { columns } = project;
    const paces = knownPaces();
    const count = (part: Split) =>
      columns.ofSplit(part).filter((row) => classes.has(columns.classIds[row]!)).length;
    return {
      recipe: run.recipe,
      classCount: classes.size,
      counts: {
        train: trainingImages ?? count('train'),
        validation: count('validation'),
        test: evaluate.length > 0 && !evaluate.includes('test') ? 0 : count('test'),
      },
      sourcePixels: sourcePixelsOf(project),
      evaluates: evaluate.length > 0,
      paces,
      engine: paceEngine(null, run.recipe, threads, paces),
    };
  } catch {
    return null;
  }
}

/** Keeps what a training took, for the estimates of those to come. */
export function rememberTraining(
  { recipe, classCount, counts, sourcePixels }: TimedTraining,
  engine: EngineInfo | null,
  paces: TrainingPaces,
  seconds: number,
): void {
  if (!engine) return;
  const { kind, device, threads, precision } = engine;
  const measured = { paces, seconds, counts, sourcePixels };
  rememberPaces(pacesOf(recipe, classCount, { kind, device, threads, precision }, measured));
}
