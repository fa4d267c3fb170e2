/** Tasks `explain`, `nearest-open` and `nearest`: where a run sees the evidence of a class in one image, and which training images are like it. */
import { writeFile } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import { gradCam, whyNoGradCam } from '#learning/explain/grad-cam.ts';
import { NearestVectors } from '#learning/explain/nearest.ts';
import { occlude } from '#learning/explain/occlusion.ts';
import { overlayPng } from '#learning/explain/overlay.ts';
import { encodePng } from '#learning/files/png.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { readSnapshot } from '../../project/snapshot.ts';
import { keepClassifierFeatures, readClassifierFeatures } from '../classifier-features.ts';
import { checkedProbabilities, type OpenModel, openModel } from '../model.ts';
import type { Input, Result, TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

export const explain: TaskFunction<'explain'> = async (input, { signal }) => {
  const model = await openModel(input.folder, 1);
  const { classCount } = model;
  if (input.target !== null && input.target >= classCount)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected the place of one of ${classCount} classes to explain, received ${input.target}.`,
    );
  const { preprocessing } = model.recipe;
  const { width, height, channels, fit } = preprocessing;
  const { picture, name } = await readImage(input.project, input.image);
  const start = performance.now();
  const pixels = await toNetworkInput(picture, preprocessing, name);
  const probabilities = checkedProbabilities(await model.predictor.predict(pixels, [0]), classCount);
  const predicted = probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));
  const target = input.target ?? predicted;
  const found = await heatOf(model, input.method, pixels, target, probabilities[target]!, signal);
  const milliseconds = performance.now() - start;
  await writeFile(input.networkImage, encodePng(pixels, width, height, channels));
  if (found.heat)
    await writeFile(
      input.overlay,
      overlayPng(pixels, [height, width, channels], {
        ...found.heat,
        values: Float32Array.from(found.heat.values),
      }),
    );
  return {
    ...{ probabilities: [...probabilities], predicted, target, ...found },
    input: { width, height, fit },
    milliseconds,
  };
};

type Found = Pick<Result<'explain'>, 'heat' | 'reason' | 'layer' | 'patch'>;

async function heatOf(
  { network, several, normalisation, classCount, recipe }: OpenModel,
  method: Input<'explain'>['method'],
  pixels: Uint8Array,
  classIndex: number,
  probability: number,
  signal: AbortSignal,
): Promise<Found> {
  switch (method) {
    case 'grad-cam': {
      const map = await gradCam(network, normalisation, pixels, classIndex);
      if (!map) return { heat: null, reason: whyNoGradCam, layer: null, patch: null };
      const { layer, height, width, values } = map;
      return { heat: { height, width, values: finite(values) }, reason: null, layer, patch: null };
    }
    case 'occlusion': {
      const { width, height, channels } = recipe.preprocessing;
      const asked = { classIndex, classCount, probability };
      const found = await occlude(several, normalisation, pixels, [height, width, channels], asked, {
        signal,
      });
      return {
        heat: { height: found.height, width: found.width, values: finite(found.values) },
        ...{ reason: null, layer: null },
        patch: {
          ...{ height: found.patchHeight, width: found.patchWidth },
          ...{ stepDown: height / found.height, stepRight: width / found.width },
        },
      };
    }
    default:
      return method satisfies never;
  }
}

/** JSON has neither infinity nor what is not a number. */
const finite = (values: Float32Array): number[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : 0));

/** The rows that the run trained on and that are still there. @throws NOT_ENOUGH_DATA */
async function trainingRows(project: string, folder: string) {
  const snapshot = await readSnapshot(folder);
  const items = originalsUpTo(project, snapshot?.lastItemId ?? 0);
  const rows = (snapshot?.train ?? new Int32Array(0)).filter((row) => items[row] && !items[row].removed);
  if (!snapshot || rows.length === 0)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      'Expected training images of the run in the project, but there are none left. Train a run on the present images.',
    );
  return { rows, items, lastItemId: snapshot.lastItemId };
}

export const nearestOpen: TaskFunction<'nearest-open'> = async ({ project, folder }, context) => {
  const model = await openModel(folder, null);
  const { rows, lastItemId } = await trainingRows(project, folder);
  await keepClassifierFeatures(model, { project, lastItemId, rows }, context);
  return { images: rows.length };
};

export const nearest: TaskFunction<'nearest'> = async ({ project, folder, image, count }) => {
  const model = await openModel(folder, 1);
  const { rows, items, lastItemId } = await trainingRows(project, folder);
  const { picture, name } = await readImage(project, image);
  const pixels = await toNetworkInput(picture, model.recipe.preprocessing, name);
  const { features } = await model.outputs.read(pixels, [0]);
  const found = new NearestVectors(features, count);
  const own = image.kind === 'item' ? image.itemId : null;
  const others = own === null ? rows : rows.filter((row) => items[row]!.id !== own);
  const missing = await readClassifierFeatures(
    model,
    { project, lastItemId, rows: others },
    (some, vectors) => found.add(some, vectors),
  );
  return {
    missing,
    images: others.length,
    nearest: found.best.map(({ id, similarity }) => ({ itemId: items[id]!.id, similarity })),
  };
};
