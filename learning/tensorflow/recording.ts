/**
 * One trace under way: operations become nodes, concrete tensors met on the way become constants (small)
 * or captured inputs (large), and the whole becomes a function. Belongs to binding.ts; trace.ts drives it.
 */
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import { AtelierError } from '#contract/errors.ts';
import type { Context } from './context.ts';
import type { GraphOutput, Library, Pointer } from './ffi.ts';
import { canBeConstant, Graph, type GraphTensor } from './graph.ts';
import { product } from '#recipe/shape.ts';

export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** A tensor by its id: an eager handle with a value, or a symbol of the recording that made it. */
export type Entry =
  | { handle: Pointer; symbol: null; recording: null }
  | { handle: null; symbol: GraphTensor; recording: Recording };

/** What a recording needs of the binding whose operations it takes. */
export interface Recorded {
  readonly library: Library;
  readonly context: Context;
  /** The trace under way, or null. */
  recording: Recording | null;
  addSymbol(symbol: GraphTensor, recording: Recording): TensorMetadata;
  entry(id: number): Entry;
  describe(handle: Pointer): { shape: number[]; dtype: number };
}

/** A function in the context, with the handles it captured; dispose() frees both. */
export interface TracedFunction {
  readonly name: string;
  /** Places of the placeholders that it takes, in order: what nothing in it looks at is not handed over. */
  readonly takes: readonly number[];
  readonly captures: readonly Pointer[];
  readonly outputs: number;
  readonly nodes: number;
  dispose(): void;
}

/** Tensors up to this many elements are written into the graph, where TensorFlow can fold them. */
const LARGEST_CONSTANT = 1024;

/** These take tensors whose shape only TensorFlow knows, and hand them through unread. */
const takesUnknownShapes = new Set(['FusedBatchNormGradV3']);

export class Recording {
  private readonly graph: Graph;
  private readonly inputs: GraphTensor[] = [];
  private readonly constants = new Map<number, GraphTensor>();
  private readonly captured = new Map<number, { symbol: GraphTensor; handle: Pointer }>();
  /** Operations whose output went into another, or out. */
  private readonly read = new Set<Pointer>();
  private firstRead: AtelierError | null = null;
  private operation = '';

  constructor(private readonly binding: Recorded) {
    this.graph = new Graph(binding.library);
  }

  /** An input of the function; the order of calls is the order of its arguments. */
  placeholder(shape: readonly number[], dtype: number): TensorMetadata {
    const symbol = this.graph.placeholder(shape, dtype);
    this.inputs.push(symbol);
    return this.binding.addSymbol(symbol, this);
  }

  add(type: string, attributes: TFEOpAttr[], inputIds: number[], count: number): TensorMetadata[] {
    const inputs = inputIds.map((id) => this.input(id, type));
    this.operation = type;
    return this.graph
      .operation(type, attributes, inputs, count)
      .map((symbol) => this.binding.addSymbol(symbol, this));
  }

  /** Whether a concrete tensor went into the graph, as constant or capture. */
  hasRead(id: number): boolean {
    return this.constants.has(id) || this.captured.has(id);
  }

  /** The function from the placeholders (then the captures) to `outputIds`. May be called more than once. */
  finish(outputIds: number[]): TracedFunction {
    if (this.firstRead) throw this.firstRead;
    const inputOutputs = new Set(this.inputs.map(({ output }) => output.oper));
    const seen = new Set<string>();
    const outputs = outputIds.map((id) => {
      const output = this.input(id, 'FusedBatchNormGradV3');
      const key = `${output.oper}:${output.index}`;
      // A function may return neither its argument itself nor one value twice: such go through Identity.
      if (!inputOutputs.has(output.oper) && !seen.has(key)) {
        seen.add(key);
        return output;
      }
      return this.graph.operation('Identity', [], [output], 1)[0]!.output;
    });
    const { library, context } = this.binding;
    const captured = [...this.captured.values()];
    const takes = [...this.inputs.keys()].filter((place) => this.read.has(this.inputs[place]!.output.oper));
    const taken = takes.map((place) => this.inputs[place]!);
    const inputs = [...taken, ...captured.map(({ symbol }) => symbol)].map(({ output }) => output);
    const name = this.graph.addTo(context, inputs, outputs);
    // The function shares the captured tensors' memory and outlives the tensors themselves.
    const captures = captured.map(({ handle }) => {
      const own = library.TFE_TensorHandleCopySharingTensor(handle, library.status);
      library.check('capturing a tensor');
      return own;
    });
    let live = true;
    return {
      name,
      takes,
      captures,
      outputs: outputs.length,
      nodes: this.graph.nodes,
      dispose: () => {
        if (!live) return;
        live = false;
        for (const handle of captures) library.TFE_DeleteTensorHandle(handle);
        library.TFE_ContextRemoveFunction(context.pointer, name, library.status);
        library.check('removing a traced function');
      },
    };
  }

  /** Ends the recording and frees the graph; functions made of it live on. */
  stop(): void {
    if (this.binding.recording === this) this.binding.recording = null;
    for (const { handle } of this.captured.values()) this.binding.library.TFE_DeleteTensorHandle(handle);
    this.captured.clear();
    this.graph.dispose();
  }

  /** What reading a symbol throws; remembered, since an awaited read would only reject a promise. */
  readError(): AtelierError {
    const error = new AtelierError(
      'TRACE_READ',
      'A value was read (data, dataSync, array, print) inside a traced step, where tensors have no values yet' +
        `${this.operation ? ` (after ${this.operation})` : ''}. Return the tensor and read it outside, ` +
        'or compute with it in tensor operations.',
    );
    this.firstRead ??= error;
    return error;
  }

  private input(id: number, consumer: string): GraphOutput {
    const entry = this.binding.entry(id);
    if (entry.symbol !== null) {
      if (entry.recording !== this) {
        throw new AtelierError(
          'TRACE_UNSUPPORTED',
          `${consumer} received a tensor of another trace. Pass it in as an input of the traced function.`,
        );
      }
      if (!entry.symbol.shapeKnown && !takesUnknownShapes.has(consumer)) {
        throw new AtelierError(
          'TRACE_UNSUPPORTED',
          `${consumer} received a tensor whose shape depends on its values, which a traced step cannot know. ` +
            'Compute it outside the traced step, or use an operation of fixed shape (a mask instead of a selection).',
        );
      }
      this.read.add(entry.symbol.output.oper);
      return entry.symbol.output;
    }
    return this.concrete(id, entry.handle).output;
  }

  /** A concrete tensor in the graph. Tensors never change, so a small one can be written into it. */
  private concrete(id: number, handle: Pointer): GraphTensor {
    const known = this.constants.get(id) ?? this.captured.get(id)?.symbol;
    if (known) return known;
    const { library } = this.binding;
    const { shape, dtype } = this.binding.describe(handle);
    if (canBeConstant(dtype) && product(shape) <= LARGEST_CONSTANT) {
      const tensor = library.TFE_TensorHandleResolve(handle, library.status);
      library.check('a constant');
      try {
        const symbol = this.graph.constant(tensor, dtype);
        this.constants.set(id, symbol);
        return symbol;
      } finally {
        library.TF_DeleteTensor(tensor);
      }
    }
    const own = library.TFE_TensorHandleCopySharingTensor(handle, library.status);
    library.check('capturing a tensor');
    const symbol = this.graph.placeholder(shape, dtype);
    this.captured.set(id, { symbol, handle: own });
    return symbol;
  }
}
