/** Task `predict`: one image through a run, with the image as the network saw it. */
import { writeFile } from 'node:fs/promises';
import { encodePng } from '#learning/files/png.ts';
import { encodeFull, toNetworkInput } from '../../images/decode/decode.ts';
import { checkedProbabilities, openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

export const predict: TaskFunction<'predict'> = async (input) => {
  const model = await openModel(input.folder, 1);
  const { preprocessing } = model.recipe;
  const { picture, name } = await readImage(input.project, input.image);
  const start = performance.now();
  const pixels = await toNetworkInput(picture, preprocessing, name);
  const probabilities = checkedProbabilities(await model.predictor.predict(pixels, [0]), model.classCount);
  const milliseconds = performance.now() - start;
  const { width, height, channels } = preprocessing;
  await writeFile(input.networkImage, encodePng(pixels, width, height, channels));
  await writeFile(input.fullImage, await encodeFull(picture, name));
  return { probabilities: [...probabilities], milliseconds };
};
