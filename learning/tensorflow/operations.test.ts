/** Fused batch norm against tfjs's own composition, traced and eager; resident images. On the real TensorFlow. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine, type Engine } from './engine.ts';
import { fusedBatchNorm, gatherRows, relu, residentImages } from './operations.ts';
import { trace } from './trace.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine({ prefer: 'tensorflow' })));
afterAll(() => engine.close());

const EPSILON = 1e-3;
const wave = (shape: number[], phase = 0) =>
  tf.tensor(
    Float32Array.from(
      { length: tf.util.sizeFromShape(shape) },
      (_, i) => Math.sin(i * 1.3 + phase) + 0.2 * Math.cos(i * i),
    ),
    shape,
  );

/** What tfjs composes, with the loss that the gradients below are of. */
function reference(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1));
  return x.sub(mean).div(variance.add(EPSILON).sqrt()).mul(scale).add(offset);
}

function close(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-4): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.sub(expected).abs().max().dataSync()[0]).toBeLessThan(tolerance);
}

describe.each([[[4, 5, 6, 3]], [[16, 3]]])('fused batch norm of %j', (shape) => {
  const make = () => [wave(shape), tf.tensor1d([0.5, 1, 2]), tf.tensor1d([-1, 0, 1])] as const;
  const weights = () => wave(shape, 2); // a loss that sees every element differently
  const fused = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
    fusedBatchNorm(x as tf.Tensor4D, scale as tf.Tensor1D, offset as tf.Tensor1D, EPSILON);

  test('values, batch mean and unbiased batch variance', () => {
    const [x, scale, offset] = make();
    const { y, batchMean, batchVariance } = fused(x, scale, offset);
    const { mean, variance } = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1));
    const count = x.size / 3;
    close(y, reference(x, scale, offset));
    close(batchMean, mean);
    close(batchVariance, variance.mul(count / (count - 1)));
  });

  test.each(['eager', 'traced'])('gradients in x, scale and offset, %s', (how) => {
    const [x, scale, offset] = make();
    const of = (norm: (...inputs: tf.Tensor[]) => tf.Tensor) =>
      tf.grads((...inputs: tf.Tensor[]) =>
        norm(...inputs)
          .mul(weights())
          .square()
          .sum(),
      );
    const expected = of((a, b, c) => reference(a!, b!, c!))([x, scale, offset]);
    const step = (...inputs: tf.Tensor[]) => of((a, b, c) => fused(a!, b!, c!).y)(inputs);
    const traced = trace(step, () => []);
    const actual = how === 'traced' ? traced(x, scale, offset) : step(x, scale, offset);
    expected.forEach((gradient, i) => close(actual[i]!, gradient, 2e-3));
    expect(expected[0]!.abs().max().dataSync()[0]).toBeGreaterThan(0.01);
    traced.dispose();
  });
});

test('relu and its gradient are those of tfjs, at zero too', () => {
  const x = tf.tensor2d([-2, -0, 0, 1e-30, 3, NaN], [2, 3]);
  const gradient = (f: (x: tf.Tensor) => tf.Tensor) => [
    ...tf
      .grad((t) => f(t).mul(tf.range(1, 4)))(x)
      .dataSync(),
  ];
  expect([...relu(x).dataSync()].slice(0, 5)).toEqual([...tf.relu(x).dataSync()].slice(0, 5));
  expect(gradient(relu).slice(0, 5)).toEqual(gradient(tf.relu).slice(0, 5));
});

test('rows are gathered by indices that only the engine knows, traced and eager', () => {
  const rows = tf.tensor(
    Float32Array.from({ length: 24 }, (_, i) => i * 1.5),
    [4, 3, 2],
  );
  const next = (indices: tf.Tensor) => [
    gatherRows(rows, tf.sub(tf.scalar(3, 'int32'), indices) as tf.Tensor1D),
    gatherRows(tf.tensor1d([10, 20, 30, 40]), tf.sub(tf.scalar(3, 'int32'), indices) as tf.Tensor1D),
  ];
  const traced = trace(
    (indices) => next(indices!),
    () => [],
  );
  for (const indices of [
    [0, 3, 3],
    [2, 1, 0],
  ]) {
    for (const how of [next, traced]) {
      const [images, numbers] = how(tf.tensor1d(indices, 'int32'));
      expect(images!.shape).toEqual([3, 3, 2]);
      const expected = indices.flatMap((index) => [0, 1, 2, 3, 4, 5].map((i) => ((3 - index) * 6 + i) * 1.5));
      expect([...images!.dataSync()]).toEqual(expected);
      expect([...numbers!.dataSync()]).toEqual(indices.map((index) => 10 * (4 - index)));
    }
  }
  traced.dispose();
});

describe('resident images', () => {
  const pixels = Uint8Array.from({ length: 5 * 2 * 2 * 3 }, (_, i) => (i * 37) % 256);
  test('a gathered batch holds the bytes as floats, in order', () => {
    const images = residentImages(pixels, [5, 2, 2, 3]);
    const batch = images.gather(tf.tensor1d([4, 0, 4], 'int32'));
    expect(batch.shape).toEqual([3, 2, 2, 3]);
    const row = (i: number) => [...pixels.subarray(i * 12, i * 12 + 12)];
    expect([...batch.dataSync()]).toEqual([...row(4), ...row(0), ...row(4)]);
    images.dispose();
  });
  test('are held once and freed', () => {
    const before = engine.counts();
    const images = residentImages(pixels, [5, 2, 2, 3]);
    expect(engine.counts().handles).toBe(before.handles + 1);
    tf.tidy(() => void images.gather(tf.tensor1d([1], 'int32')));
    images.dispose();
    images.dispose();
    expect(engine.counts()).toEqual(before);
  });
  test('refuse a shape that does not fit', () => {
    expect(() => residentImages(pixels, [5, 2, 2, 1])).toThrow(
      'Images of shape [5, 2, 2, 1] were expected to hold 20 bytes, received 60.',
    );
  });
});
