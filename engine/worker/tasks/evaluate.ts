/** Task `evaluate`: a run's answers to a list of rows, and their scores. */
import { evaluate as score } from '#learning/evaluation/scores.ts';
import { loadPack } from '../../images/pack.ts';
import { readInt32, writeArray } from '../../project/arrays.ts';
import { checkedProbabilities, openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';

export const evaluate: TaskFunction<'evaluate'> = async (input, { emit, signal }) => {
  const model = await openModel(input.folder, null, input.testTime);
  const onProgress = (done: number, total: number) => emit({ kind: 'step', done, total, unit: 'images' });
  const rows = await readInt32(input.rows);
  const { pixels } = await loadPack(input.project, model.recipe.preprocessing, input.lastItemId, {
    rows,
    signal,
    onProgress,
  });
  const labels = await readInt32(input.labels);
  const answers = await model.predictor.predict(pixels, rows, { signal, onProgress });
  const probabilities = checkedProbabilities(answers, model.classCount);
  await writeArray(input.predictions, probabilities);
  return score(probabilities, labels, model.classCount, model.recipe.training.topK);
};
