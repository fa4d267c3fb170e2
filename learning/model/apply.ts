/**
 * What each operation of a plan does to tensors; a pure function but for the running statistics of batch norm.
 * Weights and the order of operations are network.ts.
 *
 * Conventions that an exporter must keep: feature maps are [batch, height, width, channels], so flatten gives
 * height-major, channel-last vectors; convolutions pad as TensorFlow's SAME (ONNX SAME_UPPER)
 * where no padding is said, with 0, and max-pools with what is below every number; leaky ReLU
 * has slope 0.01 (ONNX's default); ELU has alpha 1; GELU is the exact one, x·(1 + erf(x/√2))/2; SiLU is
 * x·sigmoid(x); ReLU6 is min(max(x, 0), 6); Mish is x·tanh(ln(1 + eˣ)) (Misra 2019); hard
 * sigmoid is min(max(x/6 + 1/2, 0), 1), hard swish x times it; dropout of both kinds is the identity outside training.
 */
import * as tf from '@tensorflow/tfjs';
import { addBias, fusedBatchNorm, relu, relu6 } from '#learning/tensorflow/operations.ts';
import { foldSeed, statelessMask, statelessUniform } from '#learning/tensorflow/random.ts';
import {
  leakySlope,
  type Operation,
  type Padding,
  type PlanActivation,
  type WeightRole,
} from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';

/**
 * Training draws dropout from `seed` (int32 [2]), uses the batch's statistics and moves the running ones; with `running`
 * it uses those as they are. With `coarse` a dropout of many numbers takes a quarter of the random bits, and its rate is rounded to 256ths. Outside it, `folded` takes batch norms into the convolutions before them, as `running` does: faster, other rounding.
 */
export type Mode =
  | { training: true; seed: tf.Tensor1D; batchNorm?: 'batch' | 'running'; coarse?: boolean }
  | { training: false; folded?: true };

/** An operation's own, by role. */
export type OperationWeights = Record<WeightRole, tf.Variable>;

/**
 * @param inputs in the order of `operation.inputs`, each with the batch in front
 * @param position of the operation in the plan: dropout layers draw from streams of their own
 * @returns float32 [batch, ...operation.outputShape]
 */
export function applyOperation(
  operation: Operation,
  inputs: tf.Tensor[],
  weights: OperationWeights,
  mode: Mode,
  position: number,
): tf.Tensor {
  const input = inputs[0]!;
  const other = inputs[1];
  switch (operation.kind) {
    case 'conv': {
      const kernel = weights.kernel as tf.Tensor as tf.Tensor4D;
      const map = conv(input as tf.Tensor4D, kernel, operation);
      return operation.bias ? tf.add(map, weights.bias) : map;
    }
    case 'depthwise-conv': {
      const kernel = weights.kernel as tf.Tensor as tf.Tensor4D;
      const map = depthwise(input as tf.Tensor4D, kernel, operation);
      return operation.bias ? tf.add(map, weights.bias) : map;
    }
    case 'batch-norm':
      return batchNorm(input, weights, operation, mode);
    case 'layer-norm':
      return tf.add(tf.mul(standardise(input, operation.epsilon), weights.scale), weights.offset);
    case 'activation':
      return activate(input, operation.activation);
    case 'max-pool':
      return tf.maxPool(
        padded(input as tf.Tensor4D, operation.padding, lowest),
        operation.size,
        operation.stride ?? operation.size,
        'valid',
      );
    case 'average-pool':
      return tf.avgPool(input as tf.Tensor4D, operation.size, operation.stride ?? operation.size, 'valid');
    case 'global-average-pool':
      return tf.mean(input, [1, 2]);
    case 'flatten':
      return tf.reshape(input, [input.shape[0]!, -1]);
    case 'dropout':
      return dropout(input, input.shape, operation.rate, mode, position);
    case 'spatial-dropout': {
      // One draw a channel: [batch, 1, 1, channels] of a map, [batch, units] of a vector.
      const last = input.rank - 1;
      const drawn = input.shape.map((side, axis) => (axis === 0 || axis === last ? side : 1));
      return dropout(input, drawn, operation.rate, mode, position);
    }
    case 'dense':
      return tf.add(
        tf.matMul(input as tf.Tensor2D, weights.kernel as tf.Tensor as tf.Tensor2D),
        weights.bias,
      );
    case 'add':
      return tf.add(input, other!);
    case 'multiply':
      return tf.mul(input, tf.reshape(other!, [other!.shape[0]!, 1, 1, -1]));
    case 'concatenate':
      return tf.concat(inputs, -1);
    default:
      return operation satisfies never;
  }
}

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

/** Numbers of a layer's batch from which drawing them takes a share of a brief step that is felt. */
const coarseFrom = 2 ** 16;

/**
 * Keeps with 1 - rate and scales up, so that sums stay as they were (Srivastava et al. 2014).
 * @param drawn shape of the draws, which x broadcasts with: its own, or one draw a channel (Tompson et al. 2014)
 */
function dropout(x: tf.Tensor, drawn: number[], rate: number, mode: Mode, position: number): tf.Tensor {
  if (!mode.training || rate === 0) return x;
  const seed = foldSeed(mode.seed, position);
  if (mode.coarse && product(drawn) >= coarseFrom) {
    const { mask, share } = statelessMask(drawn, seed, 1 - rate);
    return tf.mul(x, tf.mul(tf.cast(mask, 'float32'), 1 / share));
  }
  const kept = tf.greaterEqual(statelessUniform(drawn, seed), rate);
  return tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
}

function activate(x: tf.Tensor, activation: PlanActivation): tf.Tensor {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return relu(x);
    case 'relu6':
      return relu6(x);
    case 'leaky-relu':
      return tf.leakyRelu(x, leakySlope);
    case 'elu':
      return tf.elu(x);
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'mish':
      return tf.mul(x, tf.tanh(tf.softplus(x)));
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'hard-sigmoid':
      return hardSigmoid(x);
    case 'hard-swish':
      return tf.mul(x, hardSigmoid(x));
    default:
      return activation satisfies never;
  }
}

/** x/6 + 1/2 between 0 and 1 (Howard et al. 2019). */
const hardSigmoid = (x: tf.Tensor): tf.Tensor => tf.mul(relu6(tf.add(x, 3)), 1 / 6);
