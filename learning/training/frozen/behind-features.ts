/**
 * What lies behind frozen layers, as one traced function of rows of kept features: in calls of one size, so that it is
 * traced once: class probabilities of images whose features are kept, and what linear-probe.ts learns from.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { PredictOptions, Predictor } from '#learning/evaluation/predict.ts';
import type { Network } from '#learning/model/network.ts';
import { predictedAtOnce } from '#recipe/prediction-batch.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import type { KeptFeatures } from './kept-features.ts';

interface BehindFeatures {
  /**
   * @param rows of the features
   * @param atOnce rows of a call
   * @returns [rows, width]
   * @throws CANCELLED
   */
  read(rows: Int32Array, atOnce: number, options?: PredictOptions): Promise<Float32Array>;
  dispose(): void;
}

interface Asked {
  /** What of it is asked: float32 [batch, width] of features float32 [batch, ...]. May be traced. */
  apply(features: tf.Tensor): tf.Tensor;
  width: number;
  /** What is cancelled, for saying so. */
  name: string;
}

export function openBehindFeatures(
  network: Network,
  features: KeptFeatures,
  { apply, width, name }: Asked,
): BehindFeatures {
  const traced = trace(
    (rows) => [apply(features.gather(rows as tf.Tensor1D))],
    () => network.variables.map(({ variable }) => variable),
  );
  return {
    async read(rows, atOnce, { onProgress, signal } = {}) {
      const total = rows.length;
      const result = new Float32Array(total * width);
      for (let start = 0; start < total; start += atOnce) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', `${name} was cancelled.`);
        const count = Math.min(atOnce, total - start);
        const some = new Int32Array(atOnce);
        some.set(rows.subarray(start, start + count));
        const input = tf.tensor1d(some, 'int32');
        const [answer] = traced(input) as [tf.Tensor];
        const values = (await answer.data()) as Float32Array;
        result.set(values.subarray(0, count * width), start * width);
        tf.dispose([input, answer]);
        onProgress?.(start + count, total);
      }
      return result;
    },
    dispose: () => traced.dispose(),
  };
}

/** As `openPredictor`, for the images of a training; their pixels are not looked at. */
export function openHeadPredictor(network: Network, features: KeptFeatures): Predictor {
  const behind = openBehindFeatures(network, features, {
    apply: (x) => tf.softmax(network.applyFrom(x, features.count, { training: false, folded: true })),
    width: network.plan.classCount,
    name: 'The prediction',
  });
  return {
    predict: (_pixels, indices, options) =>
      behind.read(
        Int32Array.from(indices, (image) => features.rowOf(image, 0)),
        predictedAtOnce(indices.length, features.size),
        options,
      ),
    dispose: () => behind.dispose(),
  };
}
