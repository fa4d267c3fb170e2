/**
 * The C API of TensorFlow as typed functions, over koffi. Pointers are bigints or typed arrays.
 * It declares and checks; what the calls mean together is left to context.ts, tensors.ts, eager.ts and graph.ts.
 */
import koffi from 'koffi';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { LocatedTensorFlow } from './locate.ts';

export type Pointer = bigint;
/** Memory handed to C: a pointer that C gave, or a typed array of ours for the time of one call. */
export type Memory = Pointer | ArrayBufferView | null;

/** One output of a graph operation: TF_Output. */
export interface GraphOutput {
  oper: Pointer;
  index: number;
}

/** The calls used, by name. Numbers are C ints, lengths are bytes unless said otherwise. */
export interface CApi {
  TF_Version(): string;
  TF_NewStatus(): Pointer;
  TF_GetCode(status: Pointer): number;
  TF_Message(status: Pointer): string;

  TF_AllocateTensor(dtype: number, dims: Memory, rank: number, bytes: number): Pointer | null;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number;
  TF_DeleteTensor(tensor: Pointer): void;

  TFE_NewContextOptions(): Pointer;
  TFE_ContextOptionsSetConfig(options: Pointer, proto: Memory, bytes: number, status: Pointer): void;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_DeleteContext(context: Pointer): void;
  TFE_ContextListDevices(context: Pointer, status: Pointer): Pointer;
  TFE_ContextAddFunction(context: Pointer, fn: Pointer, status: Pointer): void;
  TFE_ContextRemoveFunction(context: Pointer, name: string, status: Pointer): void;
  TF_DeviceListCount(list: Pointer): number;
  TF_DeviceListName(list: Pointer, index: number, status: Pointer): string;
  TF_DeviceListType(list: Pointer, index: number, status: Pointer): string;
  TF_DeviceListMemoryBytes(list: Pointer, index: number, status: Pointer): number;
  TF_DeleteDeviceList(list: Pointer): void;

  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;
  TFE_TensorHandleCopySharingTensor(handle: Pointer, status: Pointer): Pointer;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_TensorHandleDataType(handle: Pointer): number;
  TFE_TensorHandleNumDims(handle: Pointer, status: Pointer): number;
  TFE_TensorHandleDim(handle: Pointer, index: number, status: Pointer): number;

  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  TFE_Execute(op: Pointer, outputs: Memory, count: Memory, status: Pointer): void;
  TFE_OpSetAttrString(op: Pointer, name: string, value: string, bytes: number): void;
  /** `proto` is an AttrValue; the way for strings of bytes. */
  TFE_OpSetAttrValueProto(op: Pointer, name: string, proto: Uint8Array, bytes: number, status: Pointer): void;
  TFE_OpSetAttrInt(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrIntList(op: Pointer, name: string, values: Memory, count: number): void;
  TFE_OpSetAttrFloat(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, dims: Memory, rank: number, status: Pointer): void;

  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_AddInput(operation: Pointer, input: GraphOutput): void;
  TF_AddInputList(operation: Pointer, inputs: GraphOutput[], count: number): void;
  TF_FinishOperation(operation: Pointer, status: Pointer): Pointer;
  TF_OperationOutputType(output: GraphOutput): number;
  TF_GraphGetTensorNumDims(graph: Pointer, output: GraphOutput, status: Pointer): number;
  TF_GraphGetTensorShape(
    graph: Pointer,
    output: GraphOutput,
    dims: Memory,
    rank: number,
    status: Pointer,
  ): void;
  TF_SetAttrString(operation: Pointer, name: string, value: string, bytes: number): void;
  TF_SetAttrInt(operation: Pointer, name: string, value: number): void;
  TF_SetAttrIntList(operation: Pointer, name: string, values: Memory, count: number): void;
  TF_SetAttrFloat(operation: Pointer, name: string, value: number): void;
  TF_SetAttrBool(operation: Pointer, name: string, value: number): void;
  TF_SetAttrType(operation: Pointer, name: string, value: number): void;
  TF_SetAttrShape(operation: Pointer, name: string, dims: Memory, rank: number): void;
  TF_SetAttrTensor(operation: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_GraphToFunction(
    graph: Pointer,
    name: string,
    appendHash: number,
    operationCount: number,
    operations: null,
    inputCount: number,
    inputs: GraphOutput[],
    outputCount: number,
    outputs: GraphOutput[],
    outputNames: null,
    options: null,
    description: string,
    status: Pointer,
  ): Pointer;
  TF_DeleteFunction(fn: Pointer): void;
}

/** An opened library: its calls, one status that every call reuses, and memory copies. */
export interface Library extends CApi {
  readonly status: Pointer;
  /** Copies `bytes` bytes; either side may be C memory or a typed array. */
  copy(target: Memory, source: Memory, bytes: number): void;
  /** Throws what the last call left in `status`, naming `what` was done. */
  check(what: string): void;
}

const outputType = koffi.struct({ oper: 'void *', index: 'int' });

type Signature = readonly [result: string, ...arguments: (string | typeof outputType)[]];
const output = outputType;
const outputs = koffi.pointer(outputType);

/** C signatures: the result, then the arguments. */
const signatures: Record<keyof CApi, readonly unknown[]> = {
  TF_Version: ['str'],
  TF_NewStatus: ['void *'],
  TF_GetCode: ['int', 'void *'],
  TF_Message: ['str', 'void *'],

  TF_AllocateTensor: ['void *', 'int', 'void *', 'int', 'size_t'],
  TF_TensorData: ['void *', 'void *'],
  TF_TensorByteSize: ['size_t', 'void *'],
  TF_DeleteTensor: ['void', 'void *'],

  TFE_NewContextOptions: ['void *'],
  TFE_ContextOptionsSetConfig: ['void', 'void *', 'void *', 'size_t', 'void *'],
  TFE_DeleteContextOptions: ['void', 'void *'],
  TFE_NewContext: ['void *', 'void *', 'void *'],
  TFE_DeleteContext: ['void', 'void *'],
  TFE_ContextListDevices: ['void *', 'void *', 'void *'],
  TFE_ContextAddFunction: ['void', 'void *', 'void *', 'void *'],
  TFE_ContextRemoveFunction: ['void', 'void *', 'str', 'void *'],
  TF_DeviceListCount: ['int', 'void *'],
  TF_DeviceListName: ['str', 'void *', 'int', 'void *'],
  TF_DeviceListType: ['str', 'void *', 'int', 'void *'],
  TF_DeviceListMemoryBytes: ['int64_t', 'void *', 'int', 'void *'],
  TF_DeleteDeviceList: ['void', 'void *'],

  TFE_NewTensorHandle: ['void *', 'void *', 'void *'],
  TFE_DeleteTensorHandle: ['void', 'void *'],
  TFE_TensorHandleCopySharingTensor: ['void *', 'void *', 'void *'],
  TFE_TensorHandleResolve: ['void *', 'void *', 'void *'],
  TFE_TensorHandleDataType: ['int', 'void *'],
  TFE_TensorHandleNumDims: ['int', 'void *', 'void *'],
  TFE_TensorHandleDim: ['int64_t', 'void *', 'int', 'void *'],

  TFE_NewOp: ['void *', 'void *', 'str', 'void *'],
  TFE_DeleteOp: ['void', 'void *'],
  TFE_OpAddInput: ['void', 'void *', 'void *', 'void *'],
  TFE_Execute: ['void', 'void *', 'void *', 'void *', 'void *'],
  TFE_OpSetAttrString: ['void', 'void *', 'str', 'str', 'size_t'],
  TFE_OpSetAttrValueProto: ['void', 'void *', 'str', 'void *', 'size_t', 'void *'],
  TFE_OpSetAttrInt: ['void', 'void *', 'str', 'int64_t'],
  TFE_OpSetAttrIntList: ['void', 'void *', 'str', 'void *', 'int'],
  TFE_OpSetAttrFloat: ['void', 'void *', 'str', 'float'],
  TFE_OpSetAttrBool: ['void', 'void *', 'str', 'uint8_t'],
  TFE_OpSetAttrType: ['void', 'void *', 'str', 'int'],
  TFE_OpSetAttrShape: ['void', 'void *', 'str', 'void *', 'int', 'void *'],

  TF_NewGraph: ['void *'],
  TF_DeleteGraph: ['void', 'void *'],
  TF_NewOperation: ['void *', 'void *', 'str', 'str'],
  TF_AddInput: ['void', 'void *', output],
  TF_AddInputList: ['void', 'void *', outputs, 'int'],
  TF_FinishOperation: ['void *', 'void *', 'void *'],
  TF_OperationOutputType: ['int', output],
  TF_GraphGetTensorNumDims: ['int', 'void *', output, 'void *'],
  TF_GraphGetTensorShape: ['void', 'void *', output, 'void *', 'int', 'void *'],
  TF_SetAttrString: ['void', 'void *', 'str', 'str', 'size_t'],
  TF_SetAttrInt: ['void', 'void *', 'str', 'int64_t'],
  TF_SetAttrIntList: ['void', 'void *', 'str', 'void *', 'int'],
  TF_SetAttrFloat: ['void', 'void *', 'str', 'float'],
  TF_SetAttrBool: ['void', 'void *', 'str', 'uint8_t'],
  TF_SetAttrType: ['void', 'void *', 'str', 'int'],
  TF_SetAttrShape: ['void', 'void *', 'str', 'void *', 'int'],
  TF_SetAttrTensor: ['void', 'void *', 'str', 'void *', 'void *'],
  TF_GraphToFunction: [
    ...['void *', 'void *', 'str', 'uint8_t', 'int', 'void *', 'int', outputs, 'int', outputs],
    ...['void *', 'void *', 'str', 'void *'],
  ],
  TF_DeleteFunction: ['void', 'void *'],
};

/** The system's own calls: where memcpy lives, and how to load a library a second time. */
const systems: Partial<
  Record<NodeJS.Platform, { memory: string; loaders: string[]; open: [string, ...string[]] }>
> = {
  linux: { memory: 'libc.so.6', loaders: ['libc.so.6', 'libdl.so.2'], open: ['dlopen', 'str', 'int'] },
  darwin: {
    memory: '/usr/lib/libSystem.B.dylib',
    loaders: ['/usr/lib/libSystem.B.dylib'],
    open: ['dlopen', 'str', 'int'],
  },
  win32: { memory: 'msvcrt.dll', loaders: ['kernel32.dll'], open: ['LoadLibraryA', 'str'] },
};
const system = () => systems[process.platform] ?? systems.linux!;
const RTLD_NOW = 2;

/** TF_Code values that mean something to a person; all others are a failed engine. */
const RESOURCE_EXHAUSTED = 8;

let opened: { folder: string; library: Library } | null = null;

/**
 * Loads the library; once per process, since TensorFlow cannot be unloaded.
 * Throws ENGINE_FAILED where the loader refuses it or a call is missing.
 */
export function openLibrary(located: LocatedTensorFlow): Library {
  if (opened?.folder === located.folder) return opened.library;
  // TensorFlow logs to stderr from the moment it loads: errors only, unless somebody asks for more.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // TensorFlow takes oneDNN by itself only on CPUs with AVX-512; with AVX2 it is twice as fast too (docs/results.md).
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  let api: CApi;
  try {
    api = declare(located);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AtelierError(
      'ENGINE_FAILED',
      `TensorFlow in ${located.folder} was expected to load, but the system said: ${reason}. ` +
        'Remove that copy so that Atelier fetches its own, or name another in ATELIER_TENSORFLOW.',
      { folder: located.folder },
      { cause },
    );
  }
  const memcpy = koffi.load(system().memory).func('memcpy', 'void *', ['void *', 'void *', 'size_t']) as (
    t: Memory,
    s: Memory,
    n: number,
  ) => Pointer;
  const status = api.TF_NewStatus();
  const library: Library = Object.assign(api, {
    status,
    copy: (target: Memory, source: Memory, bytes: number) =>
      void (bytes > 0 && memcpy(target, source, bytes)),
    check: (what: string) => {
      const code = api.TF_GetCode(status);
      if (code !== 0) throw engineError(code, what, api.TF_Message(status));
    },
  });
  opened = { folder: located.folder, library };
  return library;
}

/** Symbols are looked up as they are first called: there are hundreds of thousands, of which few are ever called. */
const binding = { global: true, lazy: true } as const;

/** The framework goes first and both are globally visible: cc finds its symbols there. */
function declare({ folder, files }: LocatedTensorFlow): CApi {
  const framework = files.framework === null ? null : koffi.load(join(folder, files.framework), binding);
  const cc = koffi.load(join(folder, files.cc), binding);
  if (files.framework !== null) keepLoaded(join(folder, files.framework));
  keepLoaded(join(folder, files.cc));
  const api: Record<string, unknown> = {};
  for (const [name, [result, ...parameters]] of Object.entries(signatures)) {
    const define = (library: typeof cc) =>
      library.func(name, result as Signature[0], parameters as Signature[0][]);
    try {
      api[name] = define(cc);
    } catch (missing) {
      if (!framework) throw missing;
      api[name] = define(framework);
    }
  }
  return api as unknown as CApi;
}

/**
 * Opens the library once more and for good. koffi unloads what it loaded when Node shuts down, but
 * TensorFlow has by then registered exit handlers and threads, which would run into unmapped memory.
 */
function keepLoaded(path: string): void {
  const { loaders, open } = system();
  const [name, ...parameters] = open;
  for (const loader of loaders) {
    try {
      const load = koffi.load(loader).func(name, 'void *', parameters) as (
        ...values: (string | number)[]
      ) => Pointer;
      load(...[path, RTLD_NOW].slice(0, parameters.length));
      return;
    } catch {
      // Before glibc 2.34, dlopen lives in the next one.
    }
  }
}

/** A failed call as the one error shape. */
export function engineError(code: number, what: string, message: string): AtelierError {
  const first = message.split('\n', 1)[0] ?? '';
  if (code === RESOURCE_EXHAUSTED) {
    return new AtelierError(
      'OUT_OF_MEMORY',
      `${what} needed more memory than the device has (${first}). Lower the batch size, or use a smaller model.`,
      { operation: what },
    );
  }
  return new AtelierError('ENGINE_FAILED', `TensorFlow refused ${what}: ${first}`, {
    operation: what,
    code,
    message,
  });
}
