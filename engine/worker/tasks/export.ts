/** Task `export`: a run as a file, after another runtime has reproduced the studio's answers. */
import { exportRun } from '#learning/export/export-run.ts';
import { loadAnswerRule } from '#learning/answers/answer-rule-file.ts';
import type { ExportInput } from '#learning/export/export-input.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { loadPack } from '../../images/packs/pack.ts';
import { readFloat32, readInt32 } from '../../project/arrays.ts';
import { judgedAnswers } from '../judged.ts';
import { openModel } from '../model.ts';
import type { Input, TaskFunction } from '../protocol.ts';

export const exportTask: TaskFunction<'export'> = async (input, { emit, signal }) => {
  const model = await loadModel(input.folder);
  const { height, width, channels } = model.recipe.preprocessing;
  const rows = await readInt32(input.golden.rows);
  const { pixels } = await loadPack(input.project, model.recipe.preprocessing, input.lastItemId, {
    rows,
    signal,
  });
  const size = height * width * channels;
  const goldenPixels = new Uint8Array(rows.length * size);
  rows.forEach((row, index) => goldenPixels.set(pixels.subarray(row * size, (row + 1) * size), index * size));
  return exportRun(input.format, {
    recipe: model.recipe,
    classes: input.classes,
    weights: model.weights,
    normalisation: model.normalisation,
    evaluation: input.evaluation,
    goldenPixels,
    ...(await golden(input, model.epoch, goldenPixels, rows.length, signal)),
    goldenLabels: await readInt32(input.golden.labels),
    path: input.path,
    meta: input.meta,
    onProgress: (done, total) => emit({ kind: 'step', done, total, unit: 'images' }),
    signal,
  });
};

/** The studio's answers: those that are stored, and under an answer rule what it says now. */
async function golden(
  { folder, golden: { predictions } }: Input<'export'>,
  epoch: number,
  pixels: Uint8Array,
  images: number,
  signal: AbortSignal,
): Promise<Pick<ExportInput, 'goldenProbabilities' | 'rule'>> {
  const kept = await loadAnswerRule(folder, epoch);
  if (!kept) return { goldenProbabilities: await readFloat32(predictions), rule: null };
  const { rule, novelty } = kept;
  const indices = Int32Array.from({ length: images }, (_, at) => at);
  const answers = await judgedAnswers(await openModel(folder, null), kept, pixels, indices, { signal });
  return {
    goldenProbabilities: Float32Array.from(answers.flatMap(({ probabilities }) => probabilities)),
    rule: {
      ...rule,
      novelty,
      golden: {
        novelty: Float64Array.from(answers, ({ judged }) => judged.novelty ?? NaN),
        verdicts: answers.map(({ verdict }) => verdict),
      },
    },
  };
}
