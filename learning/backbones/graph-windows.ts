/**
 * Convolutions and pools of any format as operations of an imported layer, from settings that are in our order. How a format
 * says them is onnx-operators.ts and tfjs-operators.ts.
 */
import type { ImportedPadding } from '#recipe/imported-layer.ts';
import { samePadding } from '#recipe/operation.ts';
import type { NodeReader } from './graph-node.ts';
import type { Value } from './graph-reading.ts';

/** One side and one stride for both axes. */
export interface Window {
  side: number;
  stride: number;
  padding: ImportedPadding;
}

/** [kernel, kernel, channels, filters], of a depthwise one [kernel, kernel, channels, 1]. */
export interface Convolution extends Window {
  kernel: Float32Array;
  bias: Float32Array | null;
  filters: number;
  depthwise: boolean;
}

const whole = { nchw: 'pooled', nhwc: 'pooled-last' } as const;
export const isPooled = ({ axes }: Value): boolean => axes === 'pooled' || axes === 'pooled-last';

/** A map, or one pixel, in the order that the format's windows look at. */
export function imageOf(node: NodeReader, place: number, order: 'nchw' | 'nhwc'): Value {
  const x = node.padded(place);
  if (x.axes === order || x.axes === whole[order]) return x;
  return node.refuse(
    `a map with its channels ${order === 'nchw' ? 'first' : 'last'}`,
    `[${x.shape.join(', ')}]`,
  );
}

/** The window's padding with the zeros that stand around the map already. */
function withZeros({ shape, padded }: Value, { side, stride, padding }: Window): ImportedPadding {
  if (!padded) return padding;
  const [top, left, bottom, right] = padded;
  const [height, width] = [shape[0]! + top + bottom, shape[1]! + left + right];
  const own = padding === 'same' ? samePadding(height, width, side, stride) : padding;
  return [own[0] + top, own[1] + left, own[2] + bottom, own[3] + right];
}

/** One for each unit; one number is for all. */
export function biasOf(node: NodeReader, bias: Float32Array, units: number): Float32Array {
  if (bias.length === 1) return new Float32Array(units).fill(bias[0]!);
  return bias.length === units ? bias : node.refuse(`${units} biases`, `${bias.length}`);
}

export function convolve(node: NodeReader, x: Value, given: Convolution): Value {
  const { side, stride, padding, kernel, filters, depthwise } = given;
  const bias = given.bias && biasOf(node, given.bias, filters);
  if (isPooled(x)) {
    // A window of one pixel on a map of one pixel.
    if (side !== 1 || depthwise || (padding !== 'same' && padding.some((pixels) => pixels !== 0)))
      node.refuse(
        'a kernel of 1 × 1 without padding on a map of one pixel',
        `${side} × ${side}, padding ${String(padding)}`,
      );
    const weights = { kernel, bias: bias ?? new Float32Array(filters) };
    return node.add({ kind: 'dense', units: filters }, [x], x.axes, weights);
  }
  const window = { kernel: side, stride, padding: withZeros(x, given), bias: bias !== null };
  const weights = bias ? { kernel, bias } : { kernel };
  return depthwise
    ? node.add({ kind: 'depthwise-conv', ...window }, [x], x.axes, weights)
    : node.add({ kind: 'conv', filters, ...window }, [x], x.axes, weights);
}

/** The map with its zeros as pixels of its own: a kernel of one pixel that leaves each channel as it is. */
function solid(node: NodeReader, { padded, ...x }: Value): Value {
  if (!padded) return x;
  const kernel = new Float32Array(x.shape.at(-1)!).fill(1);
  const [top, left, bottom, right] = padded;
  const padding: ImportedPadding = [top, left, bottom, right];
  const window = { kernel: 1, stride: 1, padding, bias: false };
  return node.add({ kind: 'depthwise-conv', ...window }, [x], x.axes, { kernel });
}

export function pool(
  node: NodeReader,
  given: Value,
  kind: 'max-pool' | 'average-pool',
  window: Window,
): Value {
  // Padding of a pool is left out of its maximum; zeros are not, unless there is nothing below them.
  const free = kind === 'max-pool' && given.at >= 0 && node.reading.neverBelowZero(given.at);
  const x = free || isPooled(given) ? given : solid(node, given);
  if (isPooled(x)) node.refuse('a map', 'one pixel');
  const { side, stride, padding } = window;
  const [height, width] = x.shape as [number, number, number];
  if (kind === 'max-pool')
    return node.add({ kind, size: side, stride, padding: withZeros(x, window) }, [x], x.axes);
  const pads = padding === 'same' ? samePadding(height, width, side, stride) : padding;
  if (pads.some((pixels) => pixels > 0)) node.refuse('an average without padding', `[${pads.join(', ')}]`);
  if (side === height && side === width)
    return node.add({ kind: 'global-average-pool' }, [x], whole[x.axes as 'nchw' | 'nhwc']);
  return node.add({ kind, size: side, stride }, [x], x.axes);
}

/** Zeros around a map, for the window that looks at it next. */
export function surround(
  node: NodeReader,
  place: number,
  [top, left, bottom, right]: [top: number, left: number, bottom: number, right: number],
): Value {
  const x = node.padded(place);
  if (x.axes !== 'nchw' && x.axes !== 'nhwc')
    node.refuse('a map with zeros around it', `[${x.shape.join(', ')}]`);
  const pixels = [top, left, bottom, right];
  if (!pixels.every((value) => Number.isSafeInteger(value) && value >= 0 && value <= 64))
    node.refuse('padding of 0 to 64 pixels', `[${pixels.join(', ')}]`);
  const before = x.padded ?? [0, 0, 0, 0];
  if (pixels.every((value) => value === 0)) return x;
  return {
    ...x,
    padded: [before[0] + top, before[1] + left, before[2] + bottom, before[3] + right],
  };
}
