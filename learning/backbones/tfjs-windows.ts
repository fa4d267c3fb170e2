/** Convolutions and pools of TensorFlow among the operations of an imported layer. The other operators are tfjs-operators.ts. */
import type { ImportedPadding } from '#recipe/imported-layer.ts';
import type { NodeReader, Operator } from './graph-node.ts';
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
export const conv =
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

export const pool =
  (kind: 'max-pool' | 'average-pool'): Operator =>
  (node) => {
    const x = imageOf(node, 0, 'nhwc');
    return poolOf(node, x, kind, windowOf(node, sidesOf(node, 'ksize', null)));
  };

/** Zeros around height and width. */
export const pad: Operator = (node) => {
  const value = node.has(2) ? node.scalar(node.inputs[2]!) : 0;
  if (value !== 0) node.refuse('padding with zeros', String(value));
  const pixels = node.integers(1);
  const [, , top, bottom, left, right] = pixels;
  const others = [0, 1, 6, 7].some((place) => pixels[place] !== 0);
  if (pixels.length !== 8 || others)
    node.refuse('padding of height and width', `[${pixels.slice(0, 8).join(', ')}]`);
  return surround(node, 0, [top!, left!, bottom!, right!]);
};
