/**
 * For the tests of this folder: a network with random weights, and what the studio answers to random
 * pixels. No part of the product.
 */
import { Recipe } from '#contract/recipe.ts';
import { generator } from '#learning/model/generator.ts';
import { buildNetwork, readWeights, writeWeights } from '#learning/model/network.ts';
import { normalise } from '#learning/model/preprocessing.ts';
import * as tf from '@tensorflow/tfjs';
import type { OnnxInput } from './onnx.ts';
import type { Golden } from './parity.ts';

export interface Sample extends Pick<OnnxInput, 'plan' | 'normalisation'> {
  recipe: Recipe;
  weights: Map<string, Float32Array>;
  classes: string[];
  golden: Golden;
}

/** @param layers as in a recipe; all else is small, and drawn from `seed` */
export async function sampleNetwork(
  layers: unknown[],
  { height = 12, width = 9, channels = 3 as 1 | 3, classCount = 5, images = 6, seed = 1 } = {},
): Promise<Sample> {
  const uniform = generator(seed);
  const recipe = Recipe.parse({
    format: 'atelier-recipe/1',
    name: 'Sample',
    preprocessing: { height, width, channels, fit: 'crop', normalisation: { kind: 'measured' } },
    augmentation: [],
    model: { layers, parameterBudget: 10_000_000 },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.001,
      schedule: { kind: 'constant' },
      batchSize: 8,
      epochs: 1,
    },
  });
  const normalisation = {
    mean: Array.from({ length: channels }, () => 0.2 + 0.4 * uniform()),
    deviation: Array.from({ length: channels }, () => 0.2 + 0.2 * uniform()),
  };
  const network = buildNetwork(recipe, classCount);
  // Fresh biases, offsets and running means are zero, which would hide a mistake in their use.
  const weights = new Map<string, Float32Array>();
  for (const { name, weight, variable } of network.variables) {
    const values = (await variable.data()) as Float32Array;
    const positive = weight.role === 'variance' || weight.role === 'scale';
    const draw = () => (positive ? 0.5 + uniform() : uniform() - 0.5);
    weights.set(name, weight.role === 'kernel' ? values.slice() : values.map(draw));
  }
  writeWeights(network, weights);
  // Darker to brighter: noise of one brightness is much the same to a network that averages maps.
  const values = height * width * channels;
  const pixels = Uint8Array.from(
    { length: images * values },
    (_, index) => (256 * uniform() * (1 + Math.floor(index / values))) / images,
  );
  const probabilities = tf.tidy(() => {
    const x = normalise(
      tf.tensor4d(Float32Array.from(pixels), [images, height, width, channels]),
      normalisation,
    );
    return tf.softmax(network.apply(x, { training: false }));
  });
  const golden: Golden = {
    pixels,
    shape: [images, height, width, channels],
    probabilities: (await probabilities.data()) as Float32Array,
  };
  probabilities.dispose();
  const { plan } = network;
  const kept = await readWeights(network);
  network.dispose();
  return {
    recipe,
    plan,
    normalisation,
    weights: kept,
    classes: Array.from({ length: classCount }, (_, index) => `class ${index}`),
    golden,
  };
}

/** What `encodeOnnx` takes, from a sample. */
export const onnxOf = ({ plan, weights, normalisation, classes, recipe }: Sample): OnnxInput => ({
  plan,
  weights,
  normalisation,
  classes,
  fit: recipe.preprocessing.fit,
  version: '0.0.0',
  runId: 'run-1',
});
