/** What a network does of its layers: frozen ones, those that it takes in another order or at once, and weights that do not fit. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { type Network, readWeights, writeWeights } from './network.ts';
import { build, difference, input, seed } from './testing-networks.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test('a weight of another size is refused by name', () => {
  const network = build([{ kind: 'flatten' }]);
  expect(() => writeWeights(network, new Map())).toThrow(
    'classifier/kernel expects 576 values for shape [192, 3], received none',
  );
  network.dispose();
});

describe('frozen layers', () => {
  const layers = [{ kind: 'conv', filters: 4 }, { kind: 'residual', filters: 4 }, { kind: 'batch-norm' }];
  const owners = (network: Network) => [...new Set(network.trainable.map(({ name }) => name.split('/')[0]))];

  test('are not trainable; the classifier always is', () => {
    for (const [count, expected] of [
      [0, ['1.conv', '2.residual', '3.batch-norm', 'classifier']],
      [1, ['2.residual', '3.batch-norm', 'classifier']],
      [3, ['classifier']],
      [64, ['classifier']],
    ] as const) {
      const network = build(layers, count);
      expect(owners(network)).toEqual(expected);
      // A fact of the plan, whatever is frozen.
      expect(network.variables.find(({ name }) => name === '1.conv/kernel')!.weight.trainable).toBe(true);
      network.dispose();
    }
  });

  test('use and keep their running statistics while the rest trains on the batch', async () => {
    const network = build(layers, 2);
    const weights = await readWeights(network);
    weights.get('1.conv/norm/mean')!.fill(0.3);
    weights.get('1.conv/norm/variance')!.fill(2);
    writeWeights(network, weights);
    tf.tidy(() => {
      const x = input();
      const [judging, training] = [{ training: false }, { training: true, seed: seed() }] as const;
      const [a, b] = [network.outputs(x, judging), network.outputs(x, training)];
      network.plan.operations.forEach(({ layer }, i) => {
        if (layer < 2) expect(b[i]!.dataSync()).toEqual(a[i]!.dataSync());
        else if (layer === 2) expect(difference(a[i]!, b[i]!)).toBeGreaterThan(0.01);
      });
    });
    const after = await readWeights(network);
    for (const [name, values] of after) {
      if (name.startsWith('3.') && /mean|variance/.test(name)) expect(values).not.toEqual(weights.get(name));
      else expect(values, name).toEqual(weights.get(name));
    }
    network.dispose();
  });
});

test('ReLU after a max-pool gives the very values and gradients of ReLU before it', () => {
  // Of the first layer alone: leaky ReLU, and those within a residual block, stay where they are.
  const network = build([
    { kind: 'conv', filters: 4 },
    { kind: 'max-pool' },
    { kind: 'conv', filters: 4, activation: 'leaky-relu' },
    { kind: 'max-pool' },
    { kind: 'residual', filters: 4 },
    { kind: 'flatten' },
  ]);
  const kernels = network.trainable.map(({ variable: each }) => each);
  const x = input();
  for (const mode of [{ training: true as const, seed: seed() }, { training: false as const }]) {
    const inOrder = () => network.outputs(x, mode).at(-1) as tf.Tensor2D;
    expect(difference(network.apply(x, mode), inOrder())).toBe(0);
    const squares = (logits: () => tf.Tensor2D) =>
      tf.variableGrads(() => tf.sum(tf.square(logits())), kernels);
    const [late, early] = [squares(() => network.apply(x, mode)), squares(inOrder)];
    for (const { name } of kernels) expect(difference(late.grads[name]!, early.grads[name]!), name).toBe(0);
  }
  network.dispose();
});

test('batch norm by running statistics, while training: they stay, and kernels take it over with its gradients', async () => {
  const network = build([
    { kind: 'conv', filters: 6 },
    { kind: 'inverted-residual', filters: 6, expand: 2 },
    { kind: 'batch-norm' },
    { kind: 'global-average-pool' },
  ]);
  const weights = await readWeights(network);
  for (const [name, values] of weights) {
    if (name.endsWith('/mean')) values.forEach((_, i) => (values[i] = 0.1 * (i - 2)));
    if (name.endsWith('/variance')) values.forEach((_, i) => (values[i] = 0.5 + 0.2 * i));
  }
  writeWeights(network, weights);
  const x = input();
  const mode = { training: true, seed: seed(), batchNorm: 'running' } as const;
  const apart = () => network.outputs(x, mode).at(-1) as tf.Tensor2D;
  tf.tidy(() => {
    expect(difference(network.apply(x, mode), apart())).toBeLessThan(1e-5);
    expect(difference(network.apply(x, mode), network.apply(x, { training: false }))).toBeLessThan(1e-5);
    expect(
      difference(network.apply(x, mode), network.apply(x, { ...mode, batchNorm: 'batch' })),
    ).toBeGreaterThan(0.01);
  });
  writeWeights(network, weights);
  const variables = network.trainable.map(({ variable: each }) => each);
  const squares = (logits: () => tf.Tensor2D) =>
    tf.variableGrads(() => tf.sum(tf.square(logits())), variables).grads;
  const [atOnce, inOrder] = [squares(() => network.apply(x, mode)), squares(apart)];
  for (const { name } of variables) {
    const largest = tf.max(tf.abs(inOrder[name]!)).dataSync()[0]!;
    expect(difference(atOnce[name]!, inOrder[name]!) / Math.max(largest, 1e-3), name).toBeLessThan(1e-4);
  }
  for (const [name, values] of await readWeights(network)) expect(values, name).toEqual(weights.get(name));
  network.dispose();
});
