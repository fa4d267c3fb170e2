/**
 * What probes share: brief trainings from where a run would begin, for what they tell. Weights are thrown away, nothing
 * is written. What is learned from the steps is learning-rate-finder.ts and measure-steps.ts.
 */
import type { Recipe } from '#recipe/recipe.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import { atTheBeginning, type TrainState } from '#learning/training/checkpoint/checkpoint.ts';
import { checkData, type TrainingData } from '#learning/training/loop/training-data.ts';
import { begin, knownFrom, readInitial } from '#learning/training/checkpoint/initial.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import { beginsProbed, fitClassifier } from '#learning/training/frozen/linear-probe.ts';
import { type Trainer, openTrainer, withNeededPixels } from '#learning/training/loop/trainer.ts';
import { asOutOfMemory } from '#learning/training/loop/out-of-memory.ts';

export interface ProbeOptions {
  signal: AbortSignal;
  /** File that the run would begin with, of an earlier one (initial.ts); random weights where absent. */
  initial?: string;
  /** Where features of frozen layers are kept. */
  store?: FeatureStore;
  /** Told while features of frozen layers are computed. */
  onFeatures?: (done: number, total: number) => void;
  /** Told after each step. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Opens a trainer where a run of this recipe would begin, and closes it after `work`.
 * @param work looks at the signal itself
 * @throws as train does before its first step
 */
export async function probe<T>(
  recipe: Recipe,
  given: TrainingData,
  { signal, initial: path, store, onFeatures }: ProbeOptions,
  work: (trainer: Trainer, trainState: TrainState) => Promise<T>,
): Promise<T> {
  keepBudget(summarise(recipe, given.classCount));
  checkData(recipe, given);
  const data = await withNeededPixels(recipe, given);
  const initial = path === undefined ? null : await readInitial(path);
  let trainer: Trainer | null = null;
  try {
    trainer = await openTrainer(recipe, data, signal, initial ? knownFrom(initial) : undefined);
    const stepsBefore = initial
      ? begin(trainer.variables, initial, recipe.training.optimizer).stepsBefore
      : 0;
    await trainer.prepare({ signal, store, onProgress: onFeatures });
    if (beginsProbed(recipe, initial)) await fitClassifier(trainer, signal);
    return await work(trainer, atTheBeginning(stepsBefore));
  } catch (error) {
    throw asOutOfMemory(error, recipe, data.classCount, data.train.length);
  } finally {
    trainer?.dispose();
  }
}
