/** Penalties and their gradients by hand, in double precision, eager and traced. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { buildNetwork, readWeights, writeWeights } from './network.ts';
import { regularisation } from './regularisation.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const layers = [{ kind: 'separable-conv', filters: 4, batchNorm: false }, { kind: 'batch-norm' }];
const kernelsOf = (frozenLayers: number) =>
  frozenLayers === 0
    ? ['1.separable-conv/depthwise/kernel', '1.separable-conv/pointwise/kernel', 'classifier/kernel']
    : ['classifier/kernel'];

test.each([
  [0.01, 0, 0],
  [0, 0.02, 0],
  [0.01, 0.02, 0],
  [0.01, 0.02, 1],
])('l1 %f, l2 %f, %i frozen layers', async (l1, l2, frozenLayers) => {
  const network = buildNetwork(smallRecipe({ model: { layers }, training: { frozenLayers } }), 10);
  const weights = await readWeights(network);
  weights.forEach((values) => values.forEach((_, i) => (values[i] = Math.sin(i + 1))));
  weights.get('classifier/kernel')![3] = 0;
  writeWeights(network, weights);
  const kernels = kernelsOf(frozenLayers);
  const expected = kernels
    .flatMap((name) => [...weights.get(name)!])
    .reduce((sum, w) => sum + l1 * Math.abs(w) + l2 * w * w, 0);

  const variables = network.trainable.map(({ variable }) => variable);
  const step = (): tf.Tensor[] => {
    // The other term gives every variable a gradient of 0.
    const others = () => tf.addN(variables.map((variable) => tf.mul(tf.sum(variable as tf.Tensor), 0)));
    const { value, grads } = tf.variableGrads(
      () => tf.add(tf.mul(regularisation(network, { l1, l2 })!, 3), others()) as tf.Scalar,
      variables,
    );
    return [value, ...variables.map(({ name }) => grads[name]!)];
  };
  const traced = trace(step, () => variables);
  for (const run of [step, traced]) {
    const [value, ...gradients] = run();
    expect(value!.dataSync()[0]! / 3 / expected).toBeCloseTo(1, 5);
    network.trainable.forEach(({ name }, position) => {
      const gradient = gradients[position]!.dataSync();
      weights.get(name)!.forEach((w, i) => {
        const truth = kernels.includes(name) ? 3 * (l1 * Math.sign(w) + 2 * l2 * w) : 0;
        expect(gradient[i], `${name} ${i}`).toBeCloseTo(truth, 6);
      });
    });
  }
  traced.dispose();
  network.dispose();
});

test('nothing is added to the loss where there is no penalty', () => {
  const network = buildNetwork(smallRecipe(), 10);
  expect(regularisation(network, { l1: 0, l2: 0 })).toBeNull();
  network.dispose();
});
