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

/** What a C type is here. */
interface Meanings {
  void: void;
  text: string;
  int: number;
  long: number;
  /** Bytes. */
  size: number;
  float: number;
  byte: number;
  pointer: Pointer;
  'pointer?': Pointer | null;
  memory: Memory;
  null: null;
  output: GraphOutput;
  outputs: GraphOutput[];
}
type Type = keyof Meanings;

/** The calls used, by name: the result, then the arguments. */
const signatures = {
  TF_Version: ['text'],
  TF_NewStatus: ['pointer'],
  TF_GetCode: ['int', 'pointer'],
  TF_Message: ['text', 'pointer'],

  TF_AllocateTensor: ['pointer?', 'int', 'memory', 'int', 'size'],
  TF_TensorData: ['pointer', 'pointer'],
  TF_TensorByteSize: ['size', 'pointer'],
  TF_DeleteTensor: ['void', 'pointer'],

  TFE_NewContextOptions: ['pointer'],
  TFE_ContextOptionsSetConfig: ['void', 'pointer', 'memory', 'size', 'pointer'],
  TFE_DeleteContextOptions: ['void', 'pointer'],
  TFE_NewContext: ['pointer', 'pointer', 'pointer'],
  TFE_DeleteContext: ['void', 'pointer'],
  TFE_ContextListDevices: ['pointer', 'pointer', 'pointer'],
  TFE_ContextAddFunction: ['void', 'pointer', 'pointer', 'pointer'],
  TFE_ContextRemoveFunction: ['void', 'pointer', 'text', 'pointer'],
  TF_DeviceListCount: ['int', 'pointer'],
  TF_DeviceListName: ['text', 'pointer', 'int', 'pointer'],
  TF_DeviceListType: ['text', 'pointer', 'int', 'pointer'],
  TF_DeviceListMemoryBytes: ['long', 'pointer', 'int', 'pointer'],
  TF_DeleteDeviceList: ['void', 'pointer'],

  TFE_NewTensorHandle: ['pointer', 'pointer', 'pointer'],
  TFE_DeleteTensorHandle: ['void', 'pointer'],
  TFE_TensorHandleCopySharingTensor: ['pointer', 'pointer', 'pointer'],
  TFE_TensorHandleResolve: ['pointer', 'pointer', 'pointer'],
  TFE_TensorHandleDataType: ['int', 'pointer'],
  TFE_TensorHandleNumDims: ['int', 'pointer', 'pointer'],
  TFE_TensorHandleDim: ['long', 'pointer', 'int', 'pointer'],

  TFE_NewOp: ['pointer', 'pointer', 'text', 'pointer'],
  TFE_DeleteOp: ['void', 'pointer'],
  TFE_OpAddInput: ['void', 'pointer', 'pointer', 'pointer'],
  TFE_Execute: ['void', 'pointer', 'memory', 'memory', 'pointer'],
  TFE_OpSetAttrString: ['void', 'pointer', 'text', 'text', 'size'],
  /** Takes an AttrValue; the way for strings of bytes. */
  TFE_OpSetAttrValueProto: ['void', 'pointer', 'text', 'memory', 'size', 'pointer'],
  TFE_OpSetAttrInt: ['void', 'pointer', 'text', 'long'],
  TFE_OpSetAttrIntList: ['void', 'pointer', 'text', 'memory', 'int'],
  TFE_OpSetAttrFloat: ['void', 'pointer', 'text', 'float'],
  TFE_OpSetAttrBool: ['void', 'pointer', 'text', 'byte'],
  TFE_OpSetAttrType: ['void', 'pointer', 'text', 'int'],
  TFE_OpSetAttrShape: ['void', 'pointer', 'text', 'memory', 'int', 'pointer'],

  TF_NewGraph: ['pointer'],
  TF_DeleteGraph: ['void', 'pointer'],
  TF_NewOperation: ['pointer', 'pointer', 'text', 'text'],
  TF_AddInput: ['void', 'pointer', 'output'],
  TF_AddInputList: ['void', 'pointer', 'outputs', 'int'],
  TF_FinishOperation: ['pointer', 'pointer', 'pointer'],
  TF_OperationOutputType: ['int', 'output'],
  TF_GraphGetTensorNumDims: ['int', 'pointer', 'output', 'pointer'],
  TF_GraphGetTensorShape: ['void', 'pointer', 'output', 'memory', 'int', 'pointer'],
  TF_SetAttrString: ['void', 'pointer', 'text', 'text', 'size'],
  TF_SetAttrInt: ['void', 'pointer', 'text', 'long'],
  TF_SetAttrIntList: ['void', 'pointer', 'text', 'memory', 'int'],
  TF_SetAttrFloat: ['void', 'pointer', 'text', 'float'],
  TF_SetAttrBool: ['void', 'pointer', 'text', 'byte'],
  TF_SetAttrType: ['void', 'pointer', 'text', 'int'],
  TF_SetAttrShape: ['void', 'pointer', 'text', 'memory', 'int'],
  TF_SetAttrTensor: ['void', 'pointer', 'text', 'pointer', 'pointer'],
  /** Graph, name, whether to append a hash, operations, inputs, outputs, their names, options, description. */
  TF_GraphToFunction: [
    ...(['pointer', 'pointer', 'text', 'byte', 'int', 'null', 'int', 'outputs', 'int', 'outputs'] as const),
    ...(['null', 'null', 'text', 'pointer'] as const),
  ],
  TF_DeleteFunction: ['void', 'pointer'],
} as const satisfies Record<string, readonly [result: Type, ...parameters: Type[]]>;

type Call<Signature> = Signature extends readonly [
  infer Result extends Type,
  ...infer Parameters extends Type[],
]
  ? (...parameters: { [Index in keyof Parameters]: Meanings[Parameters[Index]] }) => Meanings[Result]
  : never;
type CApi = { readonly [Name in keyof typeof signatures]: Call<(typeof signatures)[Name]> };

const output = koffi.struct({ oper: 'void *', index: 'int' });
const cTypes: Record<Type, string | typeof output> = {
  void: 'void',
  text: 'str',
  int: 'int',
  long: 'int64_t',
  size: 'size_t',
  float: 'float',
  byte: 'uint8_t',
  pointer: 'void *',
  'pointer?': 'void *',
  memory: 'void *',
  null: 'void *',
  output,
  outputs: koffi.pointer(output),
};

/** An opened library: its calls, one status that every call reuses, and memory copies. */
export interface Library extends CApi {
  readonly status: Pointer;
  /** Copies `bytes` bytes; either side may be C memory or a typed array. */
  copy(target: Memory, source: Memory, bytes: number): void;
  /** Throws what the last call left in `status`, naming `what` was done. */
  check(what: string): void;
}

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
      library.func(
        name,
        cTypes[result],
        parameters.map((type) => cTypes[type]),
      );
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
