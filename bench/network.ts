/**
 * The network of the throughput figures as tfjs would have it, one operation at a time, a peer of the studio's step:
 * conv32, conv32, pool, conv64, pool, conv64, global average, dense 10, each convolution with batch norm and ReLU;
 * 65,834 parameters; Adam. The studio's is recipes.ts, PyTorch's peers/network.py. What is measured, and how often, is
 * left to modes.ts and index.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { fusedBatchNorm, relu } from '#learning/tensorflow/operations.ts';

export const BATCH_SIZE = 128;
export const PARAMETERS = 65_834;
const EPSILON = 1e-3;

/** `fused` takes Atelier's single kernels for batch norm and ReLU, `composed` what tfjs itself does. */
type Kernels = 'fused' | 'composed';

interface Block {
  kernel: tf.Variable<tf.Rank.R4>;
  scale: tf.Variable<tf.Rank.R1>;
  offset: tf.Variable<tf.Rank.R1>;
  pooled: boolean;
}

interface BenchNetwork {
  /** One step of Adam on x [128, 28, 28, 1] and labels int32 [128]; returns the loss. */
  step(x: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar;
  parameters: number;
}

export function buildBenchNetwork(kernels: Kernels): BenchNetwork {
  const block = (inputs: number, outputs: number, pooled: boolean): Block => ({
    kernel: tf.variable(tf.randomNormal([3, 3, inputs, outputs], 0, Math.sqrt(2 / (9 * inputs)))),
    scale: tf.variable(tf.ones([outputs])),
    offset: tf.variable(tf.zeros([outputs])),
    pooled,
  });
  const blocks = [block(1, 32, false), block(32, 32, true), block(32, 64, true), block(64, 64, false)];
  const weight = tf.variable(tf.randomNormal<tf.Rank.R2>([64, 10], 0, Math.sqrt(1 / 64)));
  const bias = tf.variable(tf.zeros<tf.Rank.R1>([10]));
  const variables = [...blocks.flatMap(({ kernel, scale, offset }) => [kernel, scale, offset]), weight, bias];
  const optimizer = tf.train.adam(1e-3);

  const logits = (x: tf.Tensor4D): tf.Tensor2D => {
    let y = x;
    for (const { kernel, scale, offset, pooled } of blocks) {
      y = normaliseAndActivate[kernels](tf.conv2d(y, kernel, 1, 'same'), scale, offset);
      if (pooled) y = tf.maxPool(y, 2, 2, 'valid');
    }
    return tf.matMul(tf.mean<tf.Tensor2D>(y, [1, 2]), weight).add(bias);
  };

  return {
    parameters: variables.reduce((sum, variable) => sum + variable.size, 0),
    step(x, labels) {
      const loss = () => tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits(x)).asScalar();
      return optimizer.minimize(loss, true, variables)!;
    },
  };
}

const normaliseAndActivate: Record<
  Kernels,
  (x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D) => tf.Tensor4D
> = {
  fused: (x, scale, offset) => relu(fusedBatchNorm(x, scale, offset, EPSILON).y),
  composed: (x, scale, offset) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.relu(tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, EPSILON));
  },
};
