/** The studio's own training step, open on drawn images: what the modes `traced`, `profile` and `epoch` measure. */
import type { Recipe } from '#recipe/recipe.ts';
import { AtelierError } from '#contract/errors.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { countParameters } from '#recipe/plan.ts';
import { resolveNormalisation } from '#learning/model/preprocessing.ts';
import { residentImages } from '#learning/tensorflow/operations.ts';
import { openStep, type Step } from '#learning/training/step/step.ts';
import { PARAMETERS } from './network.ts';
import { drawImages } from './recipes.ts';

const CLASSES = 10;

interface StudioStep extends Step {
  /** Class of each image. */
  labels: Int32Array;
  /** Indices of all images. */
  all: Int32Array;
}

/** On so many images, whose classes take turns. @throws INTERNAL where the network is not the peers' */
export function openStudioStep(recipe: Recipe, count: number): StudioStep {
  const pixels = drawImages(count);
  const labels = Int32Array.from({ length: count }, (_, index) => index % CLASSES);
  const all = Int32Array.from(labels.keys());
  const images = residentImages(pixels, [count, 28, 28, 1]);
  const network = buildNetwork(recipe, CLASSES);
  requirePeer(countParameters(network.trainable.map(({ weight }) => weight)));
  const step = openStep({
    recipe,
    network,
    average: null,
    images,
    labels,
    normalisation: resolveNormalisation(recipe.preprocessing, pixels, all),
    classWeights: null,
  });
  return {
    ...step,
    labels,
    all,
    dispose() {
      step.dispose();
      images.dispose();
      network.dispose();
    },
  };
}

/** All sides train as much. @throws INTERNAL */
export function requirePeer(parameters: number): void {
  if (parameters === PARAMETERS) return;
  throw new AtelierError(
    'INTERNAL',
    `Expected a network of ${PARAMETERS} parameters as the peers have, received ${parameters}.`,
  );
}
