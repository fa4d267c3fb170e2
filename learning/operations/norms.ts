/** Operations that bring values to a common mean and spread: over the batch, or over the channels of each pixel. */
import * as tf from '@tensorflow/tfjs';
import { fusedBatchNorm } from '#learning/tensorflow/operations.ts';
import { BatchNormalization, LayerNormalization, Transpose, type Value } from '#learning/onnx/operators.ts';
import type { Mode, OperationCode, OperationWeights } from './operation.ts';

export const batchNormalisation: OperationCode<'batch-norm'> = {
  apply: (operation, [input], weights, mode) => batchNorm(input!, weights, operation, mode),
  write(graph, { name, epsilon }, [x], weights) {
    const [scale, offset, mean, variance] = weights as [Value, Value, Value, Value];
    return BatchNormalization(graph, name, [x!, scale, offset, mean, variance], epsilon);
  },
};

export const layerNormalisation: OperationCode<'layer-norm'> = {
  apply: ({ epsilon }, [input], { scale, offset }) =>
    tf.add(tf.mul(standardise(input!, epsilon), scale), offset),
  write(graph, { name, epsilon, outputShape }, [x], weights) {
    const [scale, offset] = weights as [Value, Value];
    const norm = (label: string, value: Value) =>
      LayerNormalization(graph, label, [value, scale, offset], epsilon);
    if (outputShape.length === 1) return norm(name, x!);
    // It normalises the last axes only: the channels go there and back.
    const channelsLast = Transpose(graph, `${name}/nhwc`, x!, [0, 2, 3, 1]);
    return Transpose(graph, name, norm(`${name}/norm`, channelsLast), [0, 3, 1, 2]);
  },
};

function batchNorm(
  x: tf.Tensor,
  { scale, offset, mean, variance }: OperationWeights,
  { epsilon, momentum }: { epsilon: number; momentum: number },
  mode: Mode,
): tf.Tensor {
  if (!mode.training) {
    // One multiplication and one addition, which exporters can fold into the convolution before it.
    const factor = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale);
    return tf.add(tf.mul(x, factor), tf.sub(offset, tf.mul(mean, factor)));
  }
  const { y, batchMean, batchVariance } = fusedBatchNorm(
    x as tf.Tensor4D,
    scale as tf.Tensor as tf.Tensor1D,
    offset as tf.Tensor as tf.Tensor1D,
    epsilon,
  );
  for (const [running, batch] of [
    [mean, batchMean],
    [variance, batchVariance],
  ] as const) {
    running.assign(tf.add(tf.mul(running, momentum), tf.mul(batch, 1 - momentum)));
  }
  return y;
}

/**
 * (x - mean) / √(variance + epsilon) over the last axis (Ba et al. 2016). Its gradient in closed form walks over
 * x a few times; tfjs's own, of eight operations with a gradient each, walks over it some twenty times.
 */
function standardise(x: tf.Tensor, epsilon: number): tf.Tensor {
  const over = (tensor: tf.Tensor) => tf.mean(tensor, -1, true);
  return tf.customGrad((input, save) => {
    const centred = tf.sub(input as tf.Tensor, over(input as tf.Tensor));
    const inverse = tf.rsqrt(tf.add(over(tf.square(centred)), epsilon));
    const value = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([value, inverse]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [y, factor]: tf.Tensor[]) => {
        const along = tf.mul(y!, over(tf.mul(dy, y!)));
        return tf.mul(tf.sub(tf.sub(dy, over(dy)), along), factor!);
      },
    };
  })(x);
}
