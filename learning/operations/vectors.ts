/** Operations of vectors, and those that put several inputs together. */
import * as tf from '@tensorflow/tfjs';
import { Add, Concat, Flatten, Gemm, Mul, Transpose, Unsqueeze } from '#learning/onnx/operators.ts';
import type { OperationCode } from './operation.ts';

export const flatten: OperationCode<'flatten'> = {
  apply: (_, [input]) => tf.reshape(input!, [input!.shape[0]!, -1]),
  // The dense layer after it learned the order height, width, channels.
  write: (graph, { name }, [x]) => Flatten(graph, name, Transpose(graph, `${name}/nhwc`, x!, [0, 2, 3, 1])),
};

export const dense: OperationCode<'dense'> = {
  apply: (_, [input], { kernel, bias }) =>
    tf.add(tf.matMul(input as tf.Tensor2D, kernel as tf.Tensor as tf.Tensor2D), bias),
  write: (graph, { name }, [x], [kernel, bias]) => Gemm(graph, name, [x!, kernel!, bias!]),
};

export const add: OperationCode<'add'> = {
  apply: (_, [input, other]) => tf.add(input!, other!),
  write: (graph, { name }, [x, other]) => Add(graph, name, x!, other!),
};

/** Its first input, a map, channel by channel times its second, a vector. */
export const multiply: OperationCode<'multiply'> = {
  apply: (_, [input, other]) => tf.mul(input!, tf.reshape(other!, [other!.shape[0]!, 1, 1, -1])),
  write(graph, { name }, [x, other]) {
    const axes = graph.integers(`${name}/axes`, [2, 3]);
    return Mul(graph, name, x!, Unsqueeze(graph, `${name}/gate`, other!, axes));
  },
};

export const concatenate: OperationCode<'concatenate'> = {
  apply: (_, inputs) => tf.concat(inputs, -1),
  write: (graph, { name }, inputs) => Concat(graph, name, inputs),
};
