/**
 * The network in a file up to its features, as operations of imported layers in an order in which each follows those it takes
 * from, with their weights. Only what the features need is read. Where the features are is graph-features.ts, what an operator
 * becomes graph-operators.ts and those of its format; which layers the operations make is own-layers.ts.
 */
import type { Shape } from '#recipe/operation.ts';
import { type GraphFile, type GraphNode, nameOf, refuse, shown } from './graph.ts';
import { findActivations, type Pattern } from './graph-activations.ts';
import { featuresOf } from './graph-features.ts';
import { NodeReader, type Operator } from './graph-node.ts';
import { type ImageInput, plain, type ReadOperation, Reading, type Scaling } from './graph-reading.ts';

type Operators = Readonly<Record<string, Operator>>;

export interface ReadOptions {
  /** Name of the tensor or node that gives the features; absent: what the last classifier looks at. */
  output?: string | undefined;
  /** In pixels, where the file leaves them open. */
  size?: { height: number; width: number } | undefined;
}

export interface ReadNetwork {
  operations: ReadOperation[];
  input: { type: 'float' | 'uint8'; height: number; width: number; channels: 1 | 3; order: 'NCHW' | 'NHWC' };
  scaling: Scaling;
  features: { shape: Shape; /** Where they are taken. */ from: string };
}

/**
 * @param operators of the file's format
 * @throws BACKBONE_REFUSED, naming the operator and node that does not fit
 */
export function readNetwork(file: GraphFile, operators: Operators, options: ReadOptions): ReadNetwork {
  const patterns = findActivations(file);
  const producers = new Map<string, GraphNode>();
  for (const node of file.nodes)
    for (const output of node.outputs) {
      if (output !== '' && producers.has(output))
        refuse('one node for each tensor', `two that give ${shown(output)}`, file.again);
      producers.set(output, node);
    }
  const end = featuresOf(file, producers, options.output);
  const needed = neededFor(end.tensor, producers, patterns);
  const reading = new Reading(file, needed, inputOf(file, options));
  for (const node of file.nodes)
    if (needed.has(node)) readNode(reading, operators, node, patterns.get(node.outputs[0] ?? ''));
  const value = reading.values.get(end.tensor);
  if (!value || reading.operations.length === 0)
    refuse(
      'features that the network computes of the image',
      `${shown(end.tensor)}`,
      'Name another tensor with --output.',
    );
  const last = reading.operations.length - 1;
  if (value!.at !== last || value!.padded)
    refuse('features that come last', shown(end.tensor), 'Name another tensor with --output.');
  return {
    operations: reading.operations,
    input: reading.input,
    scaling: reading.scaling ?? plain(reading.input.channels),
    features: { shape: value!.shape, from: end.from },
  };
}

/** Nodes that the tensor depends on. */
function neededFor(
  tensor: string,
  producers: ReadonlyMap<string, GraphNode>,
  patterns: ReadonlyMap<string, Pattern>,
): Set<GraphNode> {
  const needed = new Set<GraphNode>();
  const open = [tensor];
  while (open.length > 0) {
    const node = producers.get(open.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    const pattern = patterns.get(node.outputs[0] ?? '');
    for (const name of pattern ? [pattern.input] : node.inputs) open.push(name);
  }
  return needed;
}

/** Reads one node into `reading`. */
function readNode(
  reading: Reading,
  operators: Operators,
  node: GraphNode,
  pattern: Pattern | undefined,
): void {
  const [output = '', ...others] = node.outputs;
  const reader = new NodeReader(reading, node, pattern ? [pattern.input] : node.inputs);
  if (pattern) {
    const x = reader.value(0);
    const { activation } = pattern;
    reading.values.set(output, reader.add({ kind: 'activation', activation }, [x], x.axes));
    return;
  }
  const operator = Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined;
  if (!operator)
    return refuse(
      `${reading.file.known ? 'layers' : 'operators'} that Atelier reads (${(reading.file.known ?? Object.keys(operators)).join(', ')})`,
      nameOf(node),
      reading.file.known
        ? 'Convert the model as a graph model, choose another network, or name a layer before it with --output.'
        : 'Choose another network, or name a tensor before it with --output.',
    );
  if (others.some((name) => reading.readers.has(name))) reader.refuse('one output', `${node.outputs.length}`);
  const before = reading.operations.length;
  const value = operator(reader);
  reading.values.set(output, value);
  const made = reading.operations.length > before || reader.folded;
  // The same under another name is still the operation's own output, as long as nothing else looks at it.
  const from = reading.madeAs.get(value.at) ?? '';
  if (made || (node.inputs.includes(from) && reading.readers.get(from) === 1))
    reading.madeAs.set(value.at, output);
}

function inputOf({ input }: GraphFile, { size }: ReadOptions): ImageInput {
  const { shape } = input;
  const said = `[${shape.map((side) => side ?? '?').join(', ')}]`;
  const first = input.channels === null && (shape[1] === 1 || shape[1] === 3);
  const last = shape[3] === 1 || shape[3] === 3;
  if (shape.length !== 4 || first === last)
    refuse(
      `an input of ${input.channels ? '' : '[batch, channels, height, width] or '}[batch, height, width, channels] with 1 or 3 channels`,
      said,
      'Export the part that sees the image, with its channels as a fixed number.',
    );
  const order = first ? 'NCHW' : 'NHWC';
  const sides = first ? shape.slice(2) : shape.slice(1, 3);
  const [height, width] = size ? [size.height, size.width] : (sides as [number | null, number | null]);
  if (height === null || width === null)
    return refuse(
      'an input of a fixed size',
      said,
      'Give the size that the network was trained at with --size 224 (or 224x192).',
    );
  const fixed = sides.some((side, axis) => side !== null && side !== [height, width][axis]);
  if (fixed || [height, width].some((side) => side < 8 || side > 512))
    refuse(
      'a height and width of 8 to 512 pixels, as the file has them',
      `${height} × ${width} for ${said}`,
      'Export the model at another size.',
    );
  return { type: input.type, height, width, channels: (first ? shape[1] : shape[3]) as 1 | 3, order };
}
