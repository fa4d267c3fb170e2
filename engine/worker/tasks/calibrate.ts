/** Task `calibrate`: fits an answer rule on what a run's network gives for its training and validation images, and keeps it in the run's folder. */
import { saveAnswerRule } from '#learning/answers/answer-rule-file.ts';
import { fitAnswerRule } from '#learning/answers/fit-answer-rule.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import { loadPack } from '../../images/packs/pack.ts';
import { readInt32 } from '../../project/arrays.ts';
import { openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';

/** Training images that are looked at: more say nothing more of where the classes lie. */
const mostImages = 20_000;
/** Bytes of their features. */
const mostBytes = 2 ** 28;

export const calibrate: TaskFunction<'calibrate'> = async (input, { emit, signal }) => {
  const model = await openModel(input.folder, null);
  const { outputs, recipe, classCount, epoch } = model;
  const read = async (part: { rows: string; labels: string }, most: number) => {
    const [rows, labels] = [await readInt32(part.rows), await readInt32(part.labels)];
    const count = Math.min(most, rows.length);
    // Spread evenly: neighbours are often of one class.
    const places = Int32Array.from({ length: count }, (_, at) => Math.floor((at * rows.length) / count));
    return { rows: places.map((place) => rows[place]!), labels: places.map((place) => labels[place]!) };
  };
  const train = await read(
    input.train,
    Math.min(mostImages, Math.max(1, Math.floor(mostBytes / (4 * outputs.size)))),
  );
  const validation = await read(input.validation, Infinity);
  const total = train.rows.length + validation.rows.length;
  const { pixels } = await loadPack(input.project, recipe.preprocessing, input.lastItemId, {
    rows: [...train.rows, ...validation.rows],
    signal,
  });
  const looked = (before: number) => ({
    signal,
    onProgress: (done: number) => emit({ kind: 'step', done: before + done, total, unit: 'images' }),
  });
  const { features } = await outputs.read(pixels, train.rows, looked(0));
  const seen = await outputs.read(pixels, validation.rows, looked(train.rows.length));
  const { rule, novelty } = await inTurns(
    fitAnswerRule(
      { features, labels: train.labels },
      { ...seen, labels: validation.labels },
      classCount,
      input.choice,
    ),
    'fitting the answer rule',
    signal,
  );
  const kept = { ...rule, epoch, fittedAt: new Date().toISOString() };
  await saveAnswerRule(input.folder, { rule: kept, novelty });
  return kept;
};
