/**
 * Update rules as the step runs them, traced on the real engine, against the papers' formulas written out again in
 * double precision with plain loops.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Optimizer, type OptimizerKind } from '#recipe/optimizer.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { clipped, decayed, updateRule, withDecay } from './optimizers.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const start = [1, -0.5, 2, 0];
/** Of a crooked valley, other for each weight and each step, so that a step depends on all before. */
const gradientOf = (w: number, index: number, step: number) =>
  2 * w * (index + 1) + 0.3 * Math.sin(step + index) * (index === 3 ? 0 : 1);

/** @returns the weights after each step, and what is remembered at the end */
function run(optimizer: unknown, steps: number, rate: number, weightDecay = 0) {
  const rule = updateRule(Optimizer.parse(optimizer));
  const traced = trace(
    (...inputs) => {
      const [weight, gradient, learningRate, corrections, ...optimizerState] = inputs as tf.Tensor[];
      const scalars = corrections!.size === 0 ? [] : (tf.unstack(corrections!) as tf.Scalar[]);
      const decoupled = rule.decay === 'decoupled';
      const updated = rule.update(
        decoupled ? decayed(weight!, learningRate as tf.Scalar, weightDecay) : weight!,
        decoupled ? gradient! : withDecay(gradient!, weight!, weightDecay),
        optimizerState,
        learningRate as tf.Scalar,
        scalars,
      );
      return [updated.weight, ...updated.optimizerState];
    },
    () => [],
  );
  let weight = Float32Array.from(start);
  let optimizerState = rule.optimizerState.map(({ initial }) => new Float32Array(start.length).fill(initial));
  const path: number[][] = [];
  for (let step = 1; step <= steps; step += 1) {
    tf.tidy(() => {
      const gradient = Float32Array.from(weight, (w, index) => gradientOf(w, index, step));
      const results = traced(
        tf.tensor1d(weight),
        tf.tensor1d(gradient),
        tf.scalar(rate),
        tf.tensor1d(rule.corrections(step)),
        ...optimizerState.map((slot) => tf.tensor1d(slot)),
      ).map((tensor) => Float32Array.from(tensor.dataSync()));
      [weight, ...optimizerState] = results as [Float32Array<ArrayBuffer>, ...Float32Array<ArrayBuffer>[]];
    });
    path.push([...weight]);
  }
  traced.dispose();
  return { path, optimizerState };
}

type State = Record<string, number>;
/** One weight's step in double precision; `m`, `v` … start at 0. */
type Reference = (w: number, g: number, step: number, state: State) => number;

function expectPath(path: number[][], reference: Reference): void {
  const weights = [...start];
  const states = start.map((): State => ({}));
  path.forEach((actual, index) => {
    const step = index + 1;
    for (let i = 0; i < weights.length; i += 1) {
      weights[i] = reference(weights[i]!, gradientOf(weights[i]!, i, step), step, states[i]!);
      expect(Math.abs(actual[i]! - weights[i]!), `weight ${i}, step ${step}`).toBeLessThan(3e-5);
    }
  });
}

const of = (state: State, name: string, initial = 0) => state[name] ?? initial;

describe('adam (Kingma and Ba 2014, algorithm 1)', () => {
  const adam =
    (rate: number, decoupled: number, inGradient: number): Reference =>
    (w, gradient, step, state) => {
      const g = gradient + inGradient * w;
      state.m = 0.8 * of(state, 'm') + 0.2 * g;
      state.v = 0.95 * of(state, 'v') + 0.05 * g * g;
      const mHat = state.m / (1 - 0.8 ** step);
      const vHat = state.v / (1 - 0.95 ** step);
      return w - (rate * mHat) / (Math.sqrt(vHat) + 1e-6) - rate * decoupled * w;
    };
  const settings = { beta1: 0.8, beta2: 0.95, epsilon: 1e-6 };
  test('without decay', () =>
    expectPath(run({ kind: 'adam', ...settings }, 25, 0.05).path, adam(0.05, 0, 0)));
  test('with decay in the gradient', () =>
    expectPath(run({ kind: 'adam', ...settings }, 25, 0.05, 0.4).path, adam(0.05, 0, 0.4)));
  test('adamw: decay apart from it (Loshchilov and Hutter 2017, algorithm 2)', () =>
    expectPath(run({ kind: 'adamw', ...settings }, 25, 0.05, 0.4).path, adam(0.05, 0.4, 0)));
});

describe('sgd, as PyTorch has it', () => {
  test.each([true, false])('momentum, nesterov %s, and decoupled decay', (nesterov) => {
    expectPath(run({ kind: 'sgd', momentum: 0.7, nesterov }, 25, 0.02, 0.3).path, (w, g, _, state) => {
      state.b = 0.7 * of(state, 'b') + g;
      return w * (1 - 0.02 * 0.3) - 0.02 * (nesterov ? g + 0.7 * state.b : state.b);
    });
  });
  test('without momentum it is gradient descent', () =>
    expectPath(run({ kind: 'sgd', momentum: 0, nesterov: false }, 10, 0.1).path, (w, g) => w - 0.1 * g));
});

describe('rmsprop (Hinton 2012)', () => {
  test.each([0, 0.6])('momentum %f, decay in the gradient', (momentum) => {
    const { path, optimizerState } = run(
      { kind: 'rmsprop', decay: 0.9, momentum, epsilon: 1e-4 },
      25,
      0.02,
      0.2,
    );
    expectPath(path, (w, gradient, _, state) => {
      const g = gradient + 0.2 * w;
      state.s = 0.9 * of(state, 's') + 0.1 * g * g;
      state.b = momentum * of(state, 'b') + g / (Math.sqrt(state.s) + 1e-4);
      return w - 0.02 * state.b;
    });
    expect(optimizerState).toHaveLength(momentum === 0 ? 1 : 2);
  });
});

test.each([0, 0.1, 2])(
  'adagrad (Duchi et al. 2011) from an accumulator of %f, decay in the gradient',
  (initial) => {
    const settings = { kind: 'adagrad', initialAccumulator: initial, epsilon: 1e-5 };
    expectPath(run(settings, 25, 0.1, 0.3).path, (w, gradient, _, state) => {
      const g = gradient + 0.3 * w;
      state.a = of(state, 'a', initial) + g * g;
      return w - (0.1 * g) / (Math.sqrt(state.a) + 1e-5);
    });
  },
);

test('lion (Chen et al. 2023, algorithm 2): the sign of a blend, decoupled decay', () => {
  expectPath(run({ kind: 'lion', beta1: 0.9, beta2: 0.95 }, 25, 0.03, 0.5).path, (w, g, _, state) => {
    const direction = Math.sign(0.9 * of(state, 'm') + 0.1 * g);
    state.m = 0.95 * of(state, 'm') + 0.05 * g;
    return w - 0.03 * (direction + 0.5 * w);
  });
});

describe('muon (Jordan et al. 2024)', () => {
  test('offsets by AdamW', () => {
    const settings = { momentum: 0.8, beta2: 0.95, epsilon: 1e-6 };
    const { path } = run({ kind: 'muon', ...settings }, 25, 0.05, 0.4);
    const { path: adamw } = run({ kind: 'adamw', beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }, 25, 0.05, 0.4);
    expect(path).toEqual(adamw);
  });

  test.each([
    ['tall', [3, 3, 2, 4], 18],
    ['wide', [2, 9], 9],
  ] as const)('a %s kernel moves along singular vectors, evenly', (_name, shape, longer) => {
    const rule = updateRule(Optimizer.parse({ kind: 'muon', momentum: 0.9, nesterov: false }));
    const columns = shape.at(-1)!;
    const moved = tf.tidy(() => {
      const gradient = tf.randomNormal([...shape], 0, 3, 'float32', 5);
      const zeros = tf.zeros([...shape]);
      const ones = [tf.scalar(1), tf.scalar(1)];
      const { weight } = rule.update(zeros, gradient, [zeros, zeros], tf.scalar(-1), ones);
      const move = tf.div(tf.reshape(weight, [-1, columns]), 0.2 * Math.sqrt(longer)) as tf.Tensor2D;
      const matrix = tf.reshape(gradient, [-1, columns]) as tf.Tensor2D;
      const tall = move.shape[0] > move.shape[1];
      return {
        gram: tf.matMul(move, move, tall, !tall).arraySync() as number[][],
        // Of a matrix and its orthogonal factor the product is symmetric, with the singular values' sum as trace.
        polar: tf.matMul(move, matrix, tall, !tall).arraySync() as number[][],
      };
    });
    moved.gram.forEach((row, i) => {
      // Five steps bring singular values to 0.7 to 1.2.
      expect(row[i]).toBeGreaterThan(0.4);
      expect(row[i]).toBeLessThan(1.5);
      row.forEach((value, j) => j !== i && expect(Math.abs(value)).toBeLessThan(0.45));
    });
    const scale = Math.max(...moved.polar.flat().map(Math.abs));
    moved.polar.forEach((row, i) =>
      row.forEach((value, j) => expect(Math.abs(value - moved.polar[j]![i]!) / scale).toBeLessThan(1e-3)),
    );
    moved.polar.forEach((row, i) => expect(row[i]).toBeGreaterThan(0));
  });
});

test('weights without gradient stay where there is no decay, whatever the optimizer', () => {
  const kinds: OptimizerKind[] = ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad', 'lion', 'muon'];
  for (const kind of kinds) {
    const { path } = run({ kind }, 5, 0.1);
    expect(path.map((weights) => weights[3])).toEqual([0, 0, 0, 0, 0]);
  }
});

describe('clipped', () => {
  const values = [[3, -4], [[12]]];
  const norm = 13;
  const clip = (limit: number) =>
    tf.tidy(() =>
      clipped([tf.tensor1d(values[0] as number[]), tf.tensor2d(values[1] as number[][])], limit).map(
        (tensor) => [...tensor.dataSync()],
      ),
    );
  test('scales all together down to the limit', () => {
    const [first, second] = clip(2.6);
    [0.6, -0.8].forEach((value, index) => expect(first![index]).toBeCloseTo(value, 6));
    expect(second![0]).toBeCloseTo(2.4, 6);
  });
  test.each([norm, 20])('lets them be, to the bit, where their norm is 13 and the limit %f', (limit) =>
    expect(clip(limit)).toEqual([[3, -4], [12]]),
  );
  test.each([1e18, 1e25, 2e37])('does so where the squares of %f overflow float32', (size) => {
    const [first, second] = tf.tidy(() =>
      clipped([tf.tensor1d([3 * size, -4 * size]), tf.tensor2d([[12 * size]])], 2.6).map((tensor) => [
        ...tensor.dataSync(),
      ]),
    );
    [0.6, -0.8].forEach((value, index) => expect(first![index]).toBeCloseTo(value, 6));
    expect(second![0]).toBeCloseTo(2.4, 6);
  });
  test('of sizes that float32 can sum, gives the bytes of the formula alone', () => {
    const values = Float32Array.from({ length: 999 }, (_, index) => Math.sin(index) * 10 ** (index % 30));
    const limit = 0.7;
    // Of one value each: the norm has no order of summation, and every operation is one rounding.
    for (const value of values.filter((each) => Math.abs(each) < 1e15)) {
      const norm = Math.fround(Math.sqrt(Math.fround(value * value)));
      const factor = Math.fround(Math.fround(limit) / Math.max(norm, Math.fround(limit)));
      const [clippedValue] = tf.tidy(() => clipped([tf.tensor1d([value])], limit)[0]!.dataSync());
      expect(clippedValue).toBe(Math.fround(value * factor));
    }
  });
  test.each([Infinity, NaN])('%d among them is not hidden', (value) => {
    const [sum] = tf.tidy(() =>
      clipped([tf.tensor1d([1, value])], 1)[0]!
        .sum()
        .dataSync(),
    );
    expect(sum).toBeNaN();
  });
  test('gradients of nothing but zeros stay zeros', () => {
    const [zeros] = tf.tidy(() => clipped([tf.zeros([3])], 1).map((tensor) => [...tensor.dataSync()]));
    expect(zeros).toEqual([0, 0, 0]);
  });
});
