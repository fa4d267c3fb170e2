/**
 * The network in an ONNX file up to its features, as operations of imported layers in an order in which each follows those it
 * takes from, with their weights. Only what the features need is read. What each operator becomes is onnx-operators.ts; which
 * layers the operations make is own.ts.
 */
import type { Shape } from '#learning/model/operation.ts';
import { nameOf, type OnnxFile, type OnnxNode, refuse, shown } from './onnx-file.ts';
import { operators } from './onnx-operators.ts';
import { findActivations, type Pattern } from './onnx-patterns.ts';
import {
  type ImageInput,
  NodeReader,
  plain,
  type ReadOperation,
  Reading,
  type Scaling,
} from './onnx-reading.ts';

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

/** @throws BACKBONE_REFUSED, naming the operator and node that does not fit */
export function readNetwork(file: OnnxFile, options: ReadOptions): ReadNetwork {
  const patterns = findActivations(file);
  const producers = new Map<string, OnnxNode>();
  for (const node of file.nodes)
    for (const output of node.outputs) {
      if (output !== '' && producers.has(output))
        refuse(
          'one node for each tensor',
          `two that give ${shown(output)}`,
          'Export the model to ONNX again.',
        );
      producers.set(output, node);
    }
  const end = featuresOf(file, producers, options.output);
  const needed = neededFor(end.tensor, producers, patterns);
  const reading = new Reading(file, needed, inputOf(file, options));
  for (const node of file.nodes)
    if (needed.has(node)) readNode(reading, node, patterns.get(node.outputs[0] ?? ''));
  const value = reading.values.get(end.tensor);
  if (!value || reading.operations.length === 0)
    refuse(
      'features that the network computes of the image',
      `${shown(end.tensor)}`,
      'Name another tensor with --output.',
    );
  const last = reading.operations.length - 1;
  if (value!.at !== last)
    refuse('features that come last', shown(end.tensor), 'Name another tensor with --output.');
  return {
    operations: reading.operations,
    input: reading.input,
    scaling: reading.scaling ?? plain(reading.input.channels),
    features: { shape: value!.shape, from: end.from },
  };
}

/** Nodes that change nothing of what features are. */
const passed = new Set(['Softmax', 'LogSoftmax', 'Dropout', 'Identity']);
const mostSteps = 16;

/** The tensor that gives the features: the one named, else what the last classifier looks at, else the output. */
function featuresOf(
  file: OnnxFile,
  producers: ReadonlyMap<string, OnnxNode>,
  asked: string | undefined,
): { tensor: string; from: string } {
  const choices = () => file.outputs.map(shown).slice(0, 20).join(', ');
  if (asked !== undefined) {
    const named = file.nodes.find(({ name }) => name === asked)?.outputs[0];
    if (producers.has(asked)) return { tensor: asked, from: `the tensor ${shown(asked)}` };
    if (named) return { tensor: named, from: `the output of ${shown(asked)}` };
    refuse(
      'the name of a tensor or node of the file for --output',
      shown(asked),
      `Outputs of the file: ${choices()}.`,
    );
  }
  const [output, ...others] = file.outputs;
  if (output === undefined || others.length > 0)
    refuse(
      'one output',
      `${file.outputs.length}: ${choices()}`,
      'Name the one that gives the features with --output.',
    );
  let tensor = output!;
  for (let step = 0; step < mostSteps; step += 1) {
    const node = producers.get(tensor);
    const [first = '', second = ''] = node?.inputs ?? [];
    if (node && passed.has(node.opType)) tensor = first;
    else if (node?.opType === 'Conv' && producers.get(first)?.opType === 'GlobalAveragePool')
      return { tensor: first, from: `what the last layer, ${nameOf(node)}, looks at` };
    else if (node?.opType === 'Gemm' || (node?.opType === 'MatMul' && file.isConstant(second)))
      return { tensor: first, from: `what the last layer, ${nameOf(node)}, looks at` };
    else if (node?.opType === 'Add' && producers.get(first)?.opType === 'MatMul' && file.isConstant(second))
      tensor = first;
    else if (node?.opType === 'Add' && producers.get(second)?.opType === 'MatMul' && file.isConstant(first))
      tensor = second;
    else break;
  }
  return { tensor, from: `the output ${shown(tensor)}` };
}

/** Nodes that the tensor depends on. */
function neededFor(
  tensor: string,
  producers: ReadonlyMap<string, OnnxNode>,
  patterns: ReadonlyMap<string, Pattern>,
): Set<OnnxNode> {
  const needed = new Set<OnnxNode>();
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
function readNode(reading: Reading, node: OnnxNode, pattern: Pattern | undefined): void {
  const [output = '', ...others] = node.outputs;
  if (node.opType === 'Unsqueeze' && reading.file.isConstant(node.inputs[0] ?? '')) {
    const [input = '', axes = ''] = node.inputs;
    const given = node.attributes.get('axes')?.ints?.map(Number);
    return reading.file.unsqueeze(input, given ?? reading.file.integers(axes), output);
  }
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
      `operators that Atelier reads (${Object.keys(operators).join(', ')})`,
      nameOf(node),
      'Choose another network, or name a tensor before it with --output.',
    );
  if (others.some((name) => reading.readers.has(name))) reader.refuse('one output', `${node.outputs.length}`);
  const before = reading.operations.length;
  const value = operator(reader);
  reading.values.set(output, value);
  if (reading.operations.length > before || reader.folded) reading.madeAs.set(value.at, output);
}

function inputOf({ input }: OnnxFile, { size }: ReadOptions): ImageInput {
  const { shape } = input;
  const said = `[${shape.map((side) => side ?? '?').join(', ')}]`;
  const first = shape[1] === 1 || shape[1] === 3;
  const last = shape[3] === 1 || shape[3] === 3;
  if (shape.length !== 4 || first === last)
    refuse(
      'an input of [batch, channels, height, width] or [batch, height, width, channels] with 1 or 3 channels',
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
