/**
 * The graph of a file while it is read: which of our operations there are so far, and what each tensor of the file is among
 * them. One node while it is read is graph-node.ts, which nodes are read graph-network.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { ImportedOperation } from '#recipe/imported-layer.ts';
import { PlanWriter } from '#recipe/plan-writer.ts';
import { writeImported } from '#recipe/imported.ts';
import type { Padding, Shape, WeightRole } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import { type GraphFile, type GraphNode, nameOf, refuse } from './graph.ts';

/** What a tensor of the graph is among ours. */
export interface Value {
  /** Place of the operation that gives it; -1 is the input. */
  at: number;
  /** [height, width, channels] or [units], whatever the order in the file. */
  shape: Shape;
  /**
   * Order of the axes in the file: of a map; `pooled` is [channels, 1, 1], `pooled-last` [1, 1, channels], `chw` a map laid out
   * as a vector, channels first.
   */
  axes: 'nchw' | 'nhwc' | 'pooled' | 'pooled-last' | 'vector' | 'chw';
  /** Of `chw`: the map's shape. */
  map?: Shape;
  /** Zeros around it, which the window that looks at it next takes over: `shape` is without them. */
  padded?: Padding;
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

export type WithoutInputs<T> = T extends unknown ? Omit<T, 'inputs'> : never;

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
    readonly file: GraphFile,
    needed: ReadonlySet<GraphNode>,
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
    node: GraphNode,
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
      return refuse(`what ${nameOf(node)} can take`, thrown.message, this.file.again);
    }
    for (const { role, shape } of writer.operations.at(-1)!.weights) {
      const found = weights[role]?.length ?? 0;
      if (found !== product(shape))
        refuse(`${product(shape)} numbers as ${role} of ${nameOf(node)}`, `${found}`, this.file.again);
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

  /** Whether no number that the operation gives is below zero, whatever the image. */
  neverBelowZero(at: number): boolean {
    const never: boolean[] = [];
    for (const { operation } of this.operations.slice(0, at + 1)) {
      const { kind, inputs } = operation;
      never.push(
        kind === 'activation'
          ? aboveZero.has(operation.activation)
          : keepsSign.has(kind) && inputs.every((from) => never[from] ?? false),
      );
    }
    return never[at] ?? false;
  }
}

const aboveZero = new Set<string>(['relu', 'relu6', 'sigmoid', 'hard-sigmoid']);
const keepsSign = new Set<string>(['max-pool', 'average-pool', 'add', 'multiply', 'concatenate']);

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
