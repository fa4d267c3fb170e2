/** For tests only: networks of 8×8 pixels, a batch for them, and how far two tensors are apart. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { Layer } from '#recipe/layer.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { buildNetwork, type Network } from './network.ts';

export const batch = 5;
export const input = () => tf.randomNormal([batch, 8, 8, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
export const seed = () => tf.tensor1d([1, 2], 'int32');

export function build(layers: unknown[], frozenLayers = 0): Network {
  const parsed = layers.map((layer) => Layer.parse(layer));
  const recipe = smallRecipe({ model: { layers: parsed }, training: { frozenLayers } });
  recipe.preprocessing = { ...recipe.preprocessing, height: 8, width: 8, channels: 3 };
  return buildNetwork(recipe, 3);
}

export const variable = (network: Network, name: string) =>
  network.variables.find((each) => each.name === name)!.variable;
/** What the operation of this name gives. */
export const output = (network: Network, name: string, x: tf.Tensor4D) =>
  network.outputs(x, { training: false })[
    network.plan.operations.findIndex((operation) => operation.name === name)
  ]!;
export const difference = (a: tf.Tensor, b: tf.Tensor) => {
  expect(a.shape).toEqual(b.shape);
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
};
