/**
 * What operators of any format become among the operations of an imported layer, once their settings are read: activations,
 * norms, products, sums and changes of shape. Windows are graph-windows.ts; how a format names and sets its operators is
 * onnx-operators.ts and tfjs-operators.ts.
 */
import type { ImportedActivation } from '#recipe/imported-layer.ts';
import { alike, clipBounds } from './graph-activations.ts';
import type { NodeReader, Operator } from './graph-node.ts';
import type { Value } from './graph-reading.ts';
import { biasOf, isPooled } from './graph-windows.ts';

/** Sides of a map in the order of the file. */
const laidOut = ({ axes, shape }: Value): number[] => {
  const [first = 1, second = 1, third = 1] = shape;
  if (axes === 'nchw') return [third, first, second];
  if (axes === 'pooled') return [first, 1, 1];
  if (axes === 'pooled-last') return [1, 1, first];
  return [...shape];
};
const said = (value: Value): string => `[${laidOut(value).join(', ')}]`;

export const itself: Operator = (node) => node.padded(0);

export function activate(node: NodeReader, x: Value, activation: ImportedActivation): Value {
  return node.add({ kind: 'activation', activation }, [x], x.axes);
}

export const activation =
  (kind: ImportedActivation): Operator =>
  (node) =>
    activate(node, node.value(0), kind);

/** One with a slope, which must be the one that we have. */
export const sloped =
  (kind: ImportedActivation, setting: string, usual: number, ours: number): Operator =>
  (node) => {
    const slope = node.float(setting) ?? usual;
    if (!alike(slope, ours)) node.refuse(`${setting} ${ours.toPrecision(3)}`, String(slope));
    return activation(kind)(node);
  };

export const clip: Operator = (node) => {
  const { least, most } = clipBounds(node.node, node.scalar);
  if (alike(least, 0) && alike(most, 6)) return activation('relu6')(node);
  if (alike(least, 0) && (most === null || most > 1e30)) return activation('relu')(node);
  return node.refuse('bounds of 0 and 6 (ReLU6)', `${String(least)} and ${String(most)}`);
};

/** Axes counted from the first; of a map there are four. */
export const counted = (axes: readonly number[]): string =>
  axes
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort((a, b) => a - b)
    .join();
const overMap: Partial<Record<Value['axes'], string>> = { nchw: '2,3', nhwc: '1,2' };
const onePixel: Partial<Record<Value['axes'], string>> = { pooled: '2,3', 'pooled-last': '1,2' };

/** The mean, or the greatest, of a map's height and width. */
export function overArea(
  node: NodeReader,
  what: 'mean' | 'greatest',
  axes: readonly number[],
  keepsSides: boolean,
): Value {
  const x = node.value(0);
  if (isPooled(x) && counted(axes) === onePixel[x.axes]) return keepsSides ? x : { ...x, axes: 'vector' };
  if (counted(axes) !== overMap[x.axes])
    node.refuse(`the ${what} over height and width`, `axes ${axes.join(', ')}`);
  const behind = keepsSides ? (x.axes === 'nchw' ? 'pooled' : 'pooled-last') : 'vector';
  if (what === 'mean') return node.add({ kind: 'global-average-pool' }, [x], behind);
  const [height = 1, width = 1] = x.shape;
  const size = Math.max(height, width);
  // What is padded is left out of the greatest.
  const padding: [number, number, number, number] = [0, 0, size - height, size - width];
  const most = node.add({ kind: 'max-pool', size, stride: 1, padding }, [x], x.axes);
  return node.add({ kind: 'flatten' }, [most], behind);
}

/** A map or pixel as a vector, in the order of the file. */
export function flat(node: NodeReader, x: Value): Value {
  if (isPooled(x)) return { ...x, axes: 'vector' };
  if (x.axes === 'vector' || x.axes === 'chw') return x;
  const result = node.add({ kind: 'flatten' }, [x], x.axes === 'nchw' ? 'chw' : 'vector');
  return x.axes === 'nchw' ? { ...result, map: x.shape } : result;
}

/** @param sides with the batch first; -1 is what is left */
function reshaped(node: NodeReader, sides: readonly number[]): Value {
  const x = node.value(0);
  const size = x.shape.reduce((product, side) => product * side, 1);
  const rest = sides.slice(1);
  const known = rest.reduce((product, side) => (side === -1 ? product : product * side), 1);
  const open = rest.filter((side) => side === -1).length;
  const asked = rest.map((side) => (side === -1 && open === 1 ? size / known : side));
  if (asked.length === 1 && asked[0] === size) return flat(node, x);
  if (asked.join() === laidOut(x).join()) return x;
  if (x.axes === 'vector' || isPooled(x)) {
    if (asked.join() === [1, 1, size].join()) return { ...x, axes: 'pooled-last' };
    if (asked.join() === [size, 1, 1].join()) return { ...x, axes: 'pooled' };
  }
  return node.refuse(`[batch, ${size}]`, `[${sides.slice(0, 8).join(', ')}]`);
}

/** The second input says the shape. @param advice for files where that is not known beforehand */
export const reshapedByInput =
  (advice: string): Operator =>
  (node) => {
    node.value(0);
    if (!node.isConstant(1)) node.refuse('a shape that stands in the file', 'one that is computed', advice);
    return reshaped(node, node.integers(1));
  };

/** Height and width of one pixel left out. */
export function squeezed(node: NodeReader, axes: readonly number[]): Value {
  const x = node.value(0);
  if (!isPooled(x) || counted(axes) !== onePixel[x.axes])
    node.refuse('height and width of one pixel', `axes ${axes.join(', ')}`);
  return { ...x, axes: 'vector' };
}

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

/** @param kernel [inputs, units] */
export function dense(
  node: NodeReader,
  kernel: Float32Array,
  units: number,
  bias: Float32Array | null,
): Value {
  const x = node.value(0);
  if (x.axes === 'nchw' || x.axes === 'nhwc' || x.axes === 'pooled')
    node.refuse('a vector', `a map of ${said(x)}`);
  const inputs = x.shape[0]!;
  if (kernel.length !== inputs * units) node.refuse(`${inputs} × ${units} weights`, `${kernel.length}`);
  const rows = x.axes === 'chw' ? rowsChannelsLast(kernel, x.map!, units) : kernel;
  const weights = { kernel: rows, bias: bias ? biasOf(node, bias, units) : new Float32Array(units) };
  return node.add({ kind: 'dense', units }, [x], isPooled(x) ? 'pooled-last' : 'vector', weights);
}

export const matMul: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  if (shape.length !== 2) node.refuse('a matrix of weights', `[${shape.join(', ')}]`);
  return dense(node, data, shape[1]!, null);
};

export const sumOf = (node: NodeReader, a: Value, b: Value): Value => {
  if (a.axes !== b.axes || a.shape.join() !== b.shape.join())
    node.refuse('two of one shape', `${said(a)} and ${said(b)}`);
  return { ...node.add({ kind: 'add' }, [a, b], a.axes), ...(a.map ? { map: a.map } : {}) };
};

/** Of two or more, of which one may be a constant. */
export const add: Operator = (node) => {
  const constant = [0, 1].find((place) => node.isConstant(place));
  if (constant !== undefined && node.inputs.length === 2)
    return node.scale(node.padded(1 - constant), { shift: node.tensor(constant) });
  const [first, ...others] = node.values();
  if (!first || others.length === 0) return node.refuse('a sum of two', `${node.inputs.length}`);
  return others.reduce((sum, other) => sumOf(node, sum, other), first);
};

export const subtract: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  return node.scale(node.padded(0), { shift: { shape, data: data.map((value) => -value) } });
};

export const divide: Operator = (node) => {
  const { shape, data } = node.tensor(1);
  return node.scale(node.padded(0), { factor: { shape, data: data.map((value) => 1 / value) } });
};

/** By a constant, or of a map by a factor for each channel. */
export const multiply: Operator = (node) => {
  const constant = [0, 1].find((place) => node.isConstant(place));
  if (constant !== undefined) return node.scale(node.padded(1 - constant), { factor: node.tensor(constant) });
  const [a, b] = [node.value(0), node.value(1)];
  const [map, gate] = isPooled(a) ? [b, a] : [a, b];
  const fits =
    map.axes === 'nchw' ? gate.axes === 'pooled' : map.axes === 'nhwc' && gate.axes === 'pooled-last';
  if (!fits || node.inputs.length !== 2)
    node.refuse('a map times a factor for each channel', `${said(a)} and ${said(b)}`);
  return node.add({ kind: 'multiply' }, [map, gate], map.axes);
};

/** @param values behind each other along `axis` */
export function concatenate(node: NodeReader, values: readonly Value[], axis: number): Value {
  const axes = values[0]?.axes ?? node.refuse('something to put behind each other', 'nothing');
  const channels =
    axes === 'nhwc' || axes === 'pooled-last' ? [3, -1] : axes === 'vector' ? [1, -1] : [1, -3];
  if (axes === 'chw' || values.some((value) => value.axes !== axes) || !channels.includes(axis))
    node.refuse('channels behind channels', `axis ${axis}`);
  return node.add({ kind: 'concatenate' }, values, axes);
}

export function layerNorm(node: NodeReader, axis: number, epsilon: number): Value {
  const x = node.value(0);
  if (x.axes !== 'vector' && (x.axes !== 'nhwc' || (axis !== -1 && axis !== 3)))
    node.refuse('a norm over the channels, which come last', `axis ${axis}`);
  const channels = x.shape.at(-1)!;
  const scale = node.has(1) ? node.tensor(1).data : new Float32Array(channels).fill(1);
  const offset = node.has(2) ? node.tensor(2).data : new Float32Array(channels);
  return node.add({ kind: 'layer-norm', epsilon }, [x], x.axes, { scale, offset });
}

/** Scale, offset, mean and variance are inputs 1 to 4. */
export function batchNorm(node: NodeReader, refused: readonly Value['axes'][], epsilon: number): Value {
  const x = node.value(0);
  if (refused.includes(x.axes)) node.refuse('a map, or a vector of units', 'a map laid out otherwise');
  const channels = x.shape.at(-1)!;
  const given = (place: number, otherwise: number) =>
    node.has(place) ? node.tensor(place).data : new Float32Array(channels).fill(otherwise);
  return node.add({ kind: 'batch-norm', epsilon }, [x], x.axes, {
    scale: given(1, 1),
    offset: given(2, 0),
    mean: given(3, 0),
    variance: given(4, 1),
  });
}
