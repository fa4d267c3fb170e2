/** What single layers do that others do not, against other arithmetic; what all do alike is in layer-family.test.ts. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Activation } from '#recipe/activation.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { readWeights } from './network.ts';
import { batch, build, difference, input, output, seed, variable } from './testing-networks.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

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

test('dropout behind kept features: the same numbers where they are few, its share and mean where they are many', () => {
  const network = build([{ kind: 'flatten' }, { kind: 'dropout', rate: 0.2 }], 1);
  const count = 1;
  const mode = () => ({ training: true, seed: seed() }) as const;
  tf.tidy(() => {
    const kept = (rows: number) => network.outputs(tf.ones([rows, 192]), mode(), count)[0]!;
    const whole = network.outputs(tf.ones([5, 8, 8, 3]), mode())[1]!;
    expect(difference(kept(5), whole)).toBe(0);
    const many = kept(4096);
    const values = [...many.dataSync()];
    // 0.8 of them is 205 in 256, and each kept one is so much larger that the mean stays.
    expect(new Set(values)).toEqual(new Set([0, Math.fround(256 / 205)]));
    expect(tf.mean(many).dataSync()[0]).toBeCloseTo(1, 2);
    const columns = tf.mean(many, 0).dataSync();
    expect(Math.max(...columns.map((mean) => Math.abs(mean - 1)))).toBeLessThan(0.04);
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
    relu6: (x) => Math.min(Math.max(x, 0), 6),
    'leaky-relu': (x) => (x < 0 ? 0.01 * x : x),
    elu: (x) => (x < 0 ? Math.expm1(x) : x),
    gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
    silu: (x) => x / (1 + Math.exp(-x)),
    mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
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

test('spatial dropout: drops whole channels of an image, each with its share, and scales up the rest', () => {
  const network = build([
    { kind: 'conv', filters: 32 },
    { kind: 'spatial-dropout', rate: 0.25 },
  ]);
  const position = network.plan.operations.findIndex(({ kind }) => kind === 'spatial-dropout');
  tf.tidy(() => {
    const x = tf.ones([40, 8, 8, 3]) as tf.Tensor4D;
    const outputs = network.outputs(x, { training: true, seed: seed() });
    const [before, after] = [outputs[position - 1]!, outputs[position]!];
    // A channel is 0 everywhere, or everywhere 4/3 of what it was.
    const kept = tf.greater(tf.max(tf.abs(after), [1, 2], true), 0).toFloat();
    expect(difference(after, tf.mul(before, tf.mul(kept, 4 / 3)))).toBeLessThan(1e-5);
    const alive = tf.greater(tf.max(tf.abs(before), [1, 2], true), 0).toFloat();
    const share = tf.sum(kept).dataSync()[0]! / tf.sum(alive).dataSync()[0]!;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
  });
  network.dispose();
});

describe('a depthwise convolution is a dense one whose kernel is zero between channels', () => {
  test.each([
    [3, 1],
    [3, 2],
    [5, 3],
    [2, 2],
  ])('kernel %i, stride %i: values and gradients, eager and traced', (kernel, stride) => {
    const depthwise = { kind: 'separable-conv', filters: 4, kernel, stride, batchNorm: false };
    const network = build([depthwise]);
    const weights = variable(network, '1.separable-conv/depthwise/kernel') as tf.Tensor as tf.Tensor4D;
    const loss = (map: tf.Tensor) => tf.sum(tf.mul(map, tf.sin(tf.range(0, map.size).reshape(map.shape))));
    /** [k, k, 3, 1] spread on the diagonal of [k, k, 3, 3]. */
    const dense = (w: tf.Tensor) => tf.mul(tf.tile(w, [1, 1, 1, 3]), tf.eye(3).reshape([1, 1, 3, 3]));
    const expected = tf.grads((x, w) =>
      loss(tf.conv2d(x as tf.Tensor4D, dense(w!) as tf.Tensor4D, stride, 'same')),
    );
    const step = (x: tf.Tensor, w: tf.Tensor) =>
      tf.grads((a, b) => loss(tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, 'same')))([
        x,
        w,
      ]);
    const traced = trace((x, w) => step(x!, w!), () => []); // prettier-ignore
    tf.tidy(() => {
      const x = input();
      const map = tf.conv2d(x, dense(weights) as tf.Tensor4D, stride, 'same');
      expect(difference(output(network, '1.separable-conv/depthwise', x), map)).toBeLessThan(1e-5);
      const copy = tf.clone(weights);
      const truth = expected([x, copy]);
      for (const actual of [step(x, copy), traced(x, copy)]) {
        truth.forEach((gradient, i) => expect(difference(actual[i]!, gradient)).toBeLessThan(1e-3));
      }
    });
    traced.dispose();
    network.dispose();
  });
});

test('a strided 1×1 convolution of few channels is the same one, and its gradient the same each time', () => {
  const network = build([{ kind: 'conv', filters: 12, kernel: 1, stride: 2, batchNorm: false }]);
  const kernel = variable(network, '1.conv/kernel');
  tf.tidy(() => {
    const x = input();
    const pixels = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]).reshape([-1, 3]);
    const map = tf.matMul(pixels as tf.Tensor2D, (kernel as tf.Tensor).reshape([3, 12]) as tf.Tensor2D);
    expect(difference(output(network, '1.conv', x), map.reshape([batch, 4, 4, 12]))).toBeLessThan(1e-5);
    const ramp = tf.sin(tf.range(0, batch * 16 * 12).reshape([batch, 4, 4, 12]));
    const truth = tf.matMul(pixels, ramp.reshape([-1, 12]), true).reshape(kernel.shape);
    for (let time = 0; time < 5; time += 1) {
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.mul(network.outputs(x, { training: false })[0]!, ramp)) as tf.Scalar,
        [kernel],
      );
      expect(difference(grads[kernel.name]!, truth)).toBeLessThan(1e-4);
    }
  });
  network.dispose();
});

test('layer norm: values by hand, gradients as tfjs composes them', () => {
  const network = build([{ kind: 'layer-norm' }]);
  const [scale, offset] = ['scale', 'offset'].map((role) => variable(network, `1.layer-norm/${role}`));
  scale!.assign(tf.tensor1d([0.5, 2, -1]));
  offset!.assign(tf.tensor1d([1, 0, -2]));
  tf.tidy(() => {
    const x = tf.mul(input(), 3) as tf.Tensor4D;
    const values = x.dataSync() as Float32Array;
    const byHand = Float32Array.from(values, (value, i) => {
      const pixel = values.slice(i - (i % 3), i - (i % 3) + 3);
      const mean = pixel.reduce((sum, each) => sum + each, 0) / 3;
      const variance = pixel.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 3;
      return ((value - mean) / Math.sqrt(variance + 1e-5)) * [0.5, 2, -1][i % 3]! + [1, 0, -2][i % 3]!;
    });
    expect(difference(output(network, '1.layer-norm', x), tf.tensor(byHand, x.shape))).toBeLessThan(1e-4);

    const ramp = tf.sin(tf.range(0, x.size).reshape(x.shape));
    const composed = (t: tf.Tensor) => {
      const { mean, variance } = tf.moments(t, -1, true);
      const unit = tf.div(tf.sub(t, mean), tf.sqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(unit, scale!), offset!);
    };
    const gradient = (f: (t: tf.Tensor) => tf.Tensor) => tf.grad((t) => tf.sum(tf.mul(f(t), ramp)))(x);
    const own = gradient((t) => network.outputs(t as tf.Tensor4D, { training: false })[0]!);
    expect(difference(own, gradient(composed))).toBeLessThan(1e-3);
  });
  network.dispose();
});

test('squeeze-and-excitation weighs each channel by what the pooled map says', () => {
  const network = build([{ kind: 'squeeze-excite', ratio: 2 }]);
  expect(variable(network, '1.squeeze-excite/squeeze/kernel').shape).toEqual([3, 1]);
  variable(network, '1.squeeze-excite/squeeze/kernel').assign(tf.tensor2d([[1], [2], [3]]));
  variable(network, '1.squeeze-excite/squeeze/bias').assign(tf.tensor1d([0.5]));
  variable(network, '1.squeeze-excite/excite/kernel').assign(tf.tensor2d([[1, -1, 0.5]]));
  variable(network, '1.squeeze-excite/excite/bias').assign(tf.tensor1d([0, 1, -1]));
  tf.tidy(() => {
    const x = input();
    const means = tf.mean(x, [1, 2]).arraySync() as number[][];
    const gates = means.map(([a, b, c]) => {
      const squeezed = Math.max(0, a! + 2 * b! + 3 * c! + 0.5);
      return [squeezed, 1 - squeezed, squeezed / 2 - 1].map((logit) => 1 / (1 + Math.exp(-logit)));
    });
    const expected = tf.mul(x, tf.tensor(gates.flat(), [batch, 1, 1, 3]));
    expect(difference(output(network, '1.squeeze-excite/multiply', x), expected)).toBeLessThan(1e-5);
  });
  network.dispose();
});
