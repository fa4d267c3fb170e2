/** Task `evaluate`: a run's answers to a list of rows, and their scores. */
import { evaluate as score } from '#learning/evaluation/scores.ts';
import { providePack } from '../../images/pack.ts';
import { readInt32, writeArray } from '../../project/arrays.ts';
import { checkedProbabilities, openModel, packPixels } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';

export const evaluate: TaskFunction<'evaluate'> = async (input, { emit, signal }) => {
  const model = await openModel(input.folder, null, input.testTime);
  const onProgress = (done: number, total: number) => emit({ kind: 'step', done, total, unit: 'images' });
  const pack = await providePack(input.project, model.recipe.preprocessing, input.lastItemId, {
    signal,
    onProgress,
  });
  const rows = await readInt32(input.rows);
  const labels = await readInt32(input.labels);
  const answers = await model.predictor.predict(await packPixels(pack), rows, { signal, onProgress });
  const probabilities = checkedProbabilities(answers, model.classCount);
  await writeArray(input.predictions, probabilities);
  return score(probabilities, labels, model.classCount, model.recipe.training.topK);
};
