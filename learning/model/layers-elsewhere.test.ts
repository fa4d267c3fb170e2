/** Layers whose operations the WebAssembly engine lacks or composes: gradients as TensorFlow has them. */
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { Activation } from '#recipe/activation.ts';
import { Layer } from '#recipe/layer.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { buildNetwork } from './network.ts';

const layers = [
  { kind: 'separable-conv', filters: 6, stride: 2, activation: 'silu' },
  { kind: 'residual', filters: 8, stride: 2, squeezeExcite: 4, activation: 'elu' },
  { kind: 'inverted-residual', filters: 8, expand: 2, kernel: 5 },
  { kind: 'convnext', kernel: 5, expand: 2 },
  { kind: 'layer-norm' },
  ...Activation.options.map((activation) => ({ kind: 'activation', activation })),
  { kind: 'squeeze-excite', ratio: 2 },
  { kind: 'spatial-dropout', rate: 0 },
];

/** Loss and the gradient of every trainable weight, by name. */
async function gradientsOn(prefer: 'tensorflow' | 'wasm'): Promise<Map<string, Float32Array>> {
  const engine = await openEngine({ prefer });
  const recipe = smallRecipe({ model: { layers: layers.map((layer) => Layer.parse(layer)) } });
  const network = buildNetwork(recipe, 10);
  const { value, grads } = tf.tidy(() => {
    const pixels = Float32Array.from({ length: 4 * 784 }, (_, i) => Math.sin(i * 1.3) + Math.cos(i * i));
    const x = tf.tensor4d(pixels, [4, 28, 28, 1]);
    const seed = tf.tensor1d([1, 2], 'int32');
    const loss = () => tf.mean(tf.square(network.apply(x, { training: true, seed }))) as tf.Scalar;
    return tf.variableGrads(
      loss,
      network.trainable.map(({ variable }) => variable),
    );
  });
  const found = new Map([['loss', (await value.data()) as Float32Array]]);
  for (const { name, variable } of network.trainable) {
    found.set(name, (await grads[variable.name]!.data()).slice() as Float32Array);
  }
  network.dispose();
  engine.close();
  return found;
}

test('WebAssembly', async () => {
  const expected = await gradientsOn('tensorflow');
  const actual = await gradientsOn('wasm');
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, values] of expected) {
    const scale = Math.max(1e-3, ...values.map(Math.abs));
    values.forEach((value, i) =>
      expect(Math.abs(actual.get(name)![i]! - value) / scale, name).toBeLessThan(0.01),
    );
  }
});
