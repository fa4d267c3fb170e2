/**
 * Activations, each as tensors and as ONNX operators. Leaky ReLU has slope 0.01 (ONNX's default); ELU has alpha 1; GELU is
 * the exact one, x·(1 + erf(x/√2))/2; SiLU is x·sigmoid(x); ReLU6 is min(max(x, 0), 6); Mish is x·tanh(ln(1 + eˣ))
 * (Misra 2019); hard sigmoid is min(max(x/6 + 1/2, 0), 1), hard swish x times it.
 */
import * as tf from '@tensorflow/tfjs';
import * as op from '#learning/onnx/operators.ts';
import { relu, relu6 } from '#learning/tensorflow/operations.ts';
import { leakySlope, type PlanActivation } from '#recipe/operation.ts';
import type { OperationCode } from './operation.ts';

interface ActivationCode {
  apply(x: tf.Tensor): tf.Tensor;
  write(graph: op.GraphWriter, name: string, x: op.Value): op.Value;
}

export const activation: OperationCode<'activation'> = {
  apply: (operation, [input]) => activations[operation.activation].apply(input!),
  write: (graph, operation, [x]) => activations[operation.activation].write(graph, operation.name, x!),
};

const scalar = (graph: op.GraphWriter, name: string, value: number) =>
  graph.constant(name, [], Float32Array.of(value));

const activations: Record<PlanActivation, ActivationCode> = {
  linear: { apply: (x) => x, write: (_graph, _name, x) => x },
  relu: { apply: relu, write: op.Relu },
  relu6: {
    apply: relu6,
    write: (graph, name, x) =>
      op.Clip(graph, name, x, scalar(graph, `${name}/least`, 0), scalar(graph, `${name}/most`, 6)),
  },
  'leaky-relu': {
    apply: (x) => tf.leakyRelu(x, leakySlope),
    write: (graph, name, x) => op.LeakyRelu(graph, name, x, leakySlope),
  },
  elu: { apply: (x) => tf.elu(x), write: op.Elu },
  gelu: {
    apply: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
    // ONNX has it as one operator from opset 20 only.
    write(graph, name, x) {
      const scaled = op.Mul(graph, `${name}/scaled`, x, scalar(graph, `${name}/root`, Math.SQRT1_2));
      const erf = op.Erf(graph, `${name}/erf`, scaled);
      const share = op.Add(graph, `${name}/share`, erf, scalar(graph, `${name}/one`, 1));
      const halved = op.Mul(graph, `${name}/halved`, x, scalar(graph, `${name}/half`, 0.5));
      return op.Mul(graph, name, halved, share);
    },
  },
  silu: {
    apply: (x) => tf.mul(x, tf.sigmoid(x)),
    write: (graph, name, x) => op.Mul(graph, name, x, op.Sigmoid(graph, `${name}/sigmoid`, x)),
  },
  mish: {
    apply: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    // One operator from opset 18 only.
    write: (graph, name, x) =>
      op.Mul(graph, name, x, op.Tanh(graph, `${name}/tanh`, op.Softplus(graph, `${name}/softplus`, x))),
  },
  sigmoid: { apply: (x) => tf.sigmoid(x), write: op.Sigmoid },
  'hard-sigmoid': { apply: hardSigmoid, write: op.HardSigmoid },
  'hard-swish': { apply: (x) => tf.mul(x, hardSigmoid(x)), write: op.HardSwish },
};

/** x/6 + 1/2 between 0 and 1 (Howard et al. 2019). */
function hardSigmoid(x: tf.Tensor): tf.Tensor {
  return tf.mul(relu6(tf.add(x, 3)), 1 / 6);
}
