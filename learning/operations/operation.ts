/**
 * What is written of each operation of a plan: what it does to tensors, and which ONNX operators are the same. Both stand in
 * one record, so that they cannot drift apart; operations.ts is the list of them. Shapes, weights, memory and receptive field
 * are the plan's (recipe/).
 *
 * Conventions: feature maps are [batch, height, width, channels], and [batch, channels, height, width] in ONNX; flatten gives
 * height-major, channel-last vectors; convolutions pad as TensorFlow's SAME (ONNX SAME_UPPER) where no padding is said,
 * with 0, and max-pools with what is below every number.
 */
import type * as tf from '@tensorflow/tfjs';
import type { GraphWriter, Value } from '#learning/onnx/operators.ts';
import type { Operation, OperationKind, Shape, WeightRole } from '#recipe/operation.ts';

/**
 * Training draws dropout from `seed` (int32 [2]), uses the batch's statistics and moves the running ones; with `running`
 * it uses those as they are. With `coarse` a dropout of many numbers takes a quarter of the random bits, and its rate is rounded to 256ths. Outside it, `folded` takes batch norms into the convolutions before them, as `running` does: faster, other rounding.
 */
export type Mode =
  | { training: true; seed: tf.Tensor1D; batchNorm?: 'batch' | 'running'; coarse?: boolean }
  | { training: false; folded?: true };

/** An operation's own, by role. */
export type OperationWeights = Record<WeightRole, tf.Variable>;

export type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>;

export interface OperationCode<K extends OperationKind> {
  /**
   * A pure function but for the running statistics of batch norm, of tfjs operations alone: the step is traced.
   * @param inputs in the order of `operation.inputs`, each with the batch in front
   * @param position of the operation in the plan: dropout layers draw from streams of their own
   * @returns float32 [batch, ...operation.outputShape]
   */
  apply(
    operation: OperationOf<K>,
    inputs: tf.Tensor[],
    weights: OperationWeights,
    mode: Mode,
    position: number,
  ): tf.Tensor;
  /**
   * Adds its operators (opset 17), outside training, under the operation's name.
   * @param inputs in the order of `operation.inputs`
   * @param weights in the order of `operation.weights`, convolution kernels as ONNX has them
   * @param inputShape of the first input, without the batch, channels last
   */
  write(
    graph: GraphWriter,
    operation: OperationOf<K>,
    inputs: Value[],
    weights: Value[],
    inputShape: Shape,
  ): Value;
}
