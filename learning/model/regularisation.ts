/**
 * The recipe's penalties on large weights, as a part of the loss. Adding it to the loss is left to the training
 * step; weight decay, which never enters the loss, to the optimizers.
 */
import * as tf from '@tensorflow/tfjs';
import type { Model } from '#recipe/model.ts';
import type { Network } from './network.ts';

/**
 * l1·Σ|w| + l2·Σw² over the kernels that training may change, float32 []; null where both are 0, so that a loss
 * without penalty stays the very same operations. Biases, scales and offsets go free, and so does what is frozen:
 * nothing could lower it. Traced and differentiable; the gradient is l1·sign(w) + 2·l2·w, 0 where w is 0.
 */
export function regularisation(
  { trainable }: Pick<Network, 'trainable'>,
  { l1, l2 }: Pick<Model, 'l1' | 'l2'>,
): tf.Scalar | null {
  const kernels = trainable.filter(({ weight }) => weight.role === 'kernel');
  if ((l1 === 0 && l2 === 0) || kernels.length === 0) return null;
  const penalty = tf.customGrad((kernel) => {
    const w = kernel as tf.Tensor;
    return {
      value: combine(
        l1,
        () => tf.sum(tf.abs(w)),
        l2,
        () => tf.sum(tf.square(w)),
      ),
      // tfjs's own gradient of |w| is -1 at 0.
      gradFunc: (dy: tf.Tensor) =>
        tf.mul(
          dy,
          combine(
            l1,
            () => tf.sign(w),
            2 * l2,
            () => w,
          ),
        ),
    };
  });
  return tf.addN(kernels.map(({ variable }) => penalty(variable))) as tf.Scalar;
}

/** a·x + b·y without the part whose factor is 0. */
function combine(a: number, x: () => tf.Tensor, b: number, y: () => tf.Tensor): tf.Tensor {
  if (a === 0) return tf.mul(y(), b);
  if (b === 0) return tf.mul(x(), a);
  return tf.add(tf.mul(x(), a), tf.mul(y(), b));
}
