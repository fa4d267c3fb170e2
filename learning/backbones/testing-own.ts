/** For tests: what the layers that a file became compute, and whether that is what another program computes. No part of the product. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { Recipe } from '#recipe/recipe.ts';
import { featureOperations } from '#recipe/plan.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { normalise, resolveNormalisation } from '#learning/model/preprocessing.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import type { OwnCandidate } from './own.ts';

/** Pixels of two images: noise, and a slope. */
export const picture = (height: number, width: number, channels: number): Uint8Array =>
  Uint8Array.from({ length: 2 * height * width * channels }, (_, at) =>
    at < height * width * channels ? (at * 7919) % 256 : (at * 3) % 251,
  );

const recipeOf = ({ description: { layers, preprocessing } }: OwnCandidate) =>
  Recipe.parse({
    ...smallRecipe(),
    preprocessing: { ...preprocessing, fit: 'stretch' },
    model: { layers, parameterBudget: 50_000_000 },
  });

/** What the recipe's layers give for the pixels: up to what a classifier behind them would look at. */
export function featuresBy(candidate: OwnCandidate, pixels: Uint8Array): Float32Array {
  const recipe = recipeOf(candidate);
  const { height, width, channels } = recipe.preprocessing;
  const network = buildNetwork(recipe, 2);
  for (const { name, variable } of network.variables) {
    const values = candidate.weights.get(name);
    if (values) variable.assign(tf.tensor(values, variable.shape));
  }
  const normalisation = resolveNormalisation(recipe.preprocessing, pixels, [0]);
  const values = tf.tidy(() => {
    const images = tf.tensor4d(Float32Array.from(pixels), [
      pixels.length / (height * width * channels),
      height,
      width,
      channels,
    ]);
    const outputs = network.outputs(normalise(images, normalisation), { training: false });
    return outputs[featureOperations(network.plan) - 1]!.dataSync() as Float32Array;
  });
  network.dispose();
  return values;
}

/** @param most of the greatest number that they may differ by */
export function expectAlike(actual: Float32Array, expected: Float32Array, most: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(0.01);
  // Not the same for both images.
  const half = expected.length / 2;
  expect(expected.subarray(0, half)).not.toEqual(expected.subarray(half));
  const off = Math.max(...actual.map((value, at) => Math.abs(value - expected[at]!)));
  expect(off / scale).toBeLessThan(most);
}
