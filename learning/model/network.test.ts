/** One harness for every layer kind and activation, on the real engine; a new layer is a row in the table. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Activation, Layer, type LayerKind } from '#contract/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { buildNetwork, type Network, readWeights, writeWeights } from './network.ts';

const family = {
  conv: [
    [{ kind: 'conv', filters: 4, kernel: 3, stride: 2 }],
    [{ kind: 'conv', filters: 4, kernel: 5, batchNorm: false }],
  ],
  residual: [
    [{ kind: 'residual', filters: 4, stride: 2 }],
    [
      { kind: 'conv', filters: 4 },
      { kind: 'residual', filters: 4 },
    ],
    [{ kind: 'residual', filters: 4, stride: 2, preActivation: true }],
    [
      { kind: 'conv', filters: 4 },
      { kind: 'residual', filters: 4, preActivation: true },
    ],
  ],
  'batch-norm': [[{ kind: 'batch-norm' }], [{ kind: 'flatten' }, { kind: 'batch-norm' }]],
  activation: Activation.options.map((activation) => [
    { kind: 'conv', filters: 4, activation: 'linear' },
    { kind: 'activation', activation },
  ]),
  'max-pool': [[{ kind: 'max-pool', size: 3 }]],
  'average-pool': [[{ kind: 'average-pool', size: 3 }]],
  'global-average-pool': [[{ kind: 'global-average-pool' }]],
  flatten: [[{ kind: 'flatten' }]],
  dropout: [[{ kind: 'dropout', rate: 0.5 }], [{ kind: 'flatten' }, { kind: 'dropout', rate: 0 }]],
  dense: [[{ kind: 'flatten' }, { kind: 'dense', units: 6 }]],
} satisfies Record<LayerKind, unknown[][]>;
const rows = Object.values(family)
  .flat()
  .map((layers) => ({ title: layers.map((layer) => JSON.stringify(layer)).join(' '), layers }));

const batch = 5;
const input = () => tf.randomNormal([batch, 8, 8, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
const answers = () => tf.tensor1d([0, 1, 2, 1, 0], 'int32');
const seed = () => tf.tensor1d([1, 2], 'int32');

function build(layers: unknown[]): Network {
  const recipe = smallRecipe({ model: { layers: layers.map((layer) => Layer.parse(layer)) } });
  recipe.preprocessing = { ...recipe.preprocessing, height: 8, width: 8, channels: 3 };
  return buildNetwork(recipe, 3);
}

/** One step of plain gradient descent. @returns the loss */
function descend(network: Network, x: tf.Tensor4D, y: tf.Tensor1D, s: tf.Tensor1D): tf.Tensor {
  const trainable = network.variables.filter(({ weight }) => weight.trainable);
  const { value, grads } = tf.variableGrads(
    () =>
      tf.neg(
        tf.mean(
          tf.sum(tf.mul(tf.oneHot(y, 3), tf.logSoftmax(network.apply(x, { training: true, seed: s }))), 1),
        ),
      ) as tf.Scalar,
    trainable.map(({ variable }) => variable),
  );
  for (const { variable } of trainable) {
    variable.assign(tf.sub(variable as tf.Tensor, tf.mul(grads[variable.name]!, 0.05)));
  }
  return value;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

describe.each(rows)('$title', ({ layers }) => {
  test('shape as the plan says', () => {
    const network = build(layers);
    tf.tidy(() => {
      const logits = network.apply(input(), { training: false });
      expect(logits.shape).toEqual([batch, 3]);
      expect(network.plan.operations.at(-1)!.outputShape).toEqual([3]);
      expect(logits.dataSync().every(Number.isFinite)).toBe(true);
    });
    network.dispose();
  });

  test('a step lowers the loss, moves every weight, and is the same traced and eager', async () => {
    const eager = build(layers);
    const traced = build(layers);
    const before = await readWeights(eager);
    const step = trace(
      (x, y, s) => [descend(traced, x as tf.Tensor4D, y as tf.Tensor1D, s as tf.Tensor1D)],
      () => traced.variables.map(({ variable }) => variable),
    );
    const losses: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const inputs = [input(), answers(), seed()] as const;
      const [tracedLoss] = step(...inputs);
      const eagerLoss = tf.tidy(() => descend(eager, ...inputs));
      losses.push(eagerLoss.dataSync()[0]!);
      expect(tracedLoss!.dataSync()[0]).toBeCloseTo(losses.at(-1)!, 4);
      tf.dispose([...inputs, tracedLoss!, eagerLoss]);
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);

    const after = await readWeights(eager);
    for (const [name, values] of await readWeights(traced)) {
      const expected = after.get(name)!;
      for (const [i, value] of values.entries()) expect(value, name).toBeCloseTo(expected[i]!, 3);
      expect(expected, name).not.toEqual(before.get(name));
    }
    step.dispose();
    eager.dispose();
    traced.dispose();
  });

  test('weights survive writing and reading', async () => {
    const network = build(layers);
    const other = build(layers);
    const weights = await readWeights(network);
    weights.forEach((values) => values.forEach((_, i) => (values[i] = Math.abs(Math.sin(i + 1)) + 0.1)));
    writeWeights(other, weights);
    expect(await readWeights(other)).toEqual(weights);
    expect(await readWeights(network)).not.toEqual(weights);
    network.dispose();
    other.dispose();
  });
});

test('batch norm: training normalises the batch, inference uses the running statistics, which follow', async () => {
  const network = build([{ kind: 'batch-norm' }]);
  const x = tf.tidy(() => tf.add(tf.mul(input(), 3), 2)) as tf.Tensor4D;
  const first = network.variables.find(({ weight }) => weight.role === 'mean')!;
  expect([...(await first.variable.data())]).toEqual([0, 0, 0]);
  for (let round = 0; round < 100; round += 1)
    tf.tidy(() => void network.apply(x, { training: true, seed: seed() }));
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const running = await readWeights(network);
  const expectedMean = await mean.data();
  const expectedVariance = await variance.data();
  for (let channel = 0; channel < 3; channel += 1) {
    expect(running.get('1.batch-norm/mean')![channel]).toBeCloseTo(expectedMean[channel]!, 3);
    // Unbiased: n / (n - 1) of the batch's own.
    expect(running.get('1.batch-norm/variance')![channel]).toBeCloseTo(
      (expectedVariance[channel]! * 320) / 319,
      2,
    );
  }
  tf.dispose([x, mean, variance]);
  network.dispose();
});

test('dropout: zeroes its share while training, keeps the mean, is off otherwise, differs per layer', () => {
  const network = build([
    { kind: 'flatten' },
    { kind: 'dropout', rate: 0.5 },
    { kind: 'dropout', rate: 0.5 },
  ]);
  const kernel = network.variables.find(({ name }) => name === 'classifier/kernel')!;
  tf.tidy(() => {
    // All ones on each side: the logit is the number of kept inputs times four.
    kernel.variable.assign(tf.onesLike(kernel.variable as tf.Tensor));
    const ones = tf.ones([64, 8, 8, 3]) as tf.Tensor4D;
    const mean = tf.mean(network.apply(ones, { training: true, seed: seed() })).dataSync()[0]!;
    // 192 inputs, a quarter kept, times four; were both layers one stream, half would be kept: 384.
    expect(mean).toBeGreaterThan(180);
    expect(mean).toBeLessThan(204);
    expect(network.apply(ones, { training: false }).dataSync()[0]).toBe(192);
  });
  network.dispose();
});

test('activations have the values their names promise', () => {
  const points = [-3, -1, -0.5, 0, 0.5, 2];
  const erf = (x: number) => {
    // Series, enough for |x| < 3.
    let [sum, term] = [x, x];
    for (let n = 1; n < 60; n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  const truth: Record<string, (x: number) => number> = {
    relu: (x) => Math.max(0, x),
    'leaky-relu': (x) => (x < 0 ? 0.01 * x : x),
    elu: (x) => (x < 0 ? Math.expm1(x) : x),
    gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
    silu: (x) => x / (1 + Math.exp(-x)),
    linear: (x) => x,
  };
  for (const activation of Activation.options) {
    const network = build([{ kind: 'activation', activation }, { kind: 'flatten' }]);
    tf.tidy(() => {
      // The classifier's first column picks the first input.
      const kernel = network.variables.find(({ name }) => name === 'classifier/kernel')!.variable;
      kernel.assign(
        tf
          .oneHot(tf.tensor1d([0, 1, 1], 'int32'), 192)
          .transpose()
          .toFloat(),
      );
      for (const point of points) {
        const x = tf.fill([1, 8, 8, 3], point) as tf.Tensor4D;
        expect(network.apply(x, { training: false }).dataSync()[0], `${activation}(${point})`).toBeCloseTo(
          truth[activation]!(point),
          5,
        );
      }
    });
    network.dispose();
  }
});

test('a weight of another size is refused by name', () => {
  const network = build([{ kind: 'flatten' }]);
  expect(() => writeWeights(network, new Map())).toThrow(
    'classifier/kernel expects 576 values for shape [192, 3], received none',
  );
  network.dispose();
});
