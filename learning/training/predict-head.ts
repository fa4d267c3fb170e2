/** Class probabilities of images whose features are kept: what lies behind the frozen layers, as one traced function. */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Predictor } from '#learning/evaluation/predict.ts';
import type { Network } from '#learning/model/network.ts';
import { answeredAtOnce } from '#learning/model/prediction-batch.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import type { KeptFeatures } from './kept-features.ts';

/** As `openPredictor`, for the images of a training; their pixels are not looked at. */
export function openHeadPredictor(network: Network, features: KeptFeatures): Predictor {
  const { classCount } = network.plan;
  const traced = trace(
    (rows) => [
      tf.softmax(
        network.applyFrom(features.gather(rows as tf.Tensor1D), features.count, {
          training: false,
          folded: true,
        }),
      ),
    ],
    () => network.variables.map(({ variable }) => variable),
  );
  return {
    async predict(_pixels, indices, { onProgress, signal } = {}) {
      const total = indices.length;
      const size = answeredAtOnce(total, features.size);
      const probabilities = new Float32Array(total * classCount);
      for (let start = 0; start < total; start += size) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'The prediction was cancelled.');
        const count = Math.min(size, total - start);
        const rows = new Int32Array(size);
        for (let place = 0; place < count; place += 1)
          rows[place] = features.rowOf(indices[start + place]!, 0);
        const input = tf.tensor1d(rows, 'int32');
        const [answer] = traced(input) as [tf.Tensor];
        const values = (await answer.data()) as Float32Array;
        probabilities.set(values.subarray(0, count * classCount), start * classCount);
        tf.dispose([input, answer]);
        onProgress?.(start + count, total);
      }
      return probabilities;
    },
    dispose: () => traced.dispose(),
  };
}
