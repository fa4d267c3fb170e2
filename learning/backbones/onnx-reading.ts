/**
 * The graph of an ONNX file while it is read: which of our operations there are so far, and what each tensor of the file is
 * among them. What each operator becomes is onnx-operators.ts, which nodes are read onnx-graph.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { ImportedOperation } from '#contract/imported-layer.ts';
import { PlanWriter } from '#learning/model/blocks.ts';
import { writeImported } from '#learning/model/imported.ts';
import { product, type Shape, type WeightRole } from '#learning/model/operation.ts';
import { nameOf, type OnnxFile, type OnnxNode, type OnnxTensor, refuse, shown } from './onnx-file.ts';

/** What a tensor of the graph is among ours. */
export interface Value {
  /** Place of the operation that gives it; -1 is the input. */
  at: number;
  /** [height, width, channels] or [units], whatever the order in the file. */
  shape: Shape;
  /**
   * Order of the axes in the file: of a map; `pooled` is [channels, 1, 1], `chw` a map laid out as a vector, channels first.
   */
  axes: 'nchw' | 'nhwc' | 'pooled' | 'vector' | 'chw';
  /** Of `chw`: the map's shape. */
  map?: Shape;
  /** Of the input, before the first operation: what was done to its numbers, one for each channel. */
  scaling?: Scaling;
}

/** value × factor + shift */
export interface Scaling {
  factor: number[];
  shift: number[];
}

export type OperationWeights = Partial<Record<WeightRole, Float32Array>>;
export interface ReadOperation {
  operation: ImportedOperation;
  weights: OperationWeights;
}

type WithoutInputs<T> = T extends unknown ? Omit<T, 'inputs'> : never;

export interface ImageInput {
  type: 'float' | 'uint8';
  height: number;
  width: number;
  channels: 1 | 3;
  order: 'NCHW' | 'NHWC';
}

/** Numbers of all weights together, as a recipe may have. */
const mostParameters = 50_000_000;

export const plain = (channels: number): Scaling => ({
  factor: new Array<number>(channels).fill(1),
  shift: new Array<number>(channels).fill(0),
});

/** The graph while it is read, node by node. */
export class Reading {
  readonly operations: ReadOperation[] = [];
  readonly values = new Map<string, Value>();
  /** The tensor of the file that an operation gives, by its place. */
  readonly madeAs = new Map<number, string>();
  scaling: Scaling | null = null;
  /** How many needed nodes look at a tensor. */
  readonly readers = new Map<string, number>();
  #parameters = 0;

  constructor(
    readonly file: OnnxFile,
    needed: ReadonlySet<OnnxNode>,
    readonly input: ImageInput,
  ) {
    for (const { inputs } of needed)
      for (const name of inputs) this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
    const { height, width, channels, order } = input;
    this.values.set(file.input.name, {
      at: -1,
      shape: [height, width, channels],
      axes: order === 'NCHW' ? 'nchw' : 'nhwc',
      scaling: plain(channels),
    });
  }

  /** Adds one operation, and the plan's word on what comes of it. */
  add(
    node: OnnxNode,
    given: WithoutInputs<ImportedOperation>,
    values: readonly Value[],
    weights: OperationWeights,
  ): { at: number; shape: Shape } {
    const parsed = ImportedOperation.safeParse({ ...given, inputs: values.map(({ at }) => at) });
    if (!parsed.success)
      return refuse(
        'settings within the bounds of a layer',
        nameOf(node),
        parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      );
    for (const { scaling } of values) {
      if (!scaling) continue;
      if (
        this.scaling &&
        this.scaling !== scaling &&
        JSON.stringify(this.scaling) !== JSON.stringify(scaling)
      )
        refuse('one normalisation of the input', `another before ${nameOf(node)}`, 'Normalise once.');
      this.scaling = scaling;
    }
    const writer = new PlanWriter([]);
    // Each input as if it were the layer's own: what is checked is this operation.
    try {
      shapeBehind(
        writer,
        parsed.data,
        values.map(({ shape }) => shape),
      );
    } catch (thrown) {
      if (!(thrown instanceof AtelierError)) throw thrown;
      return refuse(`what ${nameOf(node)} can take`, thrown.message, 'Export the model to ONNX again.');
    }
    for (const { role, shape } of writer.operations.at(-1)!.weights) {
      const found = weights[role]?.length ?? 0;
      if (found !== product(shape))
        refuse(
          `${product(shape)} numbers as ${role} of ${nameOf(node)}`,
          `${found}`,
          'Export the model to ONNX again.',
        );
      this.#parameters += found;
    }
    if (this.#parameters > mostParameters)
      refuse(
        `at most ${mostParameters.toLocaleString('en')} parameters`,
        'more',
        'Choose a smaller network.',
      );
    this.operations.push({ operation: parsed.data, weights });
    return { at: this.operations.length - 1, shape: writer.shape };
  }
}

/** Writes the operation alone; `writer` then has its weights and what comes out. */
function shapeBehind(writer: PlanWriter, operation: ImportedOperation, shapes: readonly Shape[]): void {
  const [first, second] = shapes;
  writer.shape = first!;
  if (shapes.length === 1) return writeImported(writer, 'read', [{ ...operation, inputs: [-1] }]);
  if (operation.kind === 'concatenate') {
    const outer = (shape: Shape) => shape.slice(0, -1).join();
    if (shapes.some((shape) => outer(shape) !== outer(first!)))
      throw new AtelierError('RECIPE_INVALID', 'maps of several sizes');
    const channels = shapes.reduce((sum, shape) => sum + shape.at(-1)!, 0);
    return writer.push({ kind: 'concatenate' }, 'read', [...first!.slice(0, -1), channels]);
  }
  if (operation.kind === 'multiply' && second!.at(-1) !== first!.at(-1))
    throw new AtelierError('RECIPE_INVALID', `${first!.at(-1)} channels and ${second!.at(-1)} factors`);
  writer.push({ kind: 'add' }, 'read', first!);
}

/** One node while it is read: its inputs and attributes, and words for what does not fit. */
export class NodeReader {
  /** Whether what it does went into the weights of the operation before it. */
  folded = false;

  constructor(
    readonly reading: Reading,
    readonly node: OnnxNode,
    readonly inputs: readonly string[],
  ) {}

  /** @throws BACKBONE_REFUSED, always */
  refuse(
    expected: string,
    received: string,
    advice = 'Choose another network, or name a tensor before it with --output.',
  ): never {
    return refuse(`${expected} in ${nameOf(this.node)}`, received, advice);
  }
  #attribute = (name: string) => this.node.attributes.get(name);
  int(name: string): number | null {
    const found = this.#attribute(name);
    return found ? Number(found.i ?? 0) : null;
  }
  ints(name: string): number[] | null {
    return this.#attribute(name)?.ints?.map(Number) ?? null;
  }
  float(name: string): number | null {
    const found = this.#attribute(name);
    return found ? Number(found.f ?? 0) : null;
  }
  text(name: string): string | null {
    const found = this.#attribute(name)?.s;
    return found ? Buffer.from(found).toString('latin1') : null;
  }
  has = (place: number): boolean => (this.inputs[place] ?? '') !== '';
  isConstant = (place: number): boolean => this.reading.file.isConstant(this.inputs[place] ?? '');
  scalar = (name: string): number | null => this.reading.file.scalar(name);
  tensor = (place: number): OnnxTensor => this.reading.file.floats(this.inputs[place] ?? '');
  integers = (place: number): number[] => this.reading.file.integers(this.inputs[place] ?? '');

  /** What is computed of the image. */
  value(place: number): Value {
    const name = this.inputs[place] ?? '';
    return (
      this.reading.values.get(name) ??
      this.refuse(
        'something computed of the image before it',
        `${shown(name)}`,
        'Export the model to ONNX again.',
      )
    );
  }
  values = (): Value[] => this.inputs.map((_, place) => this.value(place));
  /** A map whose channels come first in the file. */
  image(place: number): Value {
    const x = this.value(place);
    if (x.axes === 'nchw' || x.axes === 'pooled') return x;
    return this.refuse('a map with its channels first', `[${x.shape.join(', ')}]`);
  }

  add(
    operation: WithoutInputs<ImportedOperation>,
    values: readonly Value[],
    axes: Value['axes'],
    weights: OperationWeights = {},
  ): Value {
    const [first] = values;
    const made = this.reading.add(this.node, operation, values, weights);
    return { ...made, axes, ...(axes === 'chw' && first?.map ? { map: first.map } : {}) };
  }

  /** A number for each channel of x, from a constant that is broadcast along them; `otherwise` where there is none. */
  #perChannel(x: Value, tensor: OnnxTensor | undefined, otherwise: number): number[] {
    const channels = x.shape.at(-1)!;
    const { shape, data } = tensor ?? { shape: [], data: Float32Array.of(otherwise) };
    if (data.length === 1) return new Array<number>(channels).fill(data[0]!);
    const first = x.axes === 'nchw' || x.axes === 'pooled';
    const behind = first ? [channels, 1, 1] : [channels];
    const ones = new Array<number>((x.axes === 'vector' ? 2 : 4) - behind.length).fill(1);
    const fits = ones.some((_, at) => [...ones.slice(at), ...behind].join() === shape.join());
    if (x.axes === 'chw' || (!fits && shape.join() !== behind.join()))
      this.refuse(`a number for each of ${channels} channels`, `[${shape.join(', ')}]`);
    return [...data];
  }

  /**
   * x times a factor and plus a shift, of all channels or one for each: of the input they are its normalisation; behind a
   * layer that nothing else looks at, its weights take them over.
   */
  scale(x: Value, given: { factor?: OnnxTensor; shift?: OnnxTensor }): Value {
    const factor = this.#perChannel(x, given.factor, 1);
    const shift = this.#perChannel(x, given.shift, 0);
    if (x.scaling)
      return {
        ...x,
        scaling: {
          factor: x.scaling.factor.map((value, channel) => value * factor[channel]!),
          shift: x.scaling.shift.map((value, channel) => value * factor[channel]! + shift[channel]!),
        },
      };
    const name = this.inputs.find((input) => this.reading.values.get(input) === x) ?? '';
    const { operation, weights } = this.reading.operations[x.at]!;
    const alone = this.reading.madeAs.get(x.at) === name && this.reading.readers.get(name) === 1;
    const [kernel, bias] =
      operation.kind === 'batch-norm' ? (['scale', 'offset'] as const) : (['kernel', 'bias'] as const);
    if (!alone || !weights[kernel] || operation.kind === 'layer-norm')
      return this.refuse('a constant factor or summand right behind a layer with weights', 'one elsewhere');
    const channels = factor.length;
    weights[kernel] = weights[kernel].map((value, at) => value * factor[at % channels]!);
    const before = weights[bias];
    if (before || shift.some((value) => value !== 0)) {
      weights[bias] = Float32Array.from(shift, (value, at) => (before?.[at] ?? 0) * factor[at]! + value);
      if (operation.kind === 'conv' || operation.kind === 'depthwise-conv') operation.bias = true;
    }
    this.folded = true;
    return x;
  }
}
