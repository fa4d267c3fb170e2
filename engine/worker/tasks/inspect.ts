/** Task `inspect`: what each layer of a run makes of one image, as pictures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureLayers } from '#learning/evaluation/layer-pictures.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

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
