/**
 * What a step lowers and what it counts: pure functions of logits and targets, of engine operations alone.
 * Targets are float32 [batch, classCount] and may be mixed (mixup, CutMix); each row sums to 1.
 * Penalties on weights are the network's (model/), weights of classes are resolved in class-weights.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Loss } from '#recipe/loss.ts';

export interface LossOptions {
  loss: Loss;
  /** Share of each target that is spread evenly over all classes, 0..0.5. */
  labelSmoothing: number;
  /** One a class, of mean 1 over the images drawn; null where all weigh alike. */
  classWeights: Float32Array | null;
}

export interface BatchLoss {
  /** To be lowered: smoothed, focused and weighted as the recipe says. */
  trainingLoss: tf.Scalar;
  /** Mean cross-entropy against the targets as they are, in nats: comparable with the validation loss. */
  crossEntropy: tf.Scalar;
  /** How many rows answer the class of the heaviest target. */
  correct: tf.Scalar;
}

/**
 * Smoothed targets are (1 - s) of the target and s spread evenly over all classes (Szegedy et al. 2015).
 * The focal loss (Lin et al. 2017) takes each class's term times (1 - p)^gamma, so that with one answer an image
 * it is the paper's. Class weights multiply each image's loss by the mean weight of its targets; the batch's mean
 * is over images, so that it estimates the weighted mean over the training set whatever the batch holds.
 * @param logits float32 [batch, classCount]
 */
export function batchLoss(logits: tf.Tensor2D, targets: tf.Tensor2D, options: LossOptions): BatchLoss {
  const logProbabilities = tf.logSoftmax(logits);
  const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(targets, logProbabilities), 1))) as tf.Scalar;
  const answers = tf.argMax(targets, 1);
  const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), answers), 'float32')) as tf.Scalar;
  return {
    trainingLoss: trainingLossOf(logProbabilities, targets, crossEntropy, options),
    crossEntropy,
    correct,
  };
}

function trainingLossOf(
  logProbabilities: tf.Tensor,
  targets: tf.Tensor2D,
  crossEntropy: tf.Scalar,
  options: LossOptions,
): tf.Scalar {
  const { loss } = options;
  const mean = (focus: Focus | null) =>
    meanCrossEntropy(logProbabilities, targets, crossEntropy, focus, options);
  switch (loss.kind) {
    case 'cross-entropy':
      return mean(null);
    case 'focal':
      return mean(loss.gamma === 0 ? null : (logs) => focalFactor(logs, loss.gamma));
    default:
      return loss satisfies never;
  }
}

/** By what each class's term of the cross-entropy is multiplied, of log probabilities [batch, classCount]. */
type Focus = (logProbabilities: tf.Tensor) => tf.Tensor;

/** @param crossEntropy of the targets as they are: what neither smoothing, focus nor weights change is not computed again */
function meanCrossEntropy(
  logProbabilities: tf.Tensor,
  targets: tf.Tensor2D,
  crossEntropy: tf.Scalar,
  focus: Focus | null,
  { labelSmoothing: s, classWeights }: LossOptions,
): tf.Scalar {
  if (focus === null && classWeights === null) {
    if (s === 0) return crossEntropy;
    const spread = tf.neg(tf.mean(logProbabilities));
    return tf.add(tf.mul(crossEntropy, 1 - s), tf.mul(spread, s)) as tf.Scalar;
  }
  const classCount = targets.shape[1];
  const smoothed = s === 0 ? targets : tf.add(tf.mul(targets, 1 - s), s / classCount);
  const terms = tf.mul(smoothed, logProbabilities);
  const perImage = tf.neg(tf.sum(focus === null ? terms : tf.mul(terms, focus(logProbabilities)), 1));
  if (classWeights === null) return tf.mean(perImage) as tf.Scalar;
  // A copy: tfjs may keep the very array, and a trace needs it as it is now.
  const weights = tf.sum(tf.mul(targets, tf.tensor1d(classWeights.slice())), 1);
  return tf.mean(tf.mul(perImage, weights)) as tf.Scalar;
}

/** (1 - p)^gamma. Where float32 rounds p to 1 the slope of a root would be infinite; there it is taken as 0. */
function focalFactor(logProbabilities: tf.Tensor, gamma: number): tf.Tensor {
  return tf.pow(tf.maximum(tf.sub(1, tf.exp(logProbabilities)), 1e-12), gamma);
}
