/** Tasks `predict` and `inspect`: one image through a run, with the image as the network saw it, or what each layer makes of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '#learning/files/png.ts';
import { loadAnswerRule } from '#learning/answers/answer-rule-file.ts';
import { pictureLayers } from '#learning/evaluation/layer-pictures.ts';
import { encodeFull, toNetworkInput } from '../../images/decode/decode.ts';
import { judgedAnswers } from '../judged.ts';
import { checkedProbabilities, openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

export const predict: TaskFunction<'predict'> = async (input) => {
  const model = await openModel(input.folder, 1);
  const { preprocessing } = model.recipe;
  const { picture, name } = await readImage(input.project, input.image);
  const start = performance.now();
  const pixels = await toNetworkInput(picture, preprocessing, name);
  const kept = await loadAnswerRule(input.folder, model.epoch);
  const answered = kept
    ? (await judgedAnswers(model, kept, pixels, [0]))[0]!
    : {
        probabilities: [
          ...checkedProbabilities(await model.predictor.predict(pixels, [0]), model.classCount),
        ],
        verdict: 'answer' as const,
        judged: null,
      };
  const milliseconds = performance.now() - start;
  const { width, height, channels } = preprocessing;
  await writeFile(input.networkImage, encodePng(pixels, width, height, channels));
  await writeFile(input.fullImage, await encodeFull(picture, name));
  return { ...answered, milliseconds };
};

export const inspect: TaskFunction<'inspect'> = async ({ project, folder, image, pictures }) => {
  const { recipe, network, normalisation } = await openModel(folder, 1);
  const { picture, name } = await readImage(project, image);
  const pixels = await toNetworkInput(picture, recipe.preprocessing, name);
  const layers = await pictureLayers(network, normalisation, pixels);
  return Promise.all(
    layers.map(async ({ activationsPng, filtersPng, ...layer }, index) => {
      if (activationsPng) await writeFile(join(pictures, `activations-${index}`), activationsPng);
      if (filtersPng) await writeFile(join(pictures, `filters-${index}`), filtersPng);
      return { ...layer, activations: activationsPng !== null, filters: filtersPng !== null };
    }),
  );
};
