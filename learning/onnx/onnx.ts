/**
 * A network as ONNX (IR 8, opset 17), walked from the same plan that was trained: the whole of a trained one as a file
 * to ship, from uint8 pixels to probabilities, or its first operations. Scaling, normalisation and softmax are inside;
 * bringing an image to size is not: how it was done is told in the metadata. Proof that the file answers as the studio
 * does is left to learning/export/parity.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import {
  inputShapeOf,
  leakySlope,
  type Operation,
  type Plan,
  type PlanActivation,
  samePadding,
  type Weight,
} from '#recipe/operation.ts';
import { type Normalisation, normalisationFactors } from '#learning/model/preprocessing.ts';
import proto, { type onnx } from 'onnx-proto';
import { kernelToOihw } from './kernels.ts';
import * as op from './operators.ts';

const { ModelProto, TensorProto } = proto.onnx;

/** Names of the graph's one input and one output. */
export const inputName = 'image';
export const outputName = 'probabilities';

interface NetworkInput {
  plan: Plan;
  /** By the plan's weight names, in the plan's shapes. */
  weights: ReadonlyMap<string, Float32Array>;
  normalisation: Normalisation;
}

export interface OnnxInput extends NetworkInput {
  /** In the order of the outputs. */
  classes: readonly string[];
  fit: Preprocessing['fit'];
  /** Version of Atelier. */
  version: string;
  runId: string;
}

/**
 * The bytes of the file. Input `image`: uint8 [batch, height, width, channels], 0 to 255. Output
 * `probabilities`: float [batch, classes]. Same input, same bytes.
 * @throws INTERNAL where a weight is missing or has another size than the plan says
 */
export function encodeOnnx(input: OnnxInput): Uint8Array {
  const { plan, classes } = input;
  if (classes.length !== plan.classCount) {
    throw new AtelierError(
      'INTERNAL',
      `The plan expects ${plan.classCount} class names, but received ${classes.length}.`,
    );
  }
  const graph = new op.GraphWriter();
  const { FLOAT, UINT8 } = TensorProto.DataType;
  const pixels = op.Cast(graph, 'preprocessing/cast', inputName);
  const logits = writeOperations(graph, pixels, input, plan.operations.length);
  const softmax = op.Softmax(graph, outputName, logits);
  const [height, width, channels] = plan.inputShape as [number, number, number];
  return ModelProto.encode({
    ...written,
    producerVersion: input.version,
    docString: `Image classifier. ${inputName}: uint8 [batch, ${height}, ${width}, ${channels}], 0 to 255; ${outputName}: float [batch, ${classes.length}].`,
    metadataProps: Object.entries({
      classes: JSON.stringify(classes),
      pixel_format: channels === 1 ? 'grey (luminance, ITU-R BT.601)' : 'RGB',
      pixel_range: '0..255',
      layout: 'NHWC',
      fit: input.fit,
      'atelier.version': input.version,
      'atelier.run': input.runId,
    }).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'classifier',
      node: graph.nodes,
      initializer: graph.initializers,
      input: [describe(inputName, UINT8, plan.inputShape)],
      output: [describe(softmax, FLOAT, [plan.classCount])],
    },
  }).finish();
}

/**
 * The first `count` operations, such as the frozen ones. Input `image`: float [batch, height, width, channels], 0 to 255.
 * The one output: float [batch, height, width, channels] or [batch, units].
 * @throws INTERNAL as `encodeOnnx`
 */
export function encodeOnnxFront(input: NetworkInput, count: number): Uint8Array {
  const { inputShape, operations } = input.plan;
  const { FLOAT } = TensorProto.DataType;
  const graph = new op.GraphWriter();
  const last = writeOperations(graph, inputName, input, count);
  const { outputShape } = operations[count - 1]!;
  const features = outputShape.length === 3 ? op.Transpose(graph, 'features', last, [0, 2, 3, 1]) : last;
  return ModelProto.encode({
    ...written,
    graph: {
      name: 'front',
      node: graph.nodes,
      initializer: graph.initializers,
      input: [describe(inputName, FLOAT, inputShape)],
      output: [describe(features, FLOAT, outputShape)],
    },
  }).finish();
}

const written = {
  irVersion: proto.onnx.Version.IR_VERSION,
  opsetImport: [{ domain: '', version: 17 }],
  producerName: 'atelier',
};

/** The first `count` operations, from float pixels. @returns what the last of them gives, a map with channels first */
function writeOperations(
  graph: op.GraphWriter,
  pixels: op.Value,
  input: NetworkInput,
  count: number,
): op.Value {
  let last = preprocess(graph, pixels, input);
  const values = [last];
  for (const operation of input.plan.operations.slice(0, count)) {
    // Index -1, the network's input, is kept in front.
    const inputs = operation.inputs.map((index) => values[index + 1]!);
    last = write(graph, operation, inputs, input);
    values.push(last);
  }
  return last;
}

/** A tensor of any batch size. */
const describe = (name: string, elemType: number, shape: readonly number[]): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))] },
    },
  },
});

/** pixel × scale + shift with the studio's own constants, then from NHWC to ONNX's NCHW. */
function preprocess(graph: op.GraphWriter, pixels: op.Value, { normalisation }: NetworkInput): op.Value {
  const { scale, shift } = normalisationFactors(normalisation);
  const scaleValue = graph.constant('preprocessing/scale', [scale.length], Float32Array.from(scale));
  const shiftValue = graph.constant('preprocessing/shift', [shift.length], Float32Array.from(shift));
  const scaled = op.Mul(graph, 'preprocessing/scaled', pixels, scaleValue);
  const normalised = op.Add(graph, 'preprocessing/normalised', scaled, shiftValue);
  return op.Transpose(graph, 'preprocessing/nchw', normalised, [0, 3, 1, 2]);
}

/** Adds one operation of the plan; feature maps are [batch, channels, height, width] here, vectors [batch, units]. */
function write(
  graph: op.GraphWriter,
  operation: Operation,
  inputs: op.Value[],
  input: NetworkInput,
): op.Value {
  const { name } = operation;
  const x = inputs[0]!;
  const weights = operation.weights.map((weight) => addWeight(graph, weight, input.weights));
  switch (operation.kind) {
    case 'conv':
    case 'depthwise-conv': {
      const { kernel, stride } = operation;
      const [height, width, channels] = inputShapeOf(input.plan, operation) as [number, number, number];
      const pads = operation.padding ?? samePadding(height, width, kernel, stride);
      const groups = operation.kind === 'conv' ? 1 : channels;
      return op.Conv(graph, name, [x, ...weights] as [op.Value, op.Value], { kernel, stride, pads, groups });
    }
    case 'batch-norm': {
      const [scale, offset, mean, variance] = weights as [op.Value, op.Value, op.Value, op.Value];
      return op.BatchNormalization(graph, name, [x, scale, offset, mean, variance], operation.epsilon);
    }
    case 'layer-norm': {
      const [scale, offset] = weights as [op.Value, op.Value];
      const norm = (label: string, value: op.Value) =>
        op.LayerNormalization(graph, label, [value, scale, offset], operation.epsilon);
      if (operation.outputShape.length === 1) return norm(name, x);
      // It normalises the last axes only: the channels go there and back.
      const channelsLast = op.Transpose(graph, `${name}/nhwc`, x, [0, 2, 3, 1]);
      return op.Transpose(graph, name, norm(`${name}/norm`, channelsLast), [0, 3, 1, 2]);
    }
    case 'activation':
      return activate(graph, name, x, operation.activation);
    case 'max-pool':
    case 'average-pool': {
      const { size, stride = size } = operation;
      if (operation.kind === 'average-pool') return op.AveragePool(graph, name, x, { size, stride });
      return op.MaxPool(graph, name, x, { size, stride, pads: operation.padding });
    }
    case 'global-average-pool':
      return op.Flatten(graph, name, op.GlobalAveragePool(graph, `${name}/map`, x));
    case 'flatten':
      // The dense layer after it learned the order height, width, channels.
      return op.Flatten(graph, name, op.Transpose(graph, `${name}/nhwc`, x, [0, 2, 3, 1]));
    case 'dropout':
    case 'spatial-dropout':
      return x; // Only while training.
    case 'dense':
      return op.Gemm(graph, name, [x, weights[0]!, weights[1]!]);
    case 'add':
      return op.Add(graph, name, x, inputs[1]!);
    case 'multiply': {
      const axes = graph.integers(`${name}/axes`, [2, 3]);
      return op.Mul(graph, name, x, op.Unsqueeze(graph, `${name}/gate`, inputs[1]!, axes));
    }
    case 'concatenate':
      return op.Concat(graph, name, inputs);
    default:
      return operation satisfies never;
  }
}

function activate(graph: op.GraphWriter, name: string, x: op.Value, activation: PlanActivation): op.Value {
  const constant = (label: string, value: number) =>
    graph.constant(`${name}/${label}`, [], Float32Array.of(value));
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return op.Relu(graph, name, x);
    case 'relu6':
      return op.Clip(graph, name, x, constant('least', 0), constant('most', 6));
    case 'leaky-relu':
      return op.LeakyRelu(graph, name, x, leakySlope);
    case 'elu':
      return op.Elu(graph, name, x);
    case 'gelu': {
      // x/2 (1 + erf(x / √2)); ONNX has it as one operator from opset 20 only.
      const scaled = op.Mul(graph, `${name}/scaled`, x, constant('root', Math.SQRT1_2));
      const share = op.Add(graph, `${name}/share`, op.Erf(graph, `${name}/erf`, scaled), constant('one', 1));
      return op.Mul(graph, name, op.Mul(graph, `${name}/halved`, x, constant('half', 0.5)), share);
    }
    case 'silu':
      return op.Mul(graph, name, x, op.Sigmoid(graph, `${name}/sigmoid`, x));
    case 'mish': // One operator from opset 18 only.
      return op.Mul(
        graph,
        name,
        x,
        op.Tanh(graph, `${name}/tanh`, op.Softplus(graph, `${name}/softplus`, x)),
      );
    case 'sigmoid':
      return op.Sigmoid(graph, name, x);
    case 'hard-sigmoid':
      return op.HardSigmoid(graph, name, x);
    case 'hard-swish':
      return op.HardSwish(graph, name, x);
    default:
      return activation satisfies never;
  }
}

function addWeight(graph: op.GraphWriter, weight: Weight, weights: NetworkInput['weights']): op.Value {
  const { name, shape } = weight;
  const data = weights.get(name);
  const expected = shape.reduce((total, side) => total * side, 1);
  if (data?.length !== expected) {
    throw new AtelierError(
      'INTERNAL',
      `Weight ${name} expects ${expected} numbers, but received ${data?.length ?? 'none'}.`,
    );
  }
  if (shape.length !== 4) return graph.constant(name, shape, data);
  const [height, width, channels, filters] = shape as [number, number, number, number];
  // A depthwise kernel, [height, width, channels, 1], has one input and one filter a group.
  const [inputs, outputs] = weight.groups === undefined ? [channels, filters] : [1, channels * filters];
  return graph.constant(
    name,
    [outputs, inputs, height, width],
    kernelToOihw(data, height * width, inputs, outputs),
  );
}
