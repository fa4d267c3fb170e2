/** The choice of engine is visible, and each engine that opens here really trains. */
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openEngine } from './engine.ts';
import { fusedBatchNorm, residentImages } from './operations.ts';
import { foldSeed, statelessUniform } from './random.ts';
import { trace } from './trace.ts';

const named = process.env.ATELIER_TENSORFLOW;
afterEach(() => {
  if (named === undefined) delete process.env.ATELIER_TENSORFLOW;
  else process.env.ATELIER_TENSORFLOW = named;
});

test('without TensorFlow another engine is taken, and the reason is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-tensorflow-'));
  process.env.ATELIER_TENSORFLOW = folder;
  const engine = await openEngine();
  expect(engine.info.kind).not.toBe('tensorflow');
  expect(engine.info.passedOver[0]).toMatchObject({ kind: 'tensorflow' });
  expect(engine.info.passedOver[0]!.reason).toContain(`${folder} (no libtensorflow`);
  engine.close();
});

test('opened twice, TensorFlow is shared until both have closed it; then it can be opened again', async () => {
  const first = await openEngine({ prefer: 'tensorflow', threads: 1 });
  const second = await openEngine({ prefer: 'tensorflow' });
  expect(second.info.threads).toBe(1);
  first.close();
  expect(tf.scalar(3).square().dataSync()[0]).toBe(9);
  second.close();
  const third = await openEngine({ prefer: 'tensorflow', threads: 2 });
  expect(third.info.threads).toBe(2);
  expect(tf.scalar(4).square().dataSync()[0]).toBe(16);
  third.close();
});

describe.each(['tensorflow', 'wasm'] as const)('%s', (kind) => {
  test('trains a small network of every layer kind, in the same code', async () => {
    const engine = await openEngine({ prefer: kind });
    expect(engine.info.kind).toBe(kind);
    const before = engine.counts();
    const images = residentImages(
      Uint8Array.from({ length: 12 * 64 }, (_, i) => ((i >> 6) % 3) * 80 + (i % 7)),
      [12, 8, 8, 1],
    );
    const wave = (shape: number[]) =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 0.4 * Math.sin(i * 1.9)),
        shape,
      );
    const variable = <R extends tf.Rank>(initial: tf.Tensor) => {
      const made = tf.variable(initial);
      initial.dispose();
      return made as tf.Variable<R>;
    };
    const first = variable<tf.Rank.R4>(wave([3, 3, 1, 4]));
    const depth = variable<tf.Rank.R4>(wave([3, 3, 4, 1]));
    const second = variable<tf.Rank.R4>(wave([3, 3, 4, 4]));
    const scale = variable<tf.Rank.R1>(tf.ones([4]));
    const offset = variable<tf.Rank.R1>(tf.zeros([4]));
    const dense = variable<tf.Rank.R2>(wave([4, 3]));
    const variables: tf.Variable[] = [first, depth, second, scale, offset, dense];
    const optimizer = tf.train.adam(0.02);
    const step = trace(
      (indices, labels, seed) => {
        const loss = optimizer.minimize(
          () => {
            const x = images.gather(indices as tf.Tensor1D).div(255) as tf.Tensor4D;
            let y = fusedBatchNorm(
              tf.conv2d(x, first, 1, 'same'),
              scale,
              offset,
              1e-3,
            ).y.relu() as tf.Tensor4D;
            y = tf.maxPool(y, 2, 2, 'same');
            y = y.add(tf.conv2d(y, second, 1, 'same'));
            y = tf.depthwiseConv2d(y, depth, 1, 'same');
            y = tf.avgPool(tf.leakyRelu(y, 0.1), 2, 2, 'same');
            y = y
              .add(
                tf.conv2d(y, second, 2, 'same').pad([
                  [0, 0],
                  [0, 1],
                  [0, 1],
                  [0, 0],
                ]),
              )
              .elu();
            const pooled = tf.mean<tf.Tensor2D>(y, [1, 2]);
            const keep = statelessUniform(pooled.shape, foldSeed(seed as tf.Tensor1D, 1)).greaterEqual(0.1);
            const logits = tf.matMul(pooled.mul(keep.cast('float32')), dense);
            return tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, 3), logits).asScalar();
          },
          true,
          variables,
        )!;
        return [loss];
      },
      () => Object.values(tf.engine().registeredVariables) as tf.Variable[],
    );
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) {
      tf.tidy(() => {
        const indices = tf.range(0, 12, 1, 'int32');
        losses.push(
          step(indices, indices.mod(tf.scalar(3, 'int32')), tf.tensor1d([4, i], 'int32'))[0]!.dataSync()[0]!,
        );
      });
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
    step.dispose();
    images.dispose();
    optimizer.dispose();
    tf.disposeVariables();
    expect(engine.counts()).toEqual(before);
    engine.close();
  });
});

test('the composed and borrowed gradients of wasm are those of TensorFlow', async () => {
  const gradients = async (prefer: 'tensorflow' | 'wasm') => {
    const engine = await openEngine({ prefer });
    const wave = (shape: number[], phase: number) =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 1.1 + phase)),
        shape,
      );
    const results: number[][] = [];
    for (const [size, filter, stride, pad] of [
      [7, 3, 1, 'same'],
      [7, 3, 2, 'same'],
      [8, 3, 2, 'valid'],
      [6, 1, 3, 'valid'],
      [5, 5, 1, 'valid'],
    ] as const) {
      const loss = (x: tf.Tensor, w: tf.Tensor) => {
        const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
        return tf
          .maxPool(y.relu() as tf.Tensor4D, 2, 2, 'same')
          .square()
          .sum();
      };
      const inputs = [wave([2, size, size, 3], 0), wave([filter, filter, 3, 4], 1)];
      for (const gradient of tf.grads(loss)(inputs)) results.push([...gradient.dataSync()]);
    }
    engine.close();
    return results;
  };
  const expected = await gradients('tensorflow');
  const actual = await gradients('wasm');
  expected.forEach((values, i) => values.forEach((value, j) => expect(actual[i]![j]).toBeCloseTo(value, 2)));
});
