/**
 * What each ONNX operator is among the operations of an imported layer: settings read, kernels put into our order, and
 * refused in words what has no counterpart. What they have in common with other formats' is graph-operators.ts, windows are
 * onnx-windows.ts.
 */
import { kernelFromOihw } from '#learning/onnx/kernels.ts';
import { alike } from './graph-activations.ts';
import type { NodeReader, Operator } from './graph-node.ts';
import {
  activation,
  add,
  batchNorm,
  clip,
  concatenate,
  counted,
  dense,
  divide,
  flat,
  itself,
  layerNorm,
  matMul,
  multiply,
  overArea,
  reshapedByInput,
  sloped,
  squeezed,
  subtract,
} from './graph-operators.ts';
import { imageOf, isPooled } from './graph-windows.ts';
import { conv, pad, pool } from './onnx-windows.ts';

/** Axes are a setting before opset 13 or 18, and an input since. */
const axesOf = (node: NodeReader): number[] => node.ints('axes') ?? (node.has(1) ? node.integers(1) : []);

const norm: Operator = (node) => {
  if ((node.int('training_mode') ?? 0) !== 0) node.refuse('a network for inference', 'training_mode 1');
  if ([1, 2, 3, 4].some((place) => !node.has(place)))
    node.refuse('scale, offset, mean and variance', 'fewer');
  return batchNorm(node, ['chw', 'nhwc'], node.float('epsilon') ?? 1e-5);
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

const globalAverage: Operator = (node) => {
  const x = imageOf(node, 0, 'nchw');
  return isPooled(x) ? x : node.add({ kind: 'global-average-pool' }, [node.value(0)], 'pooled');
};

const reshape = reshapedByInput('Export with fixed sizes, or simplify the file (onnxsim).');

const flatten: Operator = (node) => {
  if ((node.int('axis') ?? 1) !== 1) node.refuse('axis 1', `axis ${node.int('axis')}`);
  return flat(node, node.value(0));
};

const unsqueeze: Operator = (node) => {
  const x = node.value(0);
  const axes = axesOf(node);
  if (x.axes !== 'vector' || counted(axes) !== '2,3')
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
  const ordered = turned ? kernelFromOihw(kernel.data, 1, second, first) : kernel.data;
  return dense(node, ordered, units, node.has(2) ? node.tensor(2).data : null);
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
  Add: add,
  AveragePool: pool('average-pool'),
  BatchNormalization: norm,
  Cast: cast,
  Clip: clip,
  Concat: (node) => concatenate(node, node.values(), node.int('axis') ?? 1),
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
  LayerNormalization: (node) => layerNorm(node, node.int('axis') ?? -1, node.float('epsilon') ?? 1e-5),
  LeakyRelu: sloped('leaky-relu', 'alpha', 0.01, 0.01),
  MatMul: matMul,
  MaxPool: pool('max-pool'),
  Mish: activation('mish'),
  Mul: multiply,
  Pad: pad,
  ReduceMean: (node) => overArea(node, 'mean', axesOf(node), (node.int('keepdims') ?? 1) !== 0),
  Relu: activation('relu'),
  Reshape: reshape,
  Sigmoid: activation('sigmoid'),
  Squeeze: (node) => squeezed(node, axesOf(node)),
  Sub: subtract,
  Sum: add,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
