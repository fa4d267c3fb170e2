/**
 * The eager context of TensorFlow: threads, memory, devices and precision. Knows the one protocol buffer that
 * this takes (ConfigProto), written by hand. Operations are left to eager.ts and graph.ts, what a processor can do
 * to bfloat16.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { Precision } from '#recipe/training.ts';
import type { Library, Pointer } from './ffi.ts';
import { bytesField, varintField } from './protobuf.ts';

export interface ContextOptions {
  /** `cpu` hides every GPU; `gpu` insists on one; absent takes a GPU where TensorFlow lists one. */
  device?: 'cpu' | 'gpu';
  /** Threads of one operation; all cores when absent. */
  threads: number;
  /** bfloat16 rewrites every traced function, on the CPU alone; whether the CPU gains by it is bfloat16.ts. Single operations stay float32. */
  precision: Precision;
}

export interface Device {
  name: string;
  type: string;
  bytes: number;
}

export interface Context {
  readonly pointer: Pointer;
  readonly devices: Device[];
  readonly usesGpu: boolean;
  /** What a person would call the device: "AMD EPYC 9555" or "NVIDIA H200 (139 GiB)". */
  readonly deviceName: string;
  readonly threads: number;
  readonly precision: Precision;
  /** Attribute `config_proto` of every call of a traced function; null calls it as it is. */
  readonly functionConfig: Uint8Array | null;
  close(): void;
}

/** Opens a context. Throws ENGINE_FAILED, also where `device: 'gpu'` finds none. */
export function openContext(library: Library, { device, threads, precision }: ContextOptions): Context {
  const options = library.TFE_NewContextOptions();
  let pointer: Pointer;
  try {
    const config = encodeConfig({ threads, hideGpus: device === 'cpu' });
    library.TFE_ContextOptionsSetConfig(options, config, config.length, library.status);
    library.check('the session configuration');
    pointer = library.TFE_NewContext(options, library.status);
    library.check('opening a context');
  } finally {
    library.TFE_DeleteContextOptions(options);
  }
  const devices = listDevices(library, pointer);
  const gpu = devices.find(({ type }) => type === 'GPU');
  if (device === 'gpu' && !gpu) {
    library.TFE_DeleteContext(pointer);
    throw new AtelierError(
      'ENGINE_FAILED',
      `A GPU was asked for, but TensorFlow lists ${devices.map(({ name }) => name).join(', ')}. ` +
        'Install the CUDA build and its driver, or choose the CPU.',
    );
  }
  if (gpu) computeTheSameTwice();
  return {
    pointer,
    devices,
    usesGpu: gpu !== undefined,
    deviceName: gpu ? gpuName(gpu) : cpuName(),
    threads,
    precision,
    functionConfig: encodeFunctionConfig(precision),
    close: () => library.TFE_DeleteContext(pointer),
  };
}

/**
 * CUDA adds floats in whatever order its threads end, so that two trainings of the same recipe differ. TensorFlow reads this variable
 * at its first operation and then takes kernels that do not (docs/decisions/0056). Who sets it to 0 trains faster and cannot replay.
 */
function computeTheSameTwice(): void {
  process.env.TF_DETERMINISTIC_OPS ??= '1';
}

function listDevices(library: Library, context: Pointer): Device[] {
  const list = library.TFE_ContextListDevices(context, library.status);
  library.check('listing devices');
  try {
    return Array.from({ length: library.TF_DeviceListCount(list) }, (_, index) => ({
      name: library.TF_DeviceListName(list, index, library.status),
      type: library.TF_DeviceListType(list, index, library.status),
      bytes: Number(library.TF_DeviceListMemoryBytes(list, index, library.status)),
    }));
  } finally {
    library.TF_DeleteDeviceList(list);
  }
}

/** The processor's model as the system calls it; "CPU" where it does not say. */
export function cpuName(): string {
  return cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'CPU';
}

/** The C API does not tell a GPU's model; on Linux its driver does. */
function gpuName(gpu: Device): string {
  const memory = `${Math.round(gpu.bytes / 2 ** 30)} GiB`;
  try {
    const folder = '/proc/driver/nvidia/gpus';
    const [first] = readdirSync(folder);
    const model = /^Model:\s*(.+)$/m.exec(
      readFileSync(join(folder, first ?? '', 'information'), 'utf8'),
    )?.[1];
    if (model) return `${model.trim()} (${memory})`;
  } catch {
    // Another system, or a container without the driver's files.
  }
  return `GPU ${gpu.name.split(':').pop()} (${memory})`;
}

/**
 * ConfigProto of tensorflow/core/protobuf/config.proto, the few fields that matter here.
 * One operation at a time (inter_op = 1): a convolution fills all cores by itself, and two at once only
 * take the caches from each other.
 */
export function encodeConfig({ threads, hideGpus }: { threads: number; hideGpus: boolean }): Uint8Array {
  return Buffer.concat([
    varintField(2, threads), // intra_op_parallelism_threads
    varintField(5, 1), // inter_op_parallelism_threads
    bytesField(6, varintField(4, 1)), // gpu_options: allow_growth, to leave memory to the others on a shared card
    varintField(7, 1), // allow_soft_placement: what has no GPU kernel runs on the CPU
    // device_count is a map: entry { key: "GPU", value: 0 }
    ...(hideGpus
      ? [bytesField(1, Buffer.concat([bytesField(1, Buffer.from('GPU')), varintField(2, 0)]))]
      : []),
  ]);
}

/** RewriterConfig.Toggle.ON of tensorflow/core/protobuf/rewriter_config.proto. */
const ON = 1;

/**
 * AttrValue { s: ConfigProto } of tensorflow/core/framework/attr_value.proto. TensorFlow hands a function to Grappler
 * where its call carries a ConfigProto, and to Grappler with this one's options; those of the context do not reach it
 * (tensorflow/core/common_runtime/eager/kernel_and_device.cc).
 */
export function encodeFunctionConfig(precision: Precision): Uint8Array | null {
  if (precision === 'float32') return null;
  const rewriterConfig = varintField(31, ON); // auto_mixed_precision_onednn_bfloat16
  const graphOptions = bytesField(10, rewriterConfig); // rewrite_options
  const config = bytesField(10, graphOptions); // graph_options
  return bytesField(2, config);
}
