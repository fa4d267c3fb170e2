/**
 * Task `evaluate`: a run's answers to a list of rows, and their scores. Where the run trained behind frozen layers whose
 * output is kept, the answers begin with that, and pixels are read only for images that nobody looked at yet.
 */
import { predictFromFeatures } from '#learning/evaluation/predict-features.ts';
import { evaluate as score } from '#recipe/metrics/scores.ts';
import { planFeatures } from '#recipe/planned-features.ts';
import { openFeatureStore } from '../../images/features/feature-store.ts';
import { loadPack } from '../../images/packs/pack.ts';
import { readInt32, writeArray } from '../../project/arrays.ts';
import { readSnapshot } from '../../project/snapshot.ts';
import { checkedProbabilities, type OpenModel, openModel } from '../model.ts';
import type { Input, TaskFunction } from '../protocol.ts';

export const evaluate: TaskFunction<'evaluate'> = async (input, { emit, signal }) => {
  const model = await openModel(input.folder, null, input.tta);
  const onProgress = (done: number, total: number) => emit({ kind: 'step', done, total, unit: 'images' });
  const rows = await readInt32(input.rows);
  const labels = await readInt32(input.labels);
  const answers = await answersTo(model, input, rows, { signal, onProgress });
  const probabilities = checkedProbabilities(answers, model.classCount);
  await writeArray(input.predictions, probabilities);
  return score(probabilities, labels, model.classCount, model.recipe.training.topK);
};

const nothingKept = { count: 0, reason: null };

async function answersTo(
  { recipe, network, normalisation, predictor }: OpenModel,
  { project, folder, lastItemId, tta }: Input<'evaluate'>,
  rows: Int32Array,
  options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<Float32Array> {
  const pixels = async () =>
    (await loadPack(project, recipe.preprocessing, lastItemId, { rows, ...options })).pixels;
  const snapshot = await readSnapshot(folder);
  const { count, reason } = snapshot ? planFeatures(network, recipe, snapshot) : nothingKept;
  // Mirrored and moved images are others, whose features nobody keeps.
  if (count === 0 || reason !== null || tta !== 'none')
    return predictor.predict(await pixels(), rows, options);
  const store = openFeatureStore(project, recipe.preprocessing, lastItemId, options.signal);
  return predictFromFeatures(network, normalisation, count, rows, { store, pixels, ...options });
}
