/** Task `export`: a run as a file, after another runtime has reproduced the studio's answers. */
import { exportRun } from '#learning/export/export-run.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { loadPack } from '../../images/packs/pack.ts';
import { readFloat32, readInt32 } from '../../project/arrays.ts';
import type { TaskFunction } from '../protocol.ts';

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
    goldenProbabilities: await readFloat32(input.golden.predictions),
    goldenLabels: await readInt32(input.golden.labels),
    path: input.path,
    meta: input.meta,
    onProgress: (done, total) => emit({ kind: 'step', done, total, unit: 'images' }),
    signal,
  });
};
