/** The list of operations; the compiler asks for a line where one of recipe/operation.ts is missing. */
import type * as tf from '@tensorflow/tfjs';
import type { GraphWriter, Value } from '#learning/onnx/operators.ts';
import type { Operation, OperationKind, Shape } from '#recipe/operation.ts';
import { activation } from './activations.ts';
import { singleDropout, spatialDropout } from './dropouts.ts';
import { batchNormalisation, layerNormalisation } from './norms.ts';
import type { Mode, OperationCode, OperationWeights } from './operation.ts';
import { add, concatenate, dense, flatten, multiply } from './vectors.ts';
import { averagePool, convolution, depthwiseConvolution, globalAveragePool, maxPool } from './windows.ts';

const operations: { [K in OperationKind]: OperationCode<K> } = {
  conv: convolution,
  'depthwise-conv': depthwiseConvolution,
  'batch-norm': batchNormalisation,
  'layer-norm': layerNormalisation,
  activation,
  'max-pool': maxPool,
  'average-pool': averagePool,
  'global-average-pool': globalAveragePool,
  flatten,
  dropout: singleDropout,
  'spatial-dropout': spatialDropout,
  dense,
  add,
  multiply,
  concatenate,
};

/** List and operation share their kind; TypeScript cannot follow that through the union. */
const codeOf = ({ kind }: Operation) => operations[kind] as OperationCode<OperationKind>;

/** What it does to tensors: `OperationCode.apply`. */
export const applyOperation = (
  operation: Operation,
  inputs: tf.Tensor[],
  weights: OperationWeights,
  mode: Mode,
  position: number,
): tf.Tensor => codeOf(operation).apply(operation, inputs, weights, mode, position);

/** Its ONNX operators: `OperationCode.write`. */
export const writeOperation = (
  graph: GraphWriter,
  operation: Operation,
  inputs: Value[],
  weights: Value[],
  inputShape: Shape,
): Value => codeOf(operation).write(graph, operation, inputs, weights, inputShape);
