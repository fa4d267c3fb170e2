/** Convolutions and pools of ONNX among the operations of an imported layer. The other operators are onnx-operators.ts. */
import type { ImportedPadding } from '#recipe/imported-layer.ts';
import { kernelFromOihw } from '#learning/onnx/kernels.ts';
import { convolve, imageOf, pool as poolOf, surround, type Window } from './graph-windows.ts';
import type { NodeReader, Operator } from './graph-node.ts';

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

export const conv: Operator = (node) => {
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
    kernel: kernelFromOihw(kernel.data, window.side * window.side, perGroup, filters),
    bias: node.has(2) ? node.tensor(2).data : null,
    filters,
    depthwise: groups !== 1,
  });
};

export const pool =
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
export const pad: Operator = (node) => {
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
