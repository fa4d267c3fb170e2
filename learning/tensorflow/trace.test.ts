/** A traced step does what the eager one does, and says clearly what it cannot do. On the real TensorFlow. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { currentTensorFlow } from './backend.ts';
import { openEngine, type Engine } from './engine.ts';
import { fusedBatchNorm, residentImages } from './operations.ts';
import { foldSeed, statelessUniform } from './random.ts';
import { trace } from './trace.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine({ prefer: 'tensorflow' })));
afterAll(() => engine.close());
beforeEach(() => tf.disposeVariables());

type AnyStep = (...inputs: tf.Tensor[]) => tf.Tensor[];
const allVariables = () => Object.values(tf.engine().registeredVariables) as tf.Variable[];
const deterministic = (shape: number[], scale = 1) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => scale * Math.sin(i * 1.7 + 0.3)),
    shape,
  );

function failure(action: () => unknown): AtelierError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(AtelierError);
    return error as AtelierError;
  }
  throw new Error('nothing was thrown');
}

/** Convolution, fused batch norm with running mean, pooling, stateless dropout, dense; one optimizer step. */
function smallStep(optimizer: tf.Optimizer) {
  const kernel = tf.variable(deterministic([3, 3, 1, 4], 0.3) as tf.Tensor4D);
  const scale = tf.variable(tf.ones([4]) as tf.Tensor1D);
  const offset = tf.variable(tf.zeros([4]) as tf.Tensor1D);
  const weight = tf.variable(deterministic([36, 3], 0.2) as tf.Tensor2D);
  const running = tf.variable(tf.zeros([4]), false);
  const trainable = [kernel, scale, offset, weight];
  const step = (x: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor): tf.Tensor[] => {
    const loss = optimizer.minimize(
      () => {
        const y = tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same') as tf.Tensor4D;
        const normal = fusedBatchNorm(y, scale, offset, 1e-3);
        running.assign(running.mul(0.9).add(normal.batchMean.mul(0.1)));
        const flat = tf.maxPool(normal.y.relu() as tf.Tensor4D, 2, 2, 'same').reshape([x.shape[0], 36]);
        const keep = statelessUniform([x.shape[0], 36], foldSeed(seed as tf.Tensor1D, 7)).greaterEqual(0.25);
        const logits = flat.mul(keep.cast('float32')).div(0.75).matMul(weight) as tf.Tensor2D;
        return tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, 3), logits).asScalar();
      },
      true,
      trainable,
    )!;
    return [loss];
  };
  return { step, variables: [...trainable, running] };
}

/** Runs four steps and returns losses and final variables. */
function trainSteps(
  makeOptimizer: () => tf.Optimizer,
  traced: boolean,
): { losses: number[]; weights: number[][] } {
  tf.disposeVariables();
  const optimizer = makeOptimizer();
  const { step, variables } = smallStep(optimizer);
  const recorded = traced ? trace(step as AnyStep, allVariables) : null;
  const run: AnyStep = recorded ?? ((...inputs) => tf.tidy(() => (step as AnyStep)(...inputs)));
  const losses: number[] = [];
  for (let i = 0; i < 4; i++) {
    tf.tidy(() => {
      const [loss] = run(
        deterministic([8, 6, 6, 1]).add(i),
        tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32'),
        tf.tensor1d([5, i], 'int32'),
      );
      losses.push(loss!.dataSync()[0]!);
    });
  }
  const weights = variables.map((variable) => [...variable.dataSync()]);
  if (recorded) expect(recorded.nodes).toBeGreaterThan(50);
  recorded?.dispose();
  return { losses, weights };
}

describe('eager and traced agree', () => {
  test.each([
    ['adam', () => tf.train.adam(0.01)],
    ['momentum', () => tf.train.momentum(0.05, 0.9, true)],
    ['sgd', () => tf.train.sgd(0.05)],
    ['rmsprop', () => tf.train.rmsprop(0.01)],
  ] as const)('%s, whose optimizerState are created inside the trace', (_, makeOptimizer) => {
    const eager = trainSteps(makeOptimizer, false);
    const traced = trainSteps(makeOptimizer, true);
    expect(new Set(eager.losses.map((loss) => loss.toFixed(6))).size).toBe(4);
    eager.losses.forEach((loss, i) => expect(traced.losses[i]).toBeCloseTo(loss, 5));
    eager.weights.forEach((values, i) =>
      values.forEach((value, j) => expect(traced.weights[i]![j]).toBeCloseTo(value, 5)),
    );
  });

  test('list inputs, gathered images, constants of the host, an output that is an input, one twice', () => {
    const images = residentImages(
      Uint8Array.from({ length: 24 }, (_, i) => i * 10),
      [6, 2, 2, 1],
    );
    const fn = (indices: tf.Tensor) => {
      const batch = images.gather(indices as tf.Tensor1D);
      const pair = tf.concat([batch, batch.mul(2), tf.fill(batch.shape, 3)], 3);
      const stacked = tf.stack([pair, pair.add(1)]).sum(0);
      return [indices, stacked, stacked, tf.addN([batch, batch])];
    };
    const traced = trace(fn, () => []);
    const indices = tf.tensor1d([5, 0, 3], 'int32');
    const expected = fn(indices).map((tensor) => tensor.arraySync());
    // The trace holds on to the images: it outlives the caller's hold.
    expect(traced(indices).map((tensor) => tensor.arraySync())).toEqual(expected);
    images.dispose();
    expect(traced(indices).map((tensor) => tensor.arraySync())).toEqual(expected);
    traced.dispose();
  });
});

test('a new shape or type is recorded anew, a known one is not', () => {
  let recordings = 0;
  const doubled = trace(
    (x) => {
      recordings++;
      return [x.mul(x.shape[0] ?? 0)];
    },
    () => [],
  );
  const run = (values: number[], dtype: 'float32' | 'int32' = 'float32') => [
    ...doubled(tf.tensor1d(values, dtype))[0]!.dataSync(),
  ];
  expect(run([1, 2])).toEqual([2, 4]);
  expect(run([1, 2, 3])).toEqual([3, 6, 9]);
  expect(run([4, 5])).toEqual([8, 10]);
  expect(run([4, 5], 'int32')).toEqual([8, 10]);
  expect(recordings).toBe(3);
  doubled.dispose();
  expect(doubled.nodes).toBe(0);
  expect(run([1, 2])).toEqual([2, 4]);
  doubled.dispose();
});

test('an outside copy of a variable keeps its value when the step changes the variable', () => {
  const v = tf.variable(tf.scalar(1));
  const copy = v.clone();
  const increase = trace(
    () => (v.assign(v.add(1)), [v.mul(10)]),
    () => [v],
  );
  expect(increase()[0]!.dataSync()[0]).toBe(20);
  expect(increase()[0]!.dataSync()[0]).toBe(30);
  expect([v.dataSync()[0], copy.dataSync()[0]]).toEqual([3, 1]);
  increase.dispose();
});

test('what a step does not look at is not handed over: it may be gone', () => {
  const [read, changed, idle] = [1, 2, 3].map((value) => tf.variable(tf.scalar(value))) as tf.Variable[];
  const step = trace(
    (_idle, x) => (changed!.assign(read!.mul(x!)), [x!.add(1)]),
    () => [idle!, read!, changed!],
  );
  const gone = tf.scalar(9);
  const values = (x: number) => step(gone, tf.scalar(x)).map((tensor) => tensor.dataSync()[0]);
  expect(values(5)).toEqual([6]);
  tf.dispose([gone, idle!]);
  expect(values(7)).toEqual([8]);
  expect(changed!.dataSync()[0]).toBe(7);
  read!.dispose();
  expect(() => values(1)).toThrow(/disposed after the step was traced/);
  step.dispose();
});

describe('what a trace refuses', () => {
  test.each([
    ['dataSync', (x: tf.Tensor) => x.add(1).dataSync()],
    [
      'an awaited read',
      (x: tf.Tensor) =>
        void x
          .add(1)
          .data()
          .catch(() => {}),
    ],
    ['a variable', (_: tf.Tensor, v: tf.Variable) => v.arraySync()],
  ])('reading by %s, and puts the variables back', (_, read) => {
    const v = tf.variable(tf.scalar(3));
    const traced = trace(
      (x) => (v.assign(v.add(x)), read(x, v), [v]),
      () => [v],
    );
    const error = failure(() => traced(tf.scalar(1)));
    expect(error.code).toBe('TRACE_READ');
    expect(error.message).toMatch(/inside a traced step.*Return the tensor and read it outside/);
    expect(v.dataSync()[0]).toBe(3);
    expect(tf.scalar(2).square().dataSync()[0]).toBe(4); // eager again
  });

  test('a variable it was not told of, read or assigned', () => {
    const told = tf.variable(tf.scalar(1));
    const other = tf.variable(tf.scalar(2), false, 'other');
    for (const fn of [() => [told.add(other)], () => (other.assign(told.add(1)), [told.add(1)])]) {
      const error = failure(trace(fn, () => [told]));
      expect(error.code).toBe('TRACE_UNSUPPORTED');
      expect(error.message).toBe(
        'Variable other is used in a traced step that was not told of it. Add it to the variables of the trace.',
      );
      expect(other.dataSync()[0]).toBe(2);
    }
  });

  test('a shape that depends on values; but such a tensor may be returned', () => {
    const unique = (x: tf.Tensor) => {
      const types = [
        { name: 'T', type: 4, value: 1 },
        { name: 'out_idx', type: 4, value: 3 },
      ];
      return currentTensorFlow()!.executeMultipleOutputs('Unique', types, [x], 2)[0]!;
    };
    const error = failure(() =>
      trace(
        (x) => [unique(x).mul(2)],
        () => [],
      )(tf.tensor1d([0, 1])),
    );
    expect(error).toMatchObject({ code: 'TRACE_UNSUPPORTED' });
    expect(error.message).toMatch(/shape depends on its values/);
    const returned = trace(
      (x) => [unique(x)],
      () => [],
    );
    expect(returned(tf.tensor1d([0, 1, 1]))[0]!.shape).toEqual([2]);
    returned.dispose();
  });
});

test('1,000 traced steps, and 50 recordings disposed, leave nothing behind', () => {
  const optimizer = tf.train.adam(0.01);
  const { step } = smallStep(optimizer);
  const images = deterministic([8, 6, 6, 1]);
  const labels = tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32');
  const traced = trace(step as AnyStep, allVariables);
  const once = (i: number) => {
    const seed = tf.tensor1d([i, 1], 'int32');
    for (const tensor of [...traced(images, labels, seed), seed]) tensor.dispose();
  };
  for (let i = 0; i < 100; i++) once(i);
  const before = engine.counts();
  const memory = process.memoryUsage().rss;
  for (let i = 0; i < 1000; i++) once(i);
  expect(engine.counts()).toEqual(before);
  for (let i = 0; i < 50; i++) {
    traced.dispose();
    once(i);
  }
  expect(engine.counts()).toEqual(before);
  expect(process.memoryUsage().rss - memory).toBeLessThan(96 * 2 ** 20);
  traced.dispose();
});
