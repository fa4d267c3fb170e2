/**
 * What each ONNX operator is among the operations of an imported layer: settings read, kernels put into our order, and
 * refused in words what has no counterpart. The order of the nodes, and which of them are read, is onnx-graph.ts.
 */
import type { ImportedActivation } from '#contract/imported-layer.ts';
import { kernelFromOihw } from '#learning/onnx/kernels.ts';
import { alike, clipBounds } from './onnx-patterns.ts';
import type { NodeReader, Value } from './onnx-reading.ts';
import { conv, type Operator, pool } from './onnx-windows.ts';

/** Rows of a dense kernel that was learned on channels before height and width: we have them behind. */
function rowsChannelsLast(
  kernel: Float32Array,
  [height, width, channels]: readonly number[],
  units: number,
): Float32Array {
  const result = new Float32Array(kernel.length);
  const area = height! * width!;
  for (let place = 0; place < area; place += 1)
    for (let channel = 0; channel < channels!; channel += 1) {
      const from = (channel * area + place) * units;
      result.set(kernel.subarray(from, from + units), (place * channels! + channel) * units);
    }
  return result;
}

const batchNorm: Operator = (node) => {
  const x = node.value(0);
  if (x.axes === 'chw' || x.axes === 'nhwc')
    node.refuse('a map, or a vector of units', 'a map laid out otherwise');
  if ((node.int('training_mode') ?? 0) !== 0) node.refuse('a network for inference', 'training_mode 1');
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((place) => node.tensor(place).data);
  const epsilon = node.float('epsilon') ?? 1e-5;
  return node.add({ kind: 'batch-norm', epsilon }, [x], x.axes, {
    scale: scale!,
    offset: offset!,
    mean: mean!,
    variance: variance!,
  });
};

const layerNorm: Operator = (node) => {
  const x = node.value(0);
  const axis = node.int('axis') ?? -1;
  if (x.axes !== 'vector' && (x.axes !== 'nhwc' || (axis !== -1 && axis !== 3)))
    node.refuse('a norm over the channels, which come last', `axis ${axis}`);
  const scale = node.tensor(1).data;
  const offset = node.has(2) ? node.tensor(2).data : new Float32Array(scale.length);
  const epsilon = node.float('epsilon') ?? 1e-5;
  return node.add({ kind: 'layer-norm', epsilon }, [x], x.axes, { scale, offset });
};

const activation =
  (kind: ImportedActivation): Operator =>
  (node) => {
    const x = node.value(0);
    return node.add({ kind: 'activation', activation: kind }, [x], x.axes);
  };

/** One with a slope, which must be the one that we have. */
const sloped =
  (kind: ImportedActivation, attribute: string, usual: number, ours: number): Operator =>
  (node) => {
    const slope = node.float(attribute) ?? usual;
    if (!alike(slope, ours)) node.refuse(`${attribute} ${ours.toPrecision(3)}`, String(slope));
    return activation(kind)(node);
  };

const hardSigmoid: Operator = (node) => {
  const beta = node.float('beta') ?? 0.5;
  if (!alike(beta, 0.5)) node.refuse('beta 0.5', String(beta));
  return sloped('hard-sigmoid', 'alpha', 0.2, 1 / 6)(node);
};

const gelu: Operator = (node) => {
  const approximate = node.text('approximate') ?? 'none';
  if (approximate !== 'none') node.refuse('the exact GELU', `approximate ${approximate.slice(0, 20)}`);
  return activation('gelu')(node);
};

const clip: Operator = (node) => {
  const { least, most } = clipBounds(node.node, node.scalar);
  if (alike(least, 0) && alike(most, 6)) return activation('relu6')(node);
  if (alike(least, 0) && (most === null || most > 1e30)) return activation('relu')(node);
  return node.refuse('bounds of 0 and 6 (ReLU6)', `${String(least)} and ${String(most)}`);
};

const globalAverage: Operator = (node) => {
  const x = node.image(0);
  return x.axes === 'pooled' ? x : node.add({ kind: 'global-average-pool' }, [x], 'pooled');
};

const reduceMean: Operator = (node) => {
  const x = node.value(0);
  const axes = (node.ints('axes') ?? (node.has(1) ? node.integers(1) : [])).map((axis) =>
    axis < 0 ? axis + 4 : axis,
  );
  const wanted = x.axes === 'nchw' ? '2,3' : x.axes === 'nhwc' ? '1,2' : '';
  if (axes.sort().join() !== wanted) node.refuse('the mean over height and width', `axes ${axes.join(', ')}`);
  const kept = (node.int('keepdims') ?? 1) !== 0;
  if (kept && x.axes === 'nhwc') node.refuse('channels before height and width, or keepdims 0', 'keepdims 1');
  return node.add({ kind: 'global-average-pool' }, [x], kept ? 'pooled' : 'vector');
};

const flatten: Operator = (node) => {
  const x = node.value(0);
  if ((node.int('axis') ?? 1) !== 1) node.refuse('axis 1', `axis ${node.int('axis')}`);
  return flat(node, x);
};

function flat(node: NodeReader, x: Value): Value {
  if (x.axes === 'pooled') return { ...x, axes: 'vector' };
  if (x.axes === 'vector' || x.axes === 'chw') return x;
  const result = node.add({ kind: 'flatten' }, [x], x.axes === 'nchw' ? 'chw' : 'vector');
  return x.axes === 'nchw' ? { ...result, map: x.shape } : result;
}

const reshape: Operator = (node) => {
  const x = node.value(0);
  if (!node.isConstant(1))
    node.refuse(
      'a shape that stands in the file',
      'one that is computed',
      'Export with fixed sizes, or simplify the file (onnxsim).',
    );
  const sides = node.integers(1);
  const size = x.shape.reduce((product, side) => product * side, 1);
  if (sides.length !== 2 || (sides[1] !== -1 && sides[1] !== size))
    node.refuse(`[batch, ${size}]`, `[${sides.join(', ')}]`);
  return flat(node, x);
};

const squeeze: Operator = (node) => {
  const x = node.value(0);
  const axes = node.ints('axes') ?? (node.has(1) ? node.integers(1) : []);
  if (
    x.axes !== 'pooled' ||
    axes
      .map((axis) => (axis < 0 ? axis + 4 : axis))
      .sort()
      .join() !== '2,3'
  )
    node.refuse('height and width of one pixel', `axes ${axes.join(', ')}`);
  return { ...x, axes: 'vector' };
};

const unsqueeze: Operator = (node) => {
  const x = node.value(0);
  const axes = node.ints('axes') ?? (node.has(1) ? node.integers(1) : []);
  if (
    x.axes !== 'vector' ||
    axes
      .map((axis) => (axis < 0 ? axis + 4 : axis))
      .sort()
      .join() !== '2,3'
  )
    node.refuse('a vector that becomes a map of one pixel', `axes ${axes.join(', ')}`);
  return { ...x, axes: 'pooled' };
};

function dense(node: NodeReader, kernel: Float32Array, units: number, bias: Float32Array): Value {
  const x = node.value(0);
  if (x.axes !== 'vector' && x.axes !== 'chw') node.refuse('a vector', `a map of [${x.shape.join(', ')}]`);
  const inputs = x.shape[0]!;
  if (kernel.length !== inputs * units) node.refuse(`${inputs} × ${units} weights`, `${kernel.length}`);
  if (bias.length !== units) node.refuse(`${units} biases`, `${bias.length}`);
  const rows = x.axes === 'chw' ? rowsChannelsLast(kernel, x.map!, units) : kernel;
  return node.add({ kind: 'dense', units }, [x], 'vector', { kernel: rows, bias });
}

const gemm: Operator = (node) => {
  const kernel = node.tensor(1);
  const [first = 0, second = 0] = kernel.shape;
  if (kernel.shape.length !== 2 || (node.int('transA') ?? 0) !== 0)
    node.refuse('a vector times a matrix of weights', `[${kernel.shape.join(', ')}]`);
  if (!alike(node.float('alpha') ?? 1, 1) || !alike(node.float('beta') ?? 1, 1))
    node.refuse('alpha and beta 1', 'others');
  const turned = (node.int('transB') ?? 0) !== 0;
  const units = turned ? first : second;
  const ordered = turned ? kernelFromOihw(kernel.data, 1, second, first) : kernel.data;
  return dense(node, ordered, units, node.has(2) ? node.tensor(2).data : new Float32Array(units));
};

const matMul: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  if (shape.length !== 2) node.refuse('a matrix of weights', `[${shape.join(', ')}]`);
  return dense(node, data, shape[1]!, new Float32Array(shape[1]!));
};

const add: Operator = (node) => {
  const constant = [0, 1].find((place) => node.isConstant(place));
  if (constant !== undefined) {
    return node.scale(node.value(1 - constant), { shift: node.tensor(constant) });
  }
  if (node.inputs.length !== 2) node.refuse('a sum of two', `${node.inputs.length}`);
  const [a, b] = [node.value(0), node.value(1)];
  if (a.axes !== b.axes || a.shape.join() !== b.shape.join())
    node.refuse('two of one shape', `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  return { ...node.add({ kind: 'add' }, [a, b], a.axes), ...(a.map ? { map: a.map } : {}) };
};

const subtract: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  return node.scale(node.value(0), { shift: { shape, data: data.map((value) => -value) } });
};

const divide: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  return node.scale(node.value(0), { factor: { shape, data: data.map((value) => 1 / value) } });
};

const multiply: Operator = (node) => {
  const constant = [0, 1].find((place) => node.isConstant(place));
  if (constant !== undefined) return node.scale(node.value(1 - constant), { factor: node.tensor(constant) });
  const [a, b] = [node.value(0), node.value(1)];
  const [map, gate] = a.axes === 'pooled' ? [b, a] : [a, b];
  if (map.axes !== 'nchw' || gate.axes !== 'pooled')
    node.refuse(
      'a map times a factor for each channel',
      `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
    );
  return node.add({ kind: 'multiply' }, [map, gate], 'nchw');
};

const concat: Operator = (node) => {
  const values = node.values();
  const axes = values[0]?.axes ?? node.refuse('something to put behind each other', 'nothing');
  const axis = node.int('axis') ?? 1;
  const channels = axes === 'nhwc' ? [3, -1] : axes === 'nchw' || axes === 'pooled' ? [1, -3] : [1, -1];
  if (axes === 'chw' || values.some((value) => value.axes !== axes) || !channels.includes(axis))
    node.refuse('channels behind channels', `axis ${axis}`);
  return node.add({ kind: 'concatenate' }, values, axes);
};

const transpose: Operator = (node) => {
  const x = node.value(0);
  const order = (node.ints('perm') ?? []).join();
  if (x.axes === 'nhwc' && order === '0,3,1,2') return { ...x, axes: 'nchw' };
  if (x.axes === 'nchw' && order === '0,2,3,1') return { ...x, axes: 'nhwc' };
  return node.refuse('channels put before or behind height and width', `perm ${order}`);
};

const cast: Operator = (node) => {
  const x = node.value(0);
  const float32 = 1;
  if (!x.scaling || node.int('to') !== float32)
    node.refuse('a cast of the input to float32', `to ${node.int('to')}`);
  return x;
};

const itself: Operator = (node) => node.value(0);

export const operators: Readonly<Record<string, Operator>> = {
  Add: add,
  AveragePool: pool('average-pool'),
  BatchNormalization: batchNorm,
  Cast: cast,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  Div: divide,
  Dropout: itself,
  Elu: sloped('elu', 'alpha', 1, 1),
  Flatten: flatten,
  Gelu: gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAverage,
  HardSigmoid: hardSigmoid,
  HardSwish: activation('hard-swish'),
  Identity: itself,
  LayerNormalization: layerNorm,
  LeakyRelu: sloped('leaky-relu', 'alpha', 0.01, 0.01),
  MatMul: matMul,
  MaxPool: pool('max-pool'),
  Mish: activation('mish'),
  Mul: multiply,
  ReduceMean: reduceMean,
  Relu: activation('relu'),
  Reshape: reshape,
  Sigmoid: activation('sigmoid'),
  Squeeze: squeeze,
  Sub: subtract,
  Sum: add,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
