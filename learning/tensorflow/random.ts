/**
 * Stateless random numbers: the same seed gives the same numbers, traced or eager, run or resumed.
 * tfjs's own generators draw in JavaScript and would freeze into constants when traced.
 * Native on TensorFlow; elsewhere Philox 4x32-10 (Salmon et al. 2011) from the seed, in JavaScript.
 */
import * as tf from '@tensorflow/tfjs';
import { currentTensorFlow, type TensorFlowBackend } from './backend.ts';
import { typeAttributes } from './eager.ts';
import { DataType } from './tensors.ts';

/** Uniform numbers from low to high, float32; `high` itself is never drawn from 0 to 1, and elsewhere only where rounding gives it. `seed` is int32 [2]; equal seeds give equal numbers. */
export function statelessUniform(shape: number[], seed: tf.Tensor1D, low = 0, high = 1): tf.Tensor {
  return tf.tidy(() => {
    const unit =
      stateless('StatelessRandomUniform', DataType.FLOAT, shape, seed) ??
      tf.tensor(philoxUniform(hostSeed(seed), tf.util.sizeFromShape(shape)), shape, 'float32');
    return low === 0 && high === 1 ? unit : unit.mul(high - low).add(low);
  });
}

/** Normal numbers of mean 0 and deviation 1, float32. */
export function statelessNormal(shape: number[], seed: tf.Tensor1D): tf.Tensor {
  const native = stateless('StatelessRandomNormal', DataType.FLOAT, shape, seed);
  if (native) return native;
  const count = tf.util.sizeFromShape(shape);
  const uniform = philoxUniform(hostSeed(seed), 2 * count);
  const normal = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    // Box and Muller; 1 − u keeps the logarithm finite.
    normal[i] = Math.sqrt(-2 * Math.log(1 - uniform[2 * i]!)) * Math.cos(2 * Math.PI * uniform[2 * i + 1]!);
  }
  return tf.tensor(normal, shape, 'float32');
}

/**
 * true with probability `share`, rounded to 256ths but neither to 0 nor 1: a byte of randomness each, where `statelessUniform`
 * takes four. @returns bool of this shape, and the share as rounded
 */
export function statelessMask(
  shape: number[],
  seed: tf.Tensor1D,
  share: number,
): { mask: tf.Tensor; share: number } {
  const below = Math.min(255, Math.max(1, Math.round(share * 256)));
  const count = tf.util.sizeFromShape(shape);
  const words = Math.ceil(count / 4);
  return {
    share: below / 256,
    mask: tf.tidy(() => {
      const backend = currentTensorFlow();
      if (backend) {
        const drawn = stateless('StatelessRandomUniformFullInt', DataType.INT32, [words], seed)!;
        return firstOf(bytesBelow(backend, drawn, below), count).reshape(shape);
      }
      const bytes = philoxBytes(hostSeed(seed), words);
      return tf.tensor(
        Uint8Array.from({ length: count }, (_, index) => Number(bytes[index]! < below)),
        shape,
        'bool',
      );
    }),
  };
}

/** Whether each byte of int32 [n] is less than `limit`: bool [n, 4]. tfjs has no bytes, so that these operations are run below it. */
function bytesBelow(backend: TensorFlowBackend, words: tf.Tensor, limit: number): tf.Tensor {
  const { binding } = backend;
  const [id] = backend.getInputTensorIds([words]);
  const threshold = binding.createTensor([], DataType.UINT8, Uint8Array.of(limit));
  const [bytes] = binding.executeOp(
    'Bitcast',
    typeAttributes({ T: DataType.INT32, type: DataType.UINT8 }),
    [id!],
    1,
  );
  const [less] = binding.executeOp('Less', typeAttributes({ T: DataType.UINT8 }), [bytes!.id, threshold], 1);
  binding.deleteTensor(threshold);
  binding.deleteTensor(bytes!.id);
  return backend.createOutputTensor(less!);
}

const firstOf = (values: tf.Tensor, count: number): tf.Tensor =>
  values.size === count ? values : values.flatten().slice([0], [count]);

/** An independent seed for a part of the step: a dropout layer, an augmentation. `stream` is any integer. */
export function foldSeed(seed: tf.Tensor1D, stream: number): tf.Tensor1D {
  const offset = [stream | 0, Math.imul(stream, 0x9e3779b9) ^ 0x7f4a7c15];
  return tf.tidy(() => {
    // Hashed before the stream is added, so that neighbouring seeds and streams do not meet.
    const hashed = stateless('StatelessRandomUniformFullInt', DataType.INT32, [2], seed);
    if (!hashed) {
      const [a, b] = philox(hostSeed(seed), 0);
      const [c, d] = philox([a + offset[0]!, b + offset[1]!], 1);
      return tf.tensor1d([c | 0, d | 0], 'int32');
    }
    const moved = hashed.add(tf.tensor1d(offset, 'int32')) as tf.Tensor1D;
    return stateless('StatelessRandomUniformFullInt', DataType.INT32, [2], moved) as tf.Tensor1D;
  });
}

function stateless(operation: string, dtype: number, shape: number[], seed: tf.Tensor1D): tf.Tensor | null {
  const backend = currentTensorFlow();
  if (!backend) return null;
  return tf.tidy(() =>
    backend.executeSingleOutput(
      operation,
      typeAttributes({ dtype, T: DataType.INT32, Tseed: DataType.INT32 }),
      [tf.tensor1d(shape, 'int32'), seed],
    ),
  );
}

function hostSeed(seed: tf.Tensor1D): [number, number] {
  const [a = 0, b = 0] = seed.dataSync();
  return [a, b];
}

function philoxUniform(seed: [number, number], count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 4) {
    const words = philox(seed, i >>> 2);
    // 24 bits: every value is exact in float32 and below 1.
    for (let k = 0; k < 4 && i + k < count; k++) values[i + k] = (words[k]! >>> 8) / 2 ** 24;
  }
  return values;
}

function philoxBytes(seed: [number, number], words: number): Uint8Array {
  const values = new Uint32Array(Math.ceil(words / 4) * 4);
  for (let at = 0; at < words; at += 4) values.set(philox(seed, at >>> 2), at);
  return new Uint8Array(values.buffer);
}

/** Four 32-bit words from a key of two words and a counter. */
export function philox(key: readonly [number, number], counter: number): [number, number, number, number] {
  let [a, b, c, d] = [counter >>> 0, Math.floor(counter / 2 ** 32) >>> 0, 0, 0];
  let [k0, k1] = [key[0] >>> 0, key[1] >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, a);
    const high1 = multiplyHigh(0xcd9e8d57, c);
    const low0 = Math.imul(0xd2511f53, a) >>> 0;
    const low1 = Math.imul(0xcd9e8d57, c) >>> 0;
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** The high 32 bits of a 32 × 32 bit product. */
function multiplyHigh(x: number, y: number): number {
  const [xh, xl, yh, yl] = [x >>> 16, x & 0xffff, y >>> 16, y & 0xffff];
  const middle = xh * yl + ((xl * yl) >>> 16);
  const other = (middle % 0x10000) + xl * yh;
  return (xh * yh + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000)) >>> 0;
}
