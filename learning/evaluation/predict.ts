/**
 * Class probabilities of images: the network's answers outside training, as one traced function of fixed batch.
 * What the answers are worth is scores.ts; which images, and where answers go, is the caller's.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Network } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { trace } from '#learning/tensorflow/trace.ts';

export interface PredictOptions {
  /** Told after each batch. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Stays open, so that many calls share one trace: validation each epoch, or pictures dropped one by one. */
export interface Predictor {
  /**
   * @param pixels uint8 [count, height, width, channels] at the recipe's size
   * @param indices of the n images to look at
   * @returns softmax probabilities, [n, classCount] row-major
   * @throws CANCELLED
   */
  predict(pixels: Uint8Array, indices: ArrayLike<number>, options?: PredictOptions): Promise<Float32Array>;
  dispose(): void;
}

/** @param batchSize of every call; a last, smaller batch is padded. Take 1 for single pictures. */
export function openPredictor(network: Network, normalisation: Normalisation, batchSize = 256): Predictor {
  const { inputShape, classCount } = network.plan;
  const [height, width, channels] = inputShape as [number, number, number];
  const imageSize = height * width * channels;
  const traced = trace(
    (images) => [
      tf.softmax(network.apply(normalise(images as tf.Tensor4D, normalisation), { training: false })),
    ],
    () => network.variables.map(({ variable }) => variable),
  );

  return {
    async predict(pixels, indices, { onProgress, signal } = {}) {
      const total = indices.length;
      const probabilities = new Float32Array(total * classCount);
      for (let start = 0; start < total; start += batchSize) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'The prediction was cancelled.');
        const count = Math.min(batchSize, total - start);
        const batch = new Float32Array(batchSize * imageSize);
        for (let place = 0; place < count; place += 1) {
          const from = indices[start + place]! * imageSize;
          batch.set(pixels.subarray(from, from + imageSize), place * imageSize);
        }
        const images = tf.tensor4d(batch, [batchSize, height, width, channels]);
        const [answer] = traced(images) as [tf.Tensor];
        const values = (await answer.data()) as Float32Array;
        tf.dispose([images, answer]);
        probabilities.set(values.subarray(0, count * classCount), start * classCount);
        onProgress?.(start + count, total);
      }
      return probabilities;
    },
    dispose: () => traced.dispose(),
  };
}
