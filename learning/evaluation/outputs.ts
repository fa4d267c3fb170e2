/**
 * What an answer rule needs of a network for each image: what its classifier looks at, and its logits, of one look. By the engine, as predictions are;
 * which images, and what follows of it, is left to answer-rule.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Network } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { featureOperations } from '#recipe/plan.ts';
import { predictionBatch } from '#recipe/prediction-batch.ts';
import { product } from '#recipe/shape.ts';
import type { PredictOptions } from './predict.ts';

export interface Outputs {
  /** [n, features], row-major. */
  features: Float32Array;
  /** [n, classCount], row-major. */
  logits: Float32Array;
}

export interface OutputReader {
  /** Numbers of one image's features. */
  readonly size: number;
  /**
   * @param pixels uint8 [count, height, width, channels] at the recipe's size
   * @param indices of the n images to look at
   * @throws CANCELLED
   */
  read(pixels: Uint8Array, indices: ArrayLike<number>, options?: PredictOptions): Promise<Outputs>;
  dispose(): void;
}

/** @param batchSize of every call; a last, smaller one is padded. What the network's size allows when absent */
export function openOutputReader(
  network: Network,
  normalisation: Normalisation,
  batchSize = predictionBatch(network.plan),
): OutputReader {
  const { plan } = network;
  const count = featureOperations(plan);
  const [height, width, channels] = plan.inputShape as [number, number, number];
  const imageSize = height * width * channels;
  const size = product(plan.operations[count - 1]!.outputShape);
  const traced = trace(
    (images) => {
      const features = network.featuresOf(normalise(images as tf.Tensor4D, normalisation), count);
      return [features, network.applyFrom(features, count, { training: false, folded: true })];
    },
    () => network.variables.map(({ variable }) => variable),
  );

  /** Takes the images over. */
  const outputsOf = async (images: tf.Tensor4D): Promise<[Float32Array, Float32Array]> => {
    let outputs: tf.Tensor[] = [];
    try {
      outputs = traced(images);
      const [features, logits] = await Promise.all(outputs.map((tensor) => tensor.data()));
      return [features as Float32Array, logits as Float32Array];
    } finally {
      tf.dispose([images, ...outputs]);
    }
  };

  return {
    size,
    async read(pixels, indices, { onProgress, signal } = {}) {
      const total = indices.length;
      const features = new Float32Array(total * size);
      const logits = new Float32Array(total * plan.classCount);
      for (let start = 0; start < total; start += batchSize) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'Looking at the images was cancelled.');
        const some = Math.min(batchSize, total - start);
        const batch = new Float32Array(batchSize * imageSize);
        for (let place = 0; place < some; place += 1) {
          const from = indices[start + place]! * imageSize;
          batch.set(pixels.subarray(from, from + imageSize), place * imageSize);
        }
        const [seen, answers] = await outputsOf(tf.tensor4d(batch, [batchSize, height, width, channels]));
        features.set(seen.subarray(0, some * size), start * size);
        logits.set(answers.subarray(0, some * plan.classCount), start * plan.classCount);
        onProgress?.(start + some, total);
      }
      return { features, logits };
    },
    dispose: () => traced.dispose(),
  };
}
