/**
 * Class probabilities of images by what the frozen layers of their network give, which is kept: only what is missing is
 * computed from pixels. The answers are those of predict.ts but for rounding.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import { featureKey } from '#learning/model/feature-key.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import { type Network, readWeights } from '#learning/model/network.ts';
import { product } from '#recipe/shape.ts';
import type { Normalisation } from '#learning/model/preprocessing.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { openFeatureReader } from './features.ts';
import type { PredictOptions } from './predict.ts';

const batchSize = 256;
/** Bytes of features that are held at once. */
const mostBytes = 2 ** 28;

export interface FromFeatures extends PredictOptions {
  store: FeatureStore;
  /** uint8 [count, height, width, channels]; asked for where features are missing. */
  pixels: () => Promise<Uint8Array>;
}

/**
 * @param count operations of the network whose output is kept, from the first
 * @param rows of the n images to look at
 * @returns softmax probabilities, [n, classCount] row-major
 * @throws CANCELLED, and what `pixels` and the store throw
 */
export async function predictFromFeatures(
  network: Network,
  normalisation: Normalisation,
  count: number,
  rows: Int32Array,
  { store, pixels, onProgress, signal }: FromFeatures,
): Promise<Float32Array> {
  const { classCount } = network.plan;
  const reader = openFeatureReader(network, normalisation, count);
  const size = product(reader.shape);
  const key = featureKey(network.plan, normalisation, count, await readWeights(network));
  const batch = Math.min(batchSize, rows.length);
  const traced = trace(
    (features) => [tf.softmax(network.applyFrom(features!, count, { training: false, folded: true }))],
    () => network.variables.map(({ variable }) => variable),
  );
  const probabilities = new Float32Array(rows.length * classCount);
  const answer = async (features: Float32Array, from: number) => {
    for (let at = 0; at < features.length / size; at += batch) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw new AtelierError('CANCELLED', 'The prediction was cancelled.');
      const some = features.subarray(at * size, (at + batch) * size);
      const whole = new Float32Array(batch * size);
      whole.set(some);
      const input = tf.tensor(whole, [batch, ...reader.shape]);
      const [answers] = traced(input) as [tf.Tensor];
      const values = (await answers.data()) as Float32Array;
      tf.dispose([input, answers]);
      probabilities.set(values.subarray(0, (some.length / size) * classCount), (from + at) * classCount);
    }
  };
  try {
    const atOnce = Math.max(batch, Math.floor(mostBytes / (size * 4)));
    for (let from = 0; from < rows.length; from += atOnce) {
      const some = rows.slice(from, from + atOnce);
      const features = await store.read(key, some, size, async (missing, there) =>
        reader.read(await pixels(), missing, null, {
          ...(signal ? { signal } : {}),
          onProgress: (done) => onProgress?.(from + there + done, rows.length),
        }),
      );
      await answer(features, from);
      onProgress?.(from + some.length, rows.length);
    }
    return probabilities;
  } finally {
    traced.dispose();
    reader.dispose();
  }
}
