/**
 * What each operator of a TensorFlow graph is among the operations of an imported layer, and the few more that layers of Keras
 * are written with (tfjs-layers.ts). What they have in common with other formats' is graph-operators.ts, windows are
 * tfjs-windows.ts.
 */
import { alike } from './graph-activations.ts';
import type { NodeReader, Operator } from './graph-node.ts';
import {
  activate,
  activation,
  add,
  batchNorm,
  clip,
  concatenate,
  dense,
  divide,
  flat,
  itself,
  layerNorm,
  multiply,
  overArea,
  reshapedByInput,
  sloped,
  squeezed,
  subtract,
  sumOf,
} from './graph-operators.ts';
import type { Value } from './graph-reading.ts';
import { convolve } from './graph-windows.ts';
import { conv, pad, pool } from './tfjs-windows.ts';

const leakySlope = 0.01;

/** What stands behind a fused operator: a bias, which it has read itself, then perhaps an activation. */
const fused =
  (operator: Operator): Operator =>
  (node) => {
    const [bias, bend, ...others] = node.texts('fused_ops') ?? [];
    if ((bias !== undefined && bias !== 'BiasAdd') || others.length > 0)
      node.refuse('a bias and an activation fused into it', [bias, bend, ...others].slice(0, 4).join(', '));
    const made = operator(node);
    // In place of a bias there may be what another layer gives: a sum.
    const x = node.has(2) && !node.isConstant(2) ? sumOf(node, made, node.value(2)) : made;
    if (bend === undefined) return x;
    if (bend === 'Relu') return activate(node, x, 'relu');
    if (bend === 'Relu6') return activate(node, x, 'relu6');
    if (bend === 'Elu') return activate(node, x, 'elu');
    if (bend === 'Sigmoid') return activate(node, x, 'sigmoid');
    const slope = node.float('leakyrelu_alpha') ?? 0.2;
    if (bend === 'LeakyRelu' && alike(slope, leakySlope)) return activate(node, x, 'leaky-relu');
    return node.refuse(
      `Relu, Relu6, Elu, Sigmoid or LeakyRelu of ${leakySlope} fused into it`,
      `${bend.slice(0, 40)}${bend === 'LeakyRelu' ? ` of ${slope}` : ''}`,
    );
  };

const biasAdd: Operator = (node) => node.scale(node.padded(0), { shift: node.tensor(1) });

const norm: Operator = (node) => {
  const format = node.text('data_format') ?? 'NHWC';
  if (format !== 'NHWC') node.refuse('channels behind height and width (NHWC)', format.slice(0, 20));
  if ((node.int('is_training') ?? 0) !== 0) node.refuse('a network for inference', 'is_training true');
  if (node.inputs.length !== 5)
    node.refuse('scale, offset, mean and variance', `${node.inputs.length - 1} inputs`);
  const epsilon = node.float('epsilon') ?? 1e-4;
  return batchNorm(node, ['chw', 'nchw', 'pooled'], epsilon);
};

/** Keras' of old: slope 0.2, which is ours of 1.2 times what it looks at. */
const hardSigmoid: Operator = (node) => {
  const x = node.scale(node.value(0), { factor: { shape: [], data: Float32Array.of(1.2) } });
  return activate(node, x, 'hard-sigmoid');
};

const matMul: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  if (shape.length !== 2) node.refuse('a matrix of weights', `[${shape.join(', ')}]`);
  for (const setting of ['transpose_a', 'transpose_b'])
    if ((node.int(setting) ?? 0) !== 0)
      node.refuse('a vector times a matrix as it stands', `${setting} true`);
  const [inputs = 0, units = 0] = shape;
  const x = node.value(0);
  // Of each pixel of a map: a kernel of one pixel.
  if (x.axes === 'nhwc' && inputs === x.shape[2]) {
    const window = { side: 1, stride: 1, padding: [0, 0, 0, 0] as [number, number, number, number] };
    return convolve(node, x, { ...window, kernel: data, bias: null, filters: units, depthwise: false });
  }
  return dense(node, data, units, node.isConstant(2) ? node.tensor(2).data : null);
};

const overSides =
  (what: 'mean' | 'greatest'): Operator =>
  (node) =>
    overArea(node, what, node.integers(1), (node.int('keep_dims') ?? 0) !== 0);

const reshape = reshapedByInput('Convert the model with a fixed input size.');

const squeeze: Operator = (node) => squeezed(node, node.ints('squeeze_dims') ?? node.ints('axis') ?? []);

/** Channels behind channels: which axis that is stands in an input. */
const concat =
  (axisFirst: boolean): Operator =>
  (node) => {
    const places = node.inputs.map((_, place) => place);
    const axis = axisFirst ? places.shift() : places.pop();
    const values: Value[] = places.map((place) => node.value(place));
    return concatenate(node, values, node.integers(axis ?? 0)[0] ?? 0);
  };

const cast: Operator = (node) => {
  const x = node.value(0);
  const to = node.text('DstT') ?? String(node.int('DstT') ?? 'nothing');
  if (!x.scaling || (to !== 'DT_FLOAT' && to !== '1'))
    node.refuse('a cast of the input to float32', to.slice(0, 40));
  return x;
};

const normLast = (node: NodeReader): Value =>
  layerNorm(node, node.int('axis') ?? -1, node.float('epsilon') ?? 1e-3);

export const tfjsOperators: Readonly<Record<string, Operator>> = {
  Add: add,
  AddN: add,
  AddV2: add,
  AvgPool: pool('average-pool'),
  BiasAdd: biasAdd,
  Cast: cast,
  ClipByValue: clip,
  Concat: concat(true),
  ConcatV2: concat(false),
  Conv2D: conv(false, false),
  DepthwiseConv2d: conv(true, false),
  DepthwiseConv2dNative: conv(true, false),
  Div: divide,
  Dropout: itself,
  Elu: sloped('elu', 'alpha', 1, 1),
  Flatten: (node) => flat(node, node.value(0)),
  FusedBatchNorm: norm,
  FusedBatchNormV2: norm,
  FusedBatchNormV3: norm,
  FusedDepthwiseConv2dNative: fused(conv(true, true)),
  Gelu: activation('gelu'),
  HardSigmoid: hardSigmoid,
  Identity: itself,
  IdentityN: itself,
  LayerNormalization: normLast,
  LeakyRelu: sloped('leaky-relu', 'alpha', 0.2, leakySlope),
  MatMul: matMul,
  Max: overSides('greatest'),
  MaxPool: pool('max-pool'),
  Mean: overSides('mean'),
  Mish: activation('mish'),
  Mul: multiply,
  Pad: pad,
  PadV2: pad,
  RealDiv: divide,
  Relu: activation('relu'),
  Relu6: activation('relu6'),
  Reshape: reshape,
  Sigmoid: activation('sigmoid'),
  Silu: activation('silu'),
  Snapshot: itself,
  Squeeze: squeeze,
  StopGradient: itself,
  Sub: subtract,
  _FusedConv2D: fused(conv(false, true)),
  _FusedMatMul: fused(matMul),
};
