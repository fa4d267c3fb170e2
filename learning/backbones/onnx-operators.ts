/**
 * What each ONNX operator is among the operations of an imported layer: settings read, kernels put into our order, and
 * refused in words what has no counterpart. What they have in common with other formats' is graph-operators.ts and
 * graph-windows.ts.
 */
import { reorderedKernel } from '#learning/onnx/kernels.ts';
import type { ImportedPadding } from '#recipe/imported-layer.ts';
import { alike } from './graph-activations.ts';
import type { NodeReader, Operator } from './graph-node.ts';
import * as op from './graph-operators.ts';
import { convolve, imageOf, isPooled, pool as poolOf, surround, type Window } from './graph-windows.ts';

/** Of a window: one side and one stride for both axes, and its padding. */
function windowOf(node: NodeReader, given?: readonly number[]): Window {
  const kernel = given ?? node.ints('kernel_shape') ?? [];
  const strides = node.ints('strides') ?? [1, 1];
  const dilations = node.ints('dilations') ?? [1, 1];
  const [side] = kernel;
  const [stride] = strides;
  if (kernel.length !== 2 || kernel[0] !== kernel[1]) node.refuse('a square window', `${kernel.join(' × ')}`);
  if (strides[0] !== strides[1]) node.refuse('one stride for both axes', strides.join(' × '));
  if (dilations.some((step) => step !== 1)) node.refuse('a window without dilation', dilations.join(' × '));
  const auto = node.text('auto_pad') ?? 'NOTSET';
  const pads = node.ints('pads') ?? [0, 0, 0, 0];
  if (pads.length !== 4) node.refuse('padding of height and width', `[${pads.join(', ')}]`);
  if (auto === 'SAME_LOWER') node.refuse('the odd pixel of padding at the end', 'SAME_LOWER');
  const padding: ImportedPadding =
    auto === 'SAME_UPPER'
      ? 'same'
      : auto === 'VALID'
        ? [0, 0, 0, 0]
        : (pads as [number, number, number, number]);
  return { side: side!, stride: stride!, padding };
}

const conv: Operator = (node) => {
  const x = imageOf(node, 0, 'nchw');
  const kernel = node.tensor(1);
  const [filters = 0, perGroup = 0, height = 0, width = 0] = kernel.shape;
  if (kernel.shape.length !== 4) node.refuse('a kernel of four sides', `[${kernel.shape.join(', ')}]`);
  const window = windowOf(node, [height, width]);
  const groups = node.int('group') ?? 1;
  const channels = x.shape.at(-1)!;
  if (groups !== 1 && (groups !== channels || filters !== channels || perGroup !== 1))
    node.refuse('one group, or one for each channel', `${groups} groups for ${channels} channels`);
  if (groups === 1 && perGroup !== channels) node.refuse(`a kernel for ${channels} channels`, `${perGroup}`);
  return convolve(node, x, {
    ...window,
    kernel: reorderedKernel(kernel.data, 'hwio', window.side * window.side, perGroup, filters),
    bias: node.has(2) ? node.tensor(2).data : null,
    filters,
    depthwise: groups !== 1,
  });
};

const pool =
  (kind: 'max-pool' | 'average-pool'): Operator =>
  (node) => {
    const x = imageOf(node, 0, 'nchw');
    const window = windowOf(node);
    const { side, stride, padding } = window;
    const [height, width] = x.shape as [number, number, number];
    if ((node.int('ceil_mode') ?? 0) !== 0) {
      const [top, left, bottom, right] = padding === 'same' ? [0, 0, 0, 0] : padding;
      const rest = [(height + top + bottom - side) % stride, (width + left + right - side) % stride];
      if (x.padded || rest.some((pixels) => pixels !== 0))
        node.refuse('a window that is rounded down', `ceil_mode on a map of ${height} × ${width}`);
    }
    return poolOf(node, x, kind, window);
  };

/** Zeros at top, left, bottom and right; settings before opset 11, inputs since. */
const pad: Operator = (node) => {
  const mode = node.text('mode') ?? 'constant';
  const value = node.has(2) ? node.scalar(node.inputs[2]!) : (node.float('value') ?? 0);
  if (mode !== 'constant' || value !== 0)
    node.refuse('padding with zeros', `${mode.slice(0, 20)} ${String(value)}`);
  const pixels = node.ints('pads') ?? node.integers(1);
  const first = node.padded(0).axes === 'nchw';
  const at = first ? [2, 3, 6, 7] : [1, 2, 5, 6];
  const others = pixels.filter((_, place) => !at.includes(place));
  if (pixels.length !== 8 || node.has(3) || others.some((value) => value !== 0))
    node.refuse('padding of height and width', `[${pixels.slice(0, 8).join(', ')}]`);
  const [top, left, bottom, right] = at.map((place) => pixels[place]!);
  return surround(node, 0, [top!, left!, bottom!, right!]);
};

/** Axes are a setting before opset 13 or 18, and an input since. */
const axesOf = (node: NodeReader): number[] => node.ints('axes') ?? (node.has(1) ? node.integers(1) : []);

const norm: Operator = (node) => {
  if ((node.int('training_mode') ?? 0) !== 0) node.refuse('a network for inference', 'training_mode 1');
  if ([1, 2, 3, 4].some((place) => !node.has(place)))
    node.refuse('scale, offset, mean and variance', 'fewer');
  return op.batchNorm(node, ['chw', 'nhwc'], node.float('epsilon') ?? 1e-5);
};

const hardSigmoid: Operator = (node) => {
  const beta = node.float('beta') ?? 0.5;
  if (!alike(beta, 0.5)) node.refuse('beta 0.5', String(beta));
  return op.sloped('hard-sigmoid', 'alpha', 0.2, 1 / 6)(node);
};

const gelu: Operator = (node) => {
  const approximate = node.text('approximate') ?? 'none';
  if (approximate !== 'none') node.refuse('the exact GELU', `approximate ${approximate.slice(0, 20)}`);
  return op.activation('gelu')(node);
};

const globalAverage: Operator = (node) => {
  const x = imageOf(node, 0, 'nchw');
  return isPooled(x) ? x : node.add({ kind: 'global-average-pool' }, [node.value(0)], 'pooled');
};

const reshape = op.reshapedByInput('Export with fixed sizes, or simplify the file (onnxsim).');

const flatten: Operator = (node) => {
  if ((node.int('axis') ?? 1) !== 1) node.refuse('axis 1', `axis ${node.int('axis')}`);
  return op.flat(node, node.value(0));
};

const unsqueeze: Operator = (node) => {
  const x = node.value(0);
  const axes = axesOf(node);
  if (x.axes !== 'vector' || op.counted(axes) !== '2,3')
    node.refuse('a vector that becomes a map of one pixel', `axes ${axes.join(', ')}`);
  return { ...x, axes: 'pooled' };
};

const gemm: Operator = (node) => {
  const kernel = node.tensor(1);
  const [first = 0, second = 0] = kernel.shape;
  if (kernel.shape.length !== 2 || (node.int('transA') ?? 0) !== 0)
    node.refuse('a vector times a matrix of weights', `[${kernel.shape.join(', ')}]`);
  if (!alike(node.float('alpha') ?? 1, 1) || !alike(node.float('beta') ?? 1, 1))
    node.refuse('alpha and beta 1', 'others');
  const turned = (node.int('transB') ?? 0) !== 0;
  const units = turned ? first : second;
  const ordered = turned ? reorderedKernel(kernel.data, 'hwio', 1, second, first) : kernel.data;
  return op.dense(node, ordered, units, node.has(2) ? node.tensor(2).data : null);
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

export const onnxOperators: Readonly<Record<string, Operator>> = {
  Add: op.add,
  AveragePool: pool('average-pool'),
  BatchNormalization: norm,
  Cast: cast,
  Clip: op.clip,
  Concat: (node) => op.concatenate(node, node.values(), node.int('axis') ?? 1),
  Conv: conv,
  Div: op.divide,
  Dropout: op.itself,
  Elu: op.sloped('elu', 'alpha', 1, 1),
  Flatten: flatten,
  Gelu: gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAverage,
  HardSigmoid: hardSigmoid,
  HardSwish: op.activation('hard-swish'),
  Identity: op.itself,
  LayerNormalization: (node) => op.layerNorm(node, node.int('axis') ?? -1, node.float('epsilon') ?? 1e-5),
  LeakyRelu: op.sloped('leaky-relu', 'alpha', 0.01, 0.01),
  MatMul: op.matMul,
  MaxPool: pool('max-pool'),
  Mish: op.activation('mish'),
  Mul: op.multiply,
  Pad: pad,
  ReduceMean: (node) => op.overArea(node, 'mean', axesOf(node), (node.int('keepdims') ?? 1) !== 0),
  Relu: op.activation('relu'),
  Reshape: reshape,
  Sigmoid: op.activation('sigmoid'),
  Squeeze: (node) => op.squeezed(node, axesOf(node)),
  Sub: op.subtract,
  Sum: op.add,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
