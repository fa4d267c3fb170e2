/**
 * Convolutions of single pixels with a stride: their gradients by hand, and the same bytes at every training. oneDNN's
 * own gradient of such a kernel reads memory that nobody wrote (operations/windows.ts).
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { openTrainer } from '#learning/training/loop/trainer.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import type { OperationWeights } from '#learning/operations/operation.ts';
import { applyOperation } from '#learning/operations/operations.ts';
import { readWeights } from './network.ts';
import type { Operation } from '#recipe/operation.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const [images, side] = [8, 28];
const furthest = (actual: tf.Tensor, expected: ArrayLike<number>) =>
  (actual.dataSync() as Float32Array).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
    0,
  );

describe.each([
  ['depthwise-conv', 1, 2],
  ['depthwise-conv', 1, 3],
  ['depthwise-conv', 3, 2],
  ['depthwise-conv', 20, 2],
  ['conv', 1, 2],
  ['conv', 3, 4],
] as const)('%s of %i channels, stride %i', (kind, channels, stride) => {
  const out = Math.ceil(side / stride);
  const operation = {
    ...{
      kind,
      kernel: 1,
      stride,
      bias: false,
      name: '',
      inputs: [-1],
      weights: [],
      multiplyAdds: 0,
      layer: 0,
    },
    outputShape: [out, out, kind === 'conv' ? 1 : channels],
  } satisfies Operation;
  const pixel = (image: number, row: number, column: number, channel: number) =>
    Math.fround(Math.sin(1.3 * (((image * side + row) * side + column) * channels + channel) + 0.5));
  const kernel = Float32Array.from({ length: channels }, (_, channel) => Math.cos(channel + 1));

  test('output and gradients are those of the pixels that the stride meets', () => {
    // The loss is the sum of squares.
    const gradient = new Float64Array(channels);
    const outputs: number[] = [];
    const inputs = new Float64Array(images * side * side * channels);
    for (let image = 0; image < images; image += 1) {
      for (let row = 0; row < side; row += stride) {
        for (let column = 0; column < side; column += stride) {
          const x = Array.from(kernel, (_, channel) => pixel(image, row, column, channel));
          const products = x.map((value, channel) => value * kernel[channel]!);
          const sum = products.reduce((total, value) => total + value, 0);
          outputs.push(...(kind === 'conv' ? [sum] : products));
          x.forEach((value, channel) => {
            const y = kind === 'conv' ? sum : products[channel]!;
            gradient[channel]! += 2 * y * value;
            inputs[((image * side + row) * side + column) * channels + channel] = 2 * y * kernel[channel]!;
          });
        }
      }
    }

    const step = trace(
      (x, weights) => {
        const apply = (map: tf.Tensor, own: tf.Tensor) =>
          applyOperation(
            operation,
            [map],
            { kernel: own } as unknown as OperationWeights,
            { training: false },
            0,
          );
        const [toX, toKernel] = tf.grads((map, own) => tf.sum(tf.square(apply(map!, own!))))([x!, weights!]);
        return [apply(x!, weights!), toX!, toKernel!];
      },
      () => [],
    );
    const values = Float32Array.from({ length: inputs.length }, (_, i) =>
      Math.fround(Math.sin(1.3 * i + 0.5)),
    );
    for (let time = 0; time < 5; time += 1) {
      tf.tidy(() => {
        const [y, toX, toKernel] = step(
          tf.tensor4d(values, [images, side, side, channels]),
          tf.tensor4d(kernel, [1, 1, channels, 1]),
        );
        expect(y!.shape).toEqual([images, ...operation.outputShape]);
        expect(furthest(y!, outputs)).toBeLessThan(1e-5);
        expect(furthest(toX!, inputs)).toBeLessThan(1e-5);
        toKernel!.dataSync().forEach((value, i) => expect(value / gradient[i]!).toBeCloseTo(1, 4));
        tf.dispose([y!, toX!, toKernel!]);
      });
    }
    step.dispose();
  });
});

test.each([
  ['separable-conv', 2],
  ['separable-conv', 4],
  ['conv', 2],
])(
  '%s with kernel 1 and stride %i first on grey images: each training gives the same bytes',
  async (kind, stride) => {
    const recipe = smallRecipe({ model: { layers: [{ kind, filters: 8, kernel: 1, stride }] } });
    const ends: unknown[] = [];
    for (let time = 0; time < 4; time += 1) {
      const trainer = await openTrainer(recipe, sampleData(320, 8));
      for (let number = 1; number <= 10; number += 1)
        trainer.trainStep(number, { epochs: [], stepsBefore: 0 });
      ends.push(await readWeights(trainer.variables.network));
      trainer.dispose();
    }
    for (const end of ends) expect(end).toEqual(ends[0]);
  },
);
