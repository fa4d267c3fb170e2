/** Convolutions and pools of ONNX among the operations of an imported layer. The other operators are onnx-operators.ts. */
import type { ImportedPadding } from '#contract/imported-layer.ts';
import { kernelFromOihw } from '#learning/onnx/kernels.ts';
import type { NodeReader, Value } from './onnx-reading.ts';

export type Operator = (node: NodeReader) => Value;

/** Of a window: one side and one stride for both axes, and its padding. */
function windowOf(node: NodeReader, given?: readonly number[]) {
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
  const x = node.image(0);
  const kernel = node.tensor(1);
  const [filters = 0, perGroup = 0, height = 0, width = 0] = kernel.shape;
  if (kernel.shape.length !== 4) node.refuse('a kernel of four sides', `[${kernel.shape.join(', ')}]`);
  const { side, stride, padding } = windowOf(node, [height, width]);
  const groups = node.int('group') ?? 1;
  const channels = x.shape.at(-1)!;
  const bias = node.has(2) ? node.tensor(2).data : null;
  if (groups !== 1 && (groups !== channels || filters !== channels || perGroup !== 1))
    node.refuse('one group, or one for each channel', `${groups} groups for ${channels} channels`);
  if (groups === 1 && perGroup !== channels) node.refuse(`a kernel for ${channels} channels`, `${perGroup}`);
  if (bias && bias.length !== filters) node.refuse(`${filters} biases`, `${bias.length}`);
  const ordered = { kernel: kernelFromOihw(kernel.data, side * side, perGroup, filters) };
  const weights = bias ? { ...ordered, bias } : ordered;
  if (x.axes === 'pooled') {
    // A window of one pixel on a map of one pixel.
    if (side !== 1 || groups !== 1)
      node.refuse('a kernel of 1 × 1 on a map of one pixel', `${side} × ${side}`);
    const dense = { kind: 'dense', units: filters } as const;
    return node.add(dense, [x], 'pooled', { ...ordered, bias: bias ?? new Float32Array(filters) });
  }
  return groups === 1
    ? node.add(
        { kind: 'conv', filters, kernel: side, stride, padding, bias: bias !== null },
        [x],
        'nchw',
        weights,
      )
    : node.add(
        { kind: 'depthwise-conv', kernel: side, stride, padding, bias: bias !== null },
        [x],
        'nchw',
        weights,
      );
};

export const pool =
  (kind: 'max-pool' | 'average-pool'): Operator =>
  (node) => {
    const x = node.image(0);
    if (x.axes === 'pooled') node.refuse('a map', 'one pixel');
    const { side, stride, padding } = windowOf(node);
    const [height, width] = x.shape as [number, number, number];
    if ((node.int('ceil_mode') ?? 0) !== 0) {
      const [top, left, bottom, right] = padding === 'same' ? [0, 0, 0, 0] : padding;
      const rest = [(height + top + bottom - side) % stride, (width + left + right - side) % stride];
      if (rest.some((pixels) => pixels !== 0))
        node.refuse('a window that is rounded down', `ceil_mode on a map of ${height} × ${width}`);
    }
    if (kind === 'max-pool') return node.add({ kind, size: side, stride, padding }, [x], 'nchw');
    if (padding === 'same' || padding.some((pixels) => pixels > 0))
      node.refuse('an average without padding', node.text('auto_pad') ?? `pads ${String(padding)}`);
    if (side === height && side === width) return node.add({ kind: 'global-average-pool' }, [x], 'pooled');
    return node.add({ kind, size: side, stride }, [x], 'nchw');
  };
