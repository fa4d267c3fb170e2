/**
 * One node of a file's graph while it is read: its inputs and settings, the operations that it becomes, and words for what does
 * not fit. What each operator becomes is graph-operators.ts and those of the format.
 */
import type { ImportedOperation } from '#recipe/imported-layer.ts';
import { type GraphNode, type GraphTensor, nameOf, refuse, shown } from './graph.ts';
import { alike } from './graph-activations.ts';
import type { OperationWeights, Reading, Value, WithoutInputs } from './graph-reading.ts';

/** What a node is among our operations. */
export type Operator = (node: NodeReader) => Value;

export class NodeReader {
  /** Whether what it does went into the weights of the operation before it. */
  folded = false;

  constructor(
    readonly reading: Reading,
    readonly node: GraphNode,
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
  int = (name: string): number | null => this.node.settings.int(name);
  ints = (name: string): number[] | null => this.node.settings.ints(name);
  float = (name: string): number | null => this.node.settings.float(name);
  text = (name: string): string | null => this.node.settings.text(name);
  texts = (name: string): string[] | null => this.node.settings.texts(name);
  has = (place: number): boolean => (this.inputs[place] ?? '') !== '';
  isConstant = (place: number): boolean => this.reading.file.isConstant(this.inputs[place] ?? '');
  scalar = (name: string): number | null => this.reading.file.scalar(name);
  tensor = (place: number): GraphTensor => this.reading.file.floats(this.inputs[place] ?? '');
  integers = (place: number): number[] => this.reading.file.integers(this.inputs[place] ?? '');

  /** What is computed of the image, and perhaps zeros around it. */
  padded(place: number): Value {
    const name = this.inputs[place] ?? '';
    return (
      this.reading.values.get(name) ??
      this.refuse('something computed of the image before it', shown(name), this.reading.file.again)
    );
  }
  /** What is computed of the image, without zeros around it. */
  value(place: number): Value {
    const x = this.padded(place);
    if (x.padded) this.refuse('zeros around a map right before a convolution or pool', 'them elsewhere');
    return x;
  }
  values = (): Value[] => this.inputs.map((_, place) => this.value(place));

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
  #perChannel(x: Value, tensor: GraphTensor | undefined, otherwise: number): number[] {
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
   * layer that nothing else looks at, its weights take them over; else a map gets a kernel of one pixel for each channel.
   */
  scale(x: Value, given: { factor?: GraphTensor; shift?: GraphTensor }): Value {
    const factor = this.#perChannel(x, given.factor, 1);
    const shift = this.#perChannel(x, given.shift, 0);
    if (x.padded && shift.some((value) => value !== 0))
      this.refuse('a summand before the zeros around a map', 'one after them');
    if (x.scaling)
      return {
        ...x,
        scaling: {
          factor: x.scaling.factor.map((value, channel) => value * factor[channel]!),
          shift: x.scaling.shift.map((value, channel) => value * factor[channel]! + shift[channel]!),
        },
      };
    const name = this.inputs.find((input) => this.reading.values.get(input) === x) ?? '';
    const alone = this.reading.madeAs.get(x.at) === name && this.reading.readers.get(name) === 1;
    this.folded = alone && (this.#fold(x.at, factor, shift) || this.#foldSixth(x.at, factor, shift));
    return this.folded ? x : this.#scaled(x, factor, shift);
  }

  /** Into the weights of an operation that nothing else looks at. @returns whether it has such weights */
  #fold(at: number, factor: readonly number[], shift: readonly number[]): boolean {
    const { operation, weights } = this.reading.operations[at]!;
    const [kernel, bias] =
      operation.kind === 'batch-norm' ? (['scale', 'offset'] as const) : (['kernel', 'bias'] as const);
    if (!weights[kernel] || operation.kind === 'layer-norm') return false;
    const channels = factor.length;
    weights[kernel] = weights[kernel].map((value, at) => value * factor[at % channels]!);
    const before = weights[bias];
    if (before || shift.some((value) => value !== 0)) {
      weights[bias] = Float32Array.from(shift, (value, at) => (before?.[at] ?? 0) * factor[at]! + value);
      if (operation.kind === 'conv' || operation.kind === 'depthwise-conv') operation.bias = true;
    }
    return true;
  }

  /** A sixth of ReLU6 is the hard sigmoid of 3 less, as MobileNet v3 has it once its sums are fused. */
  #foldSixth(at: number, factor: readonly number[], shift: readonly number[]): boolean {
    const { operations, madeAs, readers } = this.reading;
    const { operation } = operations[at]!;
    if (operation.kind !== 'activation' || operation.activation !== 'relu6') return false;
    if (!factor.every((value) => alike(value, 1 / 6)) || shift.some((value) => value !== 0)) return false;
    const [from] = operation.inputs as [number];
    const name = madeAs.get(from);
    const alone = from >= 0 && (name === undefined || readers.get(name) === 1);
    const less = factor.map(() => -3);
    const ones = factor.map(() => 1);
    if (!alone || !this.#fold(from, ones, less)) return false;
    operation.activation = 'hard-sigmoid';
    return true;
  }

  #scaled(x: Value, factor: number[], shift: number[]): Value {
    if ((x.axes !== 'nchw' && x.axes !== 'nhwc') || x.padded)
      return this.refuse(
        'a constant factor or summand of a map, or right behind a layer with weights',
        'one elsewhere',
      );
    const bias = shift.some((value) => value !== 0);
    return this.add(
      { kind: 'depthwise-conv', kernel: 1, stride: 1, padding: [0, 0, 0, 0], bias },
      [x],
      x.axes,
      { kernel: Float32Array.from(factor), ...(bias && { bias: Float32Array.from(shift) }) },
    );
  }
}
