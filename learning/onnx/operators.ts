/**
 * The ONNX operators that an exported network is made of (opset 17), one function per operator under its
 * ONNX name. Each adds a node to a graph and answers the name of its output. Which operators a network
 * needs, and in which order, is left to onnx.ts.
 */
import proto, { type onnx } from 'onnx-proto';

const { AttributeProto, TensorProto } = proto.onnx;

/** The name of a tensor that flows through the graph. */
export type Value = string;

/** A graph while it is written: nodes in order, and the tensors that they hold fast. */
export class GraphWriter {
  readonly nodes: onnx.INodeProto[] = [];
  readonly initializers: onnx.ITensorProto[] = [];

  /** Adds a node with one output, which carries the node's name. */
  node(opType: string, name: string, inputs: Value[], attribute: onnx.IAttributeProto[] = []): Value {
    this.nodes.push({ opType, name, input: inputs, output: [name], attribute });
    return name;
  }

  /** Adds a float tensor; its bytes are copied into the file, so that no file beside it is ever needed. */
  constant(name: string, dims: readonly number[], data: Float32Array): Value {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dataType: TensorProto.DataType.FLOAT, dims: [...dims], rawData });
    return name;
  }

  /** Adds a vector of whole numbers, such as axes: operators want them as int64. */
  integers(name: string, values: readonly number[]): Value {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.initializers.push({ name, dataType: TensorProto.DataType.INT64, dims: [values.length], rawData });
    return name;
  }
}

const { AttributeType } = AttributeProto;
const int = (name: string, i: number) => ({ name, type: AttributeType.INT, i });
const ints = (name: string, values: readonly number[]) => ({
  name,
  type: AttributeType.INTS,
  ints: [...values],
});
const float = (name: string, f: number) => ({ name, type: AttributeType.FLOAT, f });

const unary = (opType: string) => (graph: GraphWriter, name: string, x: Value) =>
  graph.node(opType, name, [x]);
/** The two sides broadcast as in NumPy. */
const binary = (opType: string) => (graph: GraphWriter, name: string, a: Value, b: Value) =>
  graph.node(opType, name, [a, b]);

export const Relu = unary('Relu');
export const Erf = unary('Erf');
export const Sigmoid = unary('Sigmoid');
export const Tanh = unary('Tanh');
/** ln(1 + eˣ). */
export const Softplus = unary('Softplus');
export const GlobalAveragePool = unary('GlobalAveragePool');
/** x · min(max(x/6 + 1/2, 0), 1). */
export const HardSwish = unary('HardSwish');
export const Add = binary('Add');
export const Mul = binary('Mul');

/** Any number type to float. */
export const Cast = (graph: GraphWriter, name: string, x: Value) =>
  graph.node('Cast', name, [x], [int('to', TensorProto.DataType.FLOAT)]);

/** What is not a number is neither. */
export const LessOrEqual = binary('LessOrEqual');
export const GreaterOrEqual = binary('GreaterOrEqual');

/** a where the condition holds, b elsewhere. */
export const Where = (graph: GraphWriter, name: string, condition: Value, a: Value, b: Value) =>
  graph.node('Where', name, [condition, a, b]);

/** `shape` is an integer vector; 0 leaves a side as it is. */
export const Reshape = (graph: GraphWriter, name: string, x: Value, shape: Value) =>
  graph.node('Reshape', name, [x, shape]);

/** Over one axis, which is then gone. */
const reduction = (opType: string) => (graph: GraphWriter, name: string, x: Value, axis: number) =>
  graph.node(opType, name, [x], [ints('axes', [axis]), int('keepdims', 0)]);
export const ReduceMax = reduction('ReduceMax');
export const ReduceMin = reduction('ReduceMin');
export const ReduceSumSquare = reduction('ReduceSumSquare');

/** Axis i of the output is axis `permutation[i]` of the input. */
export const Transpose = (graph: GraphWriter, name: string, x: Value, permutation: readonly number[]) =>
  graph.node('Transpose', name, [x], [ints('perm', permutation)]);

/** x, no less than `least` and no more than `most`, scalars. */
export const Clip = (graph: GraphWriter, name: string, x: Value, least: Value, most: Value) =>
  graph.node('Clip', name, [x, least, most]);

/** x where it is positive, `alpha` x elsewhere. */
export const LeakyRelu = (graph: GraphWriter, name: string, x: Value, alpha: number) =>
  graph.node('LeakyRelu', name, [x], [float('alpha', alpha)]);

/** x where it is positive, exp(x) − 1 elsewhere. */
export const Elu = (graph: GraphWriter, name: string, x: Value) =>
  graph.node('Elu', name, [x], [float('alpha', 1)]);

/**
 * @param inputs x [batch, channels, height, width], kernel [filters, channels / groups, kernel, kernel], and a bias [filters] or none
 * @param groups parts of the channels, each with filters of its own: 1, or the channels (depthwise)
 * @param pads pixels at top, left, bottom, right; said outright, since not every runtime knows SAME_UPPER
 */
export const Conv = (
  graph: GraphWriter,
  name: string,
  inputs: [x: Value, kernel: Value] | [x: Value, kernel: Value, bias: Value],
  {
    kernel,
    stride,
    pads,
    groups,
  }: { kernel: number; stride: number; pads: readonly [number, number, number, number]; groups: number },
) =>
  graph.node('Conv', name, inputs, [
    ints('kernel_shape', [kernel, kernel]),
    ints('strides', [stride, stride]),
    ints('pads', pads),
    ...(groups === 1 ? [] : [int('group', groups)]),
  ]);

/** With the running mean and variance; x is [batch, channels, …], the others [channels]. */
export const BatchNormalization = (
  graph: GraphWriter,
  name: string,
  inputs: [x: Value, scale: Value, offset: Value, mean: Value, variance: Value],
  epsilon: number,
) => graph.node('BatchNormalization', name, inputs, [float('epsilon', epsilon)]);

/** Over the last axis of x; scale and offset are as long as it. */
export const LayerNormalization = (
  graph: GraphWriter,
  name: string,
  inputs: [x: Value, scale: Value, offset: Value],
  epsilon: number,
) => graph.node('LayerNormalization', name, inputs, [int('axis', -1), float('epsilon', epsilon)]);

/** Puts axes of one in; `axes` is an integer vector, of places in the output. */
export const Unsqueeze = (graph: GraphWriter, name: string, x: Value, axes: Value) =>
  graph.node('Unsqueeze', name, [x, axes]);

/** VALID where no pads are said: pixels at top, left, bottom, right. */
const pool =
  (opType: string) =>
  (
    graph: GraphWriter,
    name: string,
    x: Value,
    { size, stride, pads }: { size: number; stride: number; pads?: readonly number[] | undefined },
  ) =>
    graph.node(
      opType,
      name,
      [x],
      [
        ints('kernel_shape', [size, size]),
        ints('strides', [stride, stride]),
        ...(pads ? [ints('pads', pads)] : []),
      ],
    );
export const MaxPool = pool('MaxPool');
export const AveragePool = pool('AveragePool');

/** Channels behind channels, or units behind units. */
export const Concat = (graph: GraphWriter, name: string, inputs: Value[]) =>
  graph.node('Concat', name, inputs, [int('axis', 1)]);

/** min(max(x/6 + 1/2, 0), 1); ONNX's own default is another slope. */
export const HardSigmoid = (graph: GraphWriter, name: string, x: Value) =>
  graph.node('HardSigmoid', name, [x], [float('alpha', 1 / 6), float('beta', 0.5)]);

/** [batch, …] to [batch, units]. */
export const Flatten = (graph: GraphWriter, name: string, x: Value) =>
  graph.node('Flatten', name, [x], [int('axis', 1)]);

/** x [batch, inputs] times kernel [inputs, units] plus bias [units]. */
export const Gemm = (graph: GraphWriter, name: string, inputs: [x: Value, kernel: Value, bias: Value]) =>
  graph.node('Gemm', name, inputs);

/** Over the classes of [batch, classes]. */
export const Softmax = (graph: GraphWriter, name: string, x: Value) =>
  graph.node('Softmax', name, [x], [int('axis', 1)]);
