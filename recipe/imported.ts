/**
 * An imported layer's operations as those of a plan: each checked against the shapes of what it takes. Which file they come
 * from is left to learning/backbones.
 */
import { AtelierError } from '#contract/errors.ts';
import type { ImportedOperation, ImportedPadding } from './imported-layer.ts';
import { convolved, type PlanWriter } from './plan-writer.ts';
import { type Padding, samePadding, type Shape } from './operation.ts';
import { product } from './shape.ts';

/** Numbers of one map that nothing in a network for images of at most 512 pixels a side comes near to. */
const greatestMap = 2 ** 28;

/** @throws RECIPE_INVALID where an operation cannot take what it is given, naming it */
export function writeImported(
  writer: PlanWriter,
  name: string,
  operations: readonly ImportedOperation[],
): void {
  const before = { last: writer.last, shape: writer.shape };
  /** What each operation gives, and where it stands in the plan. */
  const made: { last: number; shape: Shape }[] = [];
  for (const [index, operation] of operations.entries()) {
    const from = operation.inputs.map((place) => (place < 0 ? before : made[place]!));
    const refuse = (expected: string): never => {
      throw new AtelierError(
        'RECIPE_INVALID',
        `Layer ${writer.layer + 1} (imported) expects ${expected} for its operation ${index + 1} (${operation.kind}), but that receives ${from.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}. Choose another input size, or add the backbone again.`,
        { layer: writer.layer, kind: operation.kind, operation: index },
      );
    };
    ({ last: writer.last, shape: writer.shape } = from[0]!);
    writeOne(writer, `${name}/${index + 1}.${operation.kind}`, operation, from, refuse);
    if (product(writer.shape) > greatestMap || writer.shape.some((side) => side < 1))
      refuse('a window within the map, and a map that fits into memory');
    made.push({ last: writer.last, shape: writer.shape });
  }
}

function writeOne(
  writer: PlanWriter,
  name: string,
  operation: ImportedOperation,
  from: readonly { last: number; shape: Shape }[],
  refuse: (expected: string) => never,
): void {
  const { shape } = writer;
  const needMap = () => shape.length === 3 || refuse('a map [height, width, channels]');
  const needVector = () => shape.length === 1 || refuse('a vector');
  const needAlike = (same: (other: Shape) => boolean, expected: string) =>
    from.every(({ shape: other }) => same(other)) || refuse(expected);
  switch (operation.kind) {
    case 'conv':
    case 'depthwise-conv': {
      needMap();
      const { kernel, stride, bias } = operation;
      const padding = paddingOf(operation.padding, shape, kernel, stride);
      // Of two ways to say the same, the shorter: engines know SAME as such.
      const said = samePadding(shape[0]!, shape[1]!, kernel, stride).join() === padding.join();
      const other = said ? undefined : padding;
      if (operation.kind === 'depthwise-conv') return writer.depthwise(name, kernel, stride, bias, other);
      return writer.conv(name, operation.filters, kernel, stride, bias, other);
    }
    case 'batch-norm':
      return writer.batchNorm(name, operation.epsilon);
    case 'layer-norm':
      return writer.layerNorm(name, operation.epsilon);
    case 'activation':
      if (operation.activation === 'linear') return refuse('another activation than none');
      return writer.activate(name, operation.activation);
    case 'max-pool': {
      needMap();
      const { size, stride } = operation;
      const padding = paddingOf(operation.padding, shape, size, stride);
      if (padding.some((pixels) => pixels >= size)) refuse('less padding than the window is wide');
      const out = [...convolved(shape, size, stride, padding), shape[2]!];
      const pads = padding.some((pixels) => pixels > 0) ? { padding } : {};
      return writer.push({ kind: 'max-pool', size, stride, ...pads }, name, out);
    }
    case 'average-pool': {
      needMap();
      const { size, stride } = operation;
      const out = [...convolved(shape, size, stride, [0, 0, 0, 0]), shape[2]!];
      return writer.push({ kind: 'average-pool', size, stride }, name, out);
    }
    case 'global-average-pool':
      needMap();
      return writer.globalAveragePool(name);
    case 'flatten':
      needMap();
      return writer.push({ kind: 'flatten' }, name, [product(shape)]);
    case 'dense':
      needVector();
      return writer.dense(name, operation.units);
    case 'add':
      needAlike((other) => other.join() === shape.join(), 'two of one shape');
      return writer.push({ kind: 'add' }, name, shape, { inputs: from.map(({ last }) => last) });
    case 'multiply': {
      needMap();
      const [, gate] = from;
      if (gate!.shape.length !== 1 || gate!.shape[0] !== shape[2])
        refuse('a map, and a factor for each of its channels');
      return writer.push({ kind: 'multiply' }, name, shape, {
        inputs: from.map(({ last }) => last),
        multiplyAdds: product(shape),
      });
    }
    case 'concatenate': {
      const outer = shape.slice(0, -1).join();
      needAlike(
        (other) => other.length === shape.length && other.slice(0, -1).join() === outer,
        'maps of one size',
      );
      const channels = from.reduce((sum, { shape: other }) => sum + other.at(-1)!, 0);
      return writer.push({ kind: 'concatenate' }, name, [...shape.slice(0, -1), channels], {
        inputs: from.map(({ last }) => last),
      });
    }
    default:
      return operation satisfies never;
  }
}

const paddingOf = (
  padding: ImportedPadding,
  [height, width]: Shape,
  window: number,
  stride: number,
): Padding => (padding === 'same' ? samePadding(height!, width!, window, stride) : padding);
