/** Class probabilities of images whose features are kept. */
import * as tf from '@tensorflow/tfjs';
import type { Predictor } from '#learning/evaluation/predict.ts';
import type { Network } from '#learning/model/network.ts';
import { answeredAtOnce } from '#recipe/prediction-batch.ts';
import { openBehindFeatures } from './behind-features.ts';
import type { KeptFeatures } from './kept-features.ts';

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
        answeredAtOnce(indices.length, features.size),
        options,
      ),
    dispose: () => behind.dispose(),
  };
}
