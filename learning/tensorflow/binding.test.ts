/** Values in and out, errors, and leaks of the binding, on the real TensorFlow. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AtelierError } from '#contract/errors.ts';
import { currentTensorFlow } from './backend.ts';
import { encodeConfig } from './context.ts';
import { openEngine, type Engine } from './engine.ts';
import { engineError } from './ffi.ts';
import { DataType } from './tensors.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine({ prefer: 'tensorflow', threads: 2 })));
afterAll(() => engine.close());

const binding = () => currentTensorFlow()!.binding;

test('the engine names itself', () => {
  expect(engine.info).toMatchObject({ kind: 'tensorflow', threads: 2, precision: 'float32', passedOver: [] });
  expect(engine.info.version).toMatch(/^2\.\d+\.\d+/);
  expect(engine.info.device).not.toBe('');
});

describe('values survive the way through TensorFlow', () => {
  const numbers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
  test('float32, with what is not finite', () => {
    const values = [0, -0, 1.5, 3.4e38, NaN, Infinity, -Infinity];
    expect([...tf.tensor1d(values).add(0).dataSync()]).toEqual([
      ...Float32Array.from(values).map((v) => v + 0),
    ]);
  });
  test('int32', () => {
    expect([
      ...tf
        .tensor1d(numbers, 'int32')
        .maximum(tf.scalar(-(2 ** 31), 'int32'))
        .dataSync(),
    ]).toEqual(numbers);
  });
  test('bool', () => {
    expect([...tf.tensor1d([true, false, true], 'bool').logicalNot().dataSync()]).toEqual([0, 1, 0]);
  });
  test('int64 comes back as int32', () => {
    const id = binding().createTensor([2], DataType.INT64, Int32Array.of(7, -9));
    expect([...binding().tensorDataSync(id)]).toEqual([7, -9]);
    binding().deleteTensor(id);
  });
  test('a scalar, an empty tensor and rank 5', () => {
    expect(tf.scalar(2).square().dataSync()[0]).toBe(4);
    expect(tf.zeros([0, 3]).add(1).shape).toEqual([0, 3]);
    expect(tf.ones([1, 2, 3, 4, 5]).sum().dataSync()[0]).toBe(120);
  });
  test('string attributes and int lists: a strided, padded convolution', () => {
    const y = tf.conv2d(tf.ones<tf.Rank.R4>([1, 5, 5, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 2, 'same');
    expect([...y.dataSync()]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });
});

describe('errors', () => {
  const thrown = (action: () => unknown): AtelierError => {
    try {
      action();
    } catch (error) {
      return error as AtelierError;
    }
    throw new Error('nothing was thrown');
  };
  test('an operation refused names itself', () => {
    const a = binding().createTensor([2, 2], DataType.FLOAT, new Float32Array(4));
    const b = binding().createTensor([3, 2], DataType.FLOAT, new Float32Array(6));
    const error = thrown(() => binding().executeOp('MatMul', [], [a, b], 1));
    expect(error).toMatchObject({ code: 'ENGINE_FAILED', details: { operation: 'MatMul' } });
    expect(error.message).toMatch(/^TensorFlow refused MatMul: .*incompatible/);
    for (const id of [a, b]) binding().deleteTensor(id);
  });
  test('an unknown operation', () => {
    expect(thrown(() => binding().executeOp('NoSuchThing', [], [], 1)).message).toMatch(
      /^TensorFlow refused NoSuchThing/,
    );
  });
  test('too few values', () => {
    expect(thrown(() => binding().createTensor([4], DataType.FLOAT, new Float32Array(3))).message).toBe(
      'A tensor of shape [4] was expected to hold 4 values, received 3.',
    );
  });
  test('use after dispose', () => {
    const id = binding().createTensor([], DataType.FLOAT, Float32Array.of(1));
    binding().deleteTensor(id);
    expect(thrown(() => binding().tensorDataSync(id)).message).toBe(
      `Tensor ${id} was used after it was disposed.`,
    );
  });
  test('exhausted memory says what to do', () => {
    const error = engineError(8, 'Conv2D', 'OOM when allocating tensor with shape[9]\nmore');
    expect(error.code).toBe('OUT_OF_MEMORY');
    expect(error.message).toBe(
      'Conv2D needed more memory than the device has (OOM when allocating tensor with shape[9]). ' +
        'Lower the batch size, or use a smaller model.',
    );
  });
});

test('ConfigProto bytes', () => {
  // Fields 2 and 5 (threads), 6 { 4: 1 } (memory growth), 7 (soft placement), 1 { "GPU": 0 }.
  expect([...encodeConfig({ threads: 300, hideGpus: true })]).toEqual([
    ...[0x10, 0xac, 0x02],
    ...[0x28, 0x01],
    ...[0x32, 0x02, 0x20, 0x01],
    ...[0x38, 0x01],
    ...[0x0a, 0x07, 0x0a, 0x03, 0x47, 0x50, 0x55, 0x10, 0x00],
  ]);
});

test('1,000 eager operations leave nothing behind', () => {
  const x = tf.randomNormal([64, 64]);
  const work = () => tf.tidy(() => tf.matMul(x, x).relu().mean().dataSync());
  for (let i = 0; i < 50; i++) work();
  const before = engine.counts();
  const memory = process.memoryUsage().rss;
  for (let i = 0; i < 334; i++) work();
  expect(engine.counts()).toEqual(before);
  expect(process.memoryUsage().rss - memory).toBeLessThan(64 * 2 ** 20);
  x.dispose();
});
