/**
 * What tfjs-node-gpu's kernels call: its TFJSBinding, over the C API instead of a native addon.
 * Operations run at once (eager.ts) or, while a recording is on, become nodes of a graph (graph.ts).
 * When to record, and what a traced step does with variables, is left to trace.ts.
 */
import type { backend_util } from '@tensorflow/tfjs';
import type { TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import { AtelierError } from '#contract/errors.ts';
import type { Context } from './context.ts';
import { AttributeType, execute } from './eager.ts';
import type { Library, Pointer } from './ffi.ts';
import type { GraphTensor } from './graph.ts';
import { type Entry, Recording, type TensorMetadata, type TracedFunction } from './recording.ts';
import { allocateTensor, DataType, readHandle } from './tensors.ts';

function noSavedModels(): never {
  throw new AtelierError('ENGINE_FAILED', 'Atelier keeps no SavedModels: it exports ONNX and safetensors.');
}

export class TensorFlowBinding implements TFJSBinding {
  readonly TF_FLOAT = DataType.FLOAT;
  readonly TF_INT32 = DataType.INT32;
  readonly TF_INT64 = DataType.INT64;
  readonly TF_BOOL = DataType.BOOL;
  readonly TF_COMPLEX64 = DataType.COMPLEX64;
  readonly TF_STRING = DataType.STRING;
  readonly TF_RESOURCE = DataType.RESOURCE;
  readonly TF_UINT8 = DataType.UINT8;
  readonly TF_ATTR_STRING = AttributeType.STRING;
  readonly TF_ATTR_INT = AttributeType.INT;
  readonly TF_ATTR_FLOAT = AttributeType.FLOAT;
  readonly TF_ATTR_BOOL = AttributeType.BOOL;
  readonly TF_ATTR_TYPE = AttributeType.TYPE;
  readonly TF_ATTR_SHAPE = AttributeType.SHAPE;
  readonly TF_ATTR_RESOURCE = AttributeType.RESOURCE;
  readonly TF_Version: string;
  // The interface wants these two classes; tfjs's kernels pass plain objects of their shape.
  readonly TensorMetadata = class {
    id = 0;
    shape: number[] = [];
    dtype = 0;
  };
  readonly TFEOpAttr = class {
    name = '';
    type = 0;
    value: TFEOpAttr['value'] = 0;
  };

  private readonly entries = new Map<number, Entry>();
  private nextId = 1;
  /** The trace under way, or null. */
  recording: Recording | null = null;

  constructor(
    readonly library: Library,
    readonly context: Context,
  ) {
    this.TF_Version = library.TF_Version();
  }

  isUsingGpuDevice(): boolean {
    return this.context.usesGpu;
  }

  /** Handles and symbols alive. */
  getNumOfTensors(): number {
    return this.entries.size;
  }

  /** Always a concrete handle, also while recording: the tensor may outlive the trace. */
  createTensor(shape: number[], dtype: number, values: backend_util.BackendValues): number {
    const { library } = this;
    const tensor = allocateTensor(library, shape, dtype, values);
    try {
      const handle = library.TFE_NewTensorHandle(tensor, library.status);
      library.check('creating a tensor');
      return this.adopt(handle);
    } finally {
      library.TF_DeleteTensor(tensor);
    }
  }

  deleteTensor(id: number): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.entries.delete(id);
    if (entry.handle !== null) this.library.TFE_DeleteTensorHandle(entry.handle);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    const entry = this.entry(id);
    if (entry.handle !== null) return readHandle(this.library, entry.handle);
    throw entry.recording.readError();
  }

  executeOp(name: string, attributes: TFEOpAttr[], inputIds: number[], count: number): TensorMetadata[] {
    if (this.recording) return this.recording.add(name, attributes, inputIds, count);
    return this.run(name, attributes, inputIds.map(this.handleOf), count);
  }

  /** Starts to record; every executeOp from now on becomes a node. */
  record(): Recording {
    this.recording = new Recording(this);
    return this.recording;
  }

  /** Executes a traced function on tensors by id: those that it takes of the recording's placeholders, in their order. */
  call(fn: TracedFunction, inputIds: number[]): TensorMetadata[] {
    const inputs = inputIds.map(this.handleOf);
    for (const captured of fn.captures) inputs.push(captured);
    return this.run(fn.name, [], inputs, fn.outputs, this.context.functionConfig);
  }

  /** Registers a symbol of a recording as a tensor. */
  addSymbol(symbol: GraphTensor, recording: Recording): TensorMetadata {
    const id = this.nextId++;
    this.entries.set(id, { handle: null, symbol, recording });
    return { id, shape: symbol.shape, dtype: symbol.dtype };
  }

  entry(id: number): Entry {
    const entry = this.entries.get(id);
    if (!entry) throw new AtelierError('ENGINE_FAILED', `Tensor ${id} was used after it was disposed.`);
    return entry;
  }

  /** Shape and TF_DataType of a concrete handle. */
  describe(handle: Pointer): { shape: number[]; dtype: number } {
    const { library } = this;
    const rank = library.TFE_TensorHandleNumDims(handle, library.status);
    library.check('the shape of a tensor');
    const shape = new Array<number>(rank);
    for (let i = 0; i < rank; i++) shape[i] = Number(library.TFE_TensorHandleDim(handle, i, library.status));
    return { shape, dtype: library.TFE_TensorHandleDataType(handle) };
  }

  /** Frees every handle, then the context. Nothing of this binding may be used afterwards. */
  close(): void {
    for (const id of [...this.entries.keys()]) this.deleteTensor(id);
    this.context.close();
  }

  readonly loadSavedModel = noSavedModels;
  readonly deleteSavedModel = noSavedModels;
  readonly runSavedModel = noSavedModels;
  readonly getNumOfSavedModels = () => 0;

  private run(
    name: string,
    attributes: readonly TFEOpAttr[],
    inputs: Pointer[],
    count: number,
    functionConfig: Uint8Array | null = null,
  ): TensorMetadata[] {
    const handles = execute(this.library, this.context, name, attributes, inputs, count, functionConfig);
    return handles.map((handle) => ({ id: this.adopt(handle), ...this.describe(handle) }));
  }

  private adopt(handle: Pointer): number {
    const id = this.nextId++;
    this.entries.set(id, { handle, symbol: null, recording: null });
    return id;
  }

  private readonly handleOf = (id: number): Pointer => {
    const entry = this.entry(id);
    if (entry.handle !== null) return entry.handle;
    throw new AtelierError(
      'TRACE_UNSUPPORTED',
      'A tensor made while tracing was used after the trace had ended. Return it from the traced function instead.',
    );
  };
}
