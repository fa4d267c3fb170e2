/** Operations that look at a map through a window: convolutions and pools. */
import * as tf from '@tensorflow/tfjs';
import { addBias } from '#learning/tensorflow/operations.ts';
import {
  AveragePool,
  Conv,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  type Value,
} from '#learning/onnx/operators.ts';
import { type Operation, type Padding, samePadding } from '#recipe/operation.ts';
import type { OperationCode, OperationOf, OperationWeights } from './operation.ts';

type Convolution = 'conv' | 'depthwise-conv';

export const convolution: OperationCode<'conv'> = {
  apply(operation, [input], weights) {
    const kernel = weights.kernel as tf.Tensor as tf.Tensor4D;
    const map = conv(input as tf.Tensor4D, kernel, operation);
    return operation.bias ? tf.add(map, weights.bias) : map;
  },
  write: (graph, operation, [x], weights, inputShape) =>
    Conv(graph, operation.name, [x!, ...weights] as [Value, Value], {
      ...windowOf(operation, inputShape),
      groups: 1,
    }),
};

/** Each channel with a kernel of its own. */
export const depthwiseConvolution: OperationCode<'depthwise-conv'> = {
  apply(operation, [input], weights) {
    const kernel = weights.kernel as tf.Tensor as tf.Tensor4D;
    const map = depthwise(input as tf.Tensor4D, kernel, operation);
    return operation.bias ? tf.add(map, weights.bias) : map;
  },
  write: (graph, operation, [x], weights, inputShape) =>
    Conv(graph, operation.name, [x!, ...weights] as [Value, Value], {
      ...windowOf(operation, inputShape),
      groups: inputShape[2]!,
    }),
};

export const maxPool: OperationCode<'max-pool'> = {
  apply: ({ size, stride = size, padding }, [input]) =>
    tf.maxPool(padded(input as tf.Tensor4D, padding, lowest), size, stride, 'valid'),
  write: (graph, { name, size, stride = size, padding }, [x]) =>
    MaxPool(graph, name, x!, { size, stride, pads: padding }),
};

export const averagePool: OperationCode<'average-pool'> = {
  apply: ({ size, stride = size }, [input]) => tf.avgPool(input as tf.Tensor4D, size, stride, 'valid'),
  write: (graph, { name, size, stride = size }, [x]) => AveragePool(graph, name, x!, { size, stride }),
};

export const globalAveragePool: OperationCode<'global-average-pool'> = {
  apply: (_, [input]) => tf.mean(input!, [1, 2]),
  write: (graph, { name }, [x]) => Flatten(graph, name, GlobalAveragePool(graph, `${name}/map`, x!)),
};

const windowOf = (
  { kernel, stride, padding }: OperationOf<Convolution>,
  [height, width]: readonly number[],
) => ({
  kernel,
  stride,
  pads: padding ?? samePadding(height!, width!, kernel, stride),
});

/**
 * A convolution and the batch norm after it by running statistics as one: the kernel carries the factor of each channel, a
 * bias the rest. The same but for rounding, in one pass over the map. Differentiable in kernel, scale and offset.
 */
export function applyNormalised(
  operation: Operation,
  x: tf.Tensor,
  own: OperationWeights,
  norm: Operation,
  { scale, offset, mean, variance }: OperationWeights,
): tf.Tensor {
  if ((operation.kind !== 'conv' && operation.kind !== 'depthwise-conv') || norm.kind !== 'batch-norm')
    throw new RangeError(`${operation.name} and ${norm.name} are no convolution and its norm`);
  const factor = tf.mul(tf.rsqrt(tf.add(variance, norm.epsilon)), scale);
  const kernel = own.kernel as tf.Tensor as tf.Tensor4D;
  const shift = tf.sub(offset, tf.mul(mean, factor));
  const bias = operation.bias ? tf.add(shift, tf.mul(own.bias, factor)) : shift;
  const map =
    operation.kind === 'conv'
      ? conv(x as tf.Tensor4D, tf.mul(kernel, factor), operation)
      : // [height, width, channels, 1]: its channels are the third side.
        depthwise(x as tf.Tensor4D, tf.mul(kernel, tf.reshape(factor, [-1, 1])), operation);
  return addBias(map, bias as tf.Tensor1D);
}

/** Input channels below which oneDNN's gradient of a strided 1×1 kernel is not to be trusted. */
const fewChannels = 16;

/**
 * The pixels that a kernel of one pixel meets with this stride: 0, stride, 2·stride and so on, along both sides.
 * oneDNN's gradient of a strided 1×1 kernel with fewer input channels than fit its vectors, and of a depthwise one of
 * a single channel, reads memory that nobody wrote (seen on AVX2: other numbers at each call, other bytes at each
 * training). Leaving out the pixels first, by a pool of one pixel, is the same convolution.
 */
const pixelsMet = (x: tf.Tensor4D, stride: number): tf.Tensor4D => tf.avgPool(x, 1, stride, 'valid');

/** Below every number of a map: what a pool that looks for the greatest meets beyond the border. */
const lowest = -3.4028234e38;

/** Pixels of one value around a map; as it is where none are said. */
function padded(x: tf.Tensor4D, padding: Padding | undefined, value: number): tf.Tensor4D {
  if (!padding?.some((pixels) => pixels > 0)) return x;
  const [top, left, bottom, right] = padding;
  return tf.pad4d(
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    value,
  );
}

interface Windowed {
  stride: number;
  padding?: Padding;
}

/** SAME where no padding is said. */
function conv(map: tf.Tensor4D, kernel: tf.Tensor4D, { stride, padding }: Windowed): tf.Tensor4D {
  const x = padded(map, padding, 0);
  const rest = padding ? 'valid' : 'same';
  const [side, , channels] = kernel.shape;
  if (side !== 1 || stride === 1 || channels >= fewChannels) return tf.conv2d(x, kernel, stride, rest);
  return tf.conv2d(pixelsMet(x, stride), kernel, 1, rest);
}

/** SAME where no padding is said. A depthwise kernel has few input channels always: one. */
function depthwise(map: tf.Tensor4D, kernel: tf.Tensor4D, { stride, padding }: Windowed): tf.Tensor4D {
  const x = padded(map, padding, 0);
  const rest = padding ? 'valid' : 'same';
  if (kernel.shape[0] !== 1 || stride === 1) return tf.depthwiseConv2d(x, kernel, stride, rest);
  return tf.depthwiseConv2d(pixelsMet(x, stride), kernel, 1, rest);
}
