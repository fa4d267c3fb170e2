/**
 * What each operator of a TensorFlow graph is among the operations of an imported layer, and the few more that layers of Keras
 * are written with (tfjs-layers.ts). What they have in common with other formats' is graph-operators.ts and graph-windows.ts.
 */
import type { ImportedPadding } from '#recipe/imported-layer.ts';
import { alike } from './graph-activations.ts';
import type { NodeReader, Operator } from './graph-node.ts';
import * as op from './graph-operators.ts';
import type { Value } from './graph-reading.ts';
import { convolve, imageOf, pool as poolOf, surround, type Window } from './graph-windows.ts';

/** Height and width of a setting for all four axes. */
function sidesOf(node: NodeReader, setting: string, otherwise: number[] | null): [number, number] {
  const given = node.ints(setting) ?? otherwise;
  const [batch, height, width, channels] = given ?? [];
  if (given?.length !== 4 || batch !== 1 || channels !== 1)
    return node.refuse(
      `${setting} of height and width`,
      given ? `[${given.slice(0, 8).join(', ')}]` : 'none',
    );
  return [height!, width!];
}

/** Of a window: one side and one stride for both axes, and its padding. */
function windowOf(node: NodeReader, [height, width]: readonly number[]): Window {
  const format = node.text('data_format') ?? 'NHWC';
  if (format !== 'NHWC') node.refuse('channels behind height and width (NHWC)', format.slice(0, 20));
  const strides = sidesOf(node, 'strides', null);
  const dilations = sidesOf(node, 'dilations', [1, 1, 1, 1]);
  if (height === undefined || height !== width) node.refuse('a square window', `${height} × ${width}`);
  if (strides[0] !== strides[1]) node.refuse('one stride for both axes', strides.join(' × '));
  if (dilations.some((step) => step !== 1)) node.refuse('a window without dilation', dilations.join(' × '));
  return { side: height!, stride: strides[0], padding: paddingOf(node) };
}

function paddingOf(node: NodeReader): ImportedPadding {
  const padding = node.text('padding') ?? 'none';
  if (padding === 'SAME') return 'same';
  if (padding === 'VALID') return [0, 0, 0, 0];
  const pixels = node.ints('explicit_paddings') ?? [];
  const [, , top, bottom, left, right] = pixels;
  const others = [0, 1, 6, 7].some((place) => pixels[place] !== 0);
  if (padding !== 'EXPLICIT' || pixels.length !== 8 || others)
    return node.refuse('padding SAME, VALID, or of height and width', padding.slice(0, 20));
  return [top!, left!, bottom!, right!];
}

/** With the bias that a fused one has as its third input. */
const conv =
  (depthwise: boolean, fused: boolean): Operator =>
  (node) => {
    const x = imageOf(node, 0, 'nhwc');
    const { shape, data } = node.tensor(1);
    const [height = 0, width = 0, inputs = 0, last = 0] = shape;
    if (shape.length !== 4) node.refuse('a kernel of four sides', `[${shape.join(', ')}]`);
    const channels = x.shape.at(-1)!;
    if (inputs !== channels) node.refuse(`a kernel for ${channels} channels`, `${inputs}`);
    // A kernel for each of one channel is one for all.
    const each = depthwise && channels > 1;
    if (each && last !== 1) node.refuse('one kernel for each channel (depth multiplier 1)', `${last}`);
    const bias = fused && node.isConstant(2) ? node.tensor(2).data : null;
    const filters = each ? channels : last;
    const window = windowOf(node, [height, width]);
    return convolve(node, x, { ...window, kernel: data, bias, filters, depthwise: each });
  };

const pool =
  (kind: 'max-pool' | 'average-pool'): Operator =>
  (node) => {
    const x = imageOf(node, 0, 'nhwc');
    return poolOf(node, x, kind, windowOf(node, sidesOf(node, 'ksize', null)));
  };

/** Zeros around height and width. */
const pad: Operator = (node) => {
  const value = node.has(2) ? node.scalar(node.inputs[2]!) : 0;
  if (value !== 0) node.refuse('padding with zeros', String(value));
  const pixels = node.integers(1);
  const [, , top, bottom, left, right] = pixels;
  const others = [0, 1, 6, 7].some((place) => pixels[place] !== 0);
  if (pixels.length !== 8 || others)
    node.refuse('padding of height and width', `[${pixels.slice(0, 8).join(', ')}]`);
  return surround(node, 0, [top!, left!, bottom!, right!]);
};

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
    const x = node.has(2) && !node.isConstant(2) ? op.sumOf(node, made, node.value(2)) : made;
    if (bend === undefined) return x;
    if (bend === 'Relu') return op.activate(node, x, 'relu');
    if (bend === 'Relu6') return op.activate(node, x, 'relu6');
    if (bend === 'Elu') return op.activate(node, x, 'elu');
    if (bend === 'Sigmoid') return op.activate(node, x, 'sigmoid');
    const slope = node.float('leakyrelu_alpha') ?? 0.2;
    if (bend === 'LeakyRelu' && alike(slope, leakySlope)) return op.activate(node, x, 'leaky-relu');
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
  return op.batchNorm(node, ['chw', 'nchw', 'pooled'], epsilon);
};

/** Keras' of old: slope 0.2, which is ours of 1.2 times what it looks at. */
const hardSigmoid: Operator = (node) => {
  const x = node.scale(node.value(0), { factor: { shape: [], data: Float32Array.of(1.2) } });
  return op.activate(node, x, 'hard-sigmoid');
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
  return op.dense(node, data, units, node.isConstant(2) ? node.tensor(2).data : null);
};

const overSides =
  (what: 'mean' | 'greatest'): Operator =>
  (node) =>
    op.overArea(node, what, node.integers(1), (node.int('keep_dims') ?? 0) !== 0);

const reshape = op.reshapedByInput('Convert the model with a fixed input size.');

const squeeze: Operator = (node) => op.squeezed(node, node.ints('squeeze_dims') ?? node.ints('axis') ?? []);

/** Channels behind channels: which axis that is stands in an input. */
const concat =
  (axisFirst: boolean): Operator =>
  (node) => {
    const places = node.inputs.map((_, place) => place);
    const axis = axisFirst ? places.shift() : places.pop();
    const values: Value[] = places.map((place) => node.value(place));
    return op.concatenate(node, values, node.integers(axis ?? 0)[0] ?? 0);
  };

const cast: Operator = (node) => {
  const x = node.value(0);
  const to = node.text('DstT') ?? String(node.int('DstT') ?? 'nothing');
  if (!x.scaling || (to !== 'DT_FLOAT' && to !== '1'))
    node.refuse('a cast of the input to float32', to.slice(0, 40));
  return x;
};

const normLast = (node: NodeReader): Value =>
  op.layerNorm(node, node.int('axis') ?? -1, node.float('epsilon') ?? 1e-3);

export const tfjsOperators: Readonly<Record<string, Operator>> = {
  Add: op.add,
  AddN: op.add,
  AddV2: op.add,
  AvgPool: pool('average-pool'),
  BiasAdd: biasAdd,
  Cast: cast,
  ClipByValue: op.clip,
  Concat: concat(true),
  ConcatV2: concat(false),
  Conv2D: conv(false, false),
  DepthwiseConv2d: conv(true, false),
  DepthwiseConv2dNative: conv(true, false),
  Div: op.divide,
  Dropout: op.itself,
  Elu: op.sloped('elu', 'alpha', 1, 1),
  Flatten: (node) => op.flat(node, node.value(0)),
  FusedBatchNorm: norm,
  FusedBatchNormV2: norm,
  FusedBatchNormV3: norm,
  FusedDepthwiseConv2dNative: fused(conv(true, true)),
  Gelu: op.activation('gelu'),
  HardSigmoid: hardSigmoid,
  Identity: op.itself,
  IdentityN: op.itself,
  LayerNormalization: normLast,
  LeakyRelu: op.sloped('leaky-relu', 'alpha', 0.2, leakySlope),
  MatMul: matMul,
  Max: overSides('greatest'),
  MaxPool: pool('max-pool'),
  Mean: overSides('mean'),
  Mish: op.activation('mish'),
  Mul: op.multiply,
  Pad: pad,
  PadV2: pad,
  RealDiv: op.divide,
  Relu: op.activation('relu'),
  Relu6: op.activation('relu6'),
  Reshape: reshape,
  Sigmoid: op.activation('sigmoid'),
  Silu: op.activation('silu'),
  Snapshot: op.itself,
  Squeeze: squeeze,
  StopGradient: op.itself,
  Sub: op.subtract,
  _FusedConv2D: fused(conv(false, true)),
  _FusedMatMul: fused(matMul),
};
