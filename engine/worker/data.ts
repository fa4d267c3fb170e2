/** What a training or a probe learns from: the snapshot in a folder, and the pixels of the project at the recipe's size. */
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import type { TrainingData } from '#learning/training/data.ts';
import { loadPack } from '../images/pack.ts';
import { readSnapshot } from '../project/snapshot.ts';
import type { StepDone } from './protocol.ts';

/** @throws INTERNAL where the folder holds no snapshot, and what `loadPack` throws */
export async function trainingData(
  input: { project: string; folder: string; recipe: Recipe; classCount: number; resume?: boolean },
  emit: (event: StepDone) => void,
  signal: AbortSignal,
): Promise<TrainingData> {
  const { project, folder, recipe, classCount } = input;
  const snapshot = await readSnapshot(folder);
  if (!snapshot) throw new AtelierError('INTERNAL', `Training expects a snapshot of the data in ${folder}.`);
  const { labels, train, validation } = snapshot;
  const { pixels } = await loadPack(project, recipe.preprocessing, snapshot.lastItemId, {
    rows: [...train, ...validation],
    // What is gone on with saw the images as they were imported, and goes on with those.
    fresh: !input.resume,
    signal,
    onProgress: (done, total) => emit({ kind: 'step', done, total, unit: 'images' }),
  });
  return { pixels, labels, train, validation, classCount };
}
