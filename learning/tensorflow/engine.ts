/**
 * Opens the engine that computes: TensorFlow, else WebGPU, else WebAssembly. A passed-over engine is
 * never silent: `info.passedOver` says why. The first file of this folder that other rooms need.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Precision } from '#recipe/training.ts';
import type { EngineInfo } from '#contract/run.ts';
import { defaultThreads } from '#learning/cores.ts';
import { registerTensorFlowBackend } from './backend.ts';
import { bfloat16Obstacle } from './bfloat16.ts';
import { TensorFlowBinding } from './binding.ts';
import { openContext } from './context.ts';
import { openLibrary } from './ffi.ts';
import { searchTensorFlow } from './locate.ts';
import type { OpenedEngine } from './opened-engine.ts';
import { openWasm } from './wasm.ts';
import { openWebGpu } from './webgpu.ts';

export interface OpenOptions {
  /** Tried first; the others follow where it cannot be had. */
  prefer?: EngineInfo['kind'];
  /** `cpu` hides every GPU; `gpu` insists on one. */
  device?: 'cpu' | 'gpu';
  /** Threads of one operation; ATELIER_THREADS, else all cores, when absent. */
  threads?: number;
  /** float32 when absent. One process has one: where TensorFlow is open already, absent takes what it has. */
  precision?: Precision;
}

export interface Engine {
  readonly info: EngineInfo;
  readonly tf: typeof tf;
  /** Live tensors and native handles (equal where the engine has no handles of its own): for leak tests. */
  counts(): { tensors: number; handles: number };
  close(): void;
}

const openers: Record<EngineInfo['kind'], (options: OpenOptions) => Promise<OpenedEngine>> = {
  tensorflow: openTensorFlow,
  webgpu: openWebGpu,
  wasm: openWasm,
};

/**
 * Opens the best engine there is and makes it the backend of tfjs.
 * Throws ENGINE_NOT_FOUND where none works, with each reason; ENGINE_FAILED where the precision asked for cannot be had.
 */
export async function openEngine(options: OpenOptions = {}): Promise<Engine> {
  refuseOtherPrecision(options.precision);
  const kinds = Object.keys(openers) as EngineInfo['kind'][];
  const order = [...new Set([...(options.prefer ? [options.prefer] : []), ...kinds])];
  const passedOver: EngineInfo['passedOver'] = [];
  let opened: (OpenedEngine & { kind: EngineInfo['kind'] }) | undefined;
  for (const kind of order) {
    try {
      opened = { kind, ...(await openers[kind](options)) };
      break;
    } catch (reason) {
      passedOver.push({ kind, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  }
  if (opened) return asEngine(opened, passedOver, options.precision);
  throw new AtelierError(
    'ENGINE_NOT_FOUND',
    `No engine could be opened. ${passedOver.map(({ kind, reason }) => `${kind}: ${reason}`).join(' ')} ` +
      'Run `npm start` to fetch TensorFlow, or name a copy in ATELIER_TENSORFLOW.',
    { passedOver },
  );
}

function asEngine(
  { handles, close, ...opened }: OpenedEngine & { kind: EngineInfo['kind'] },
  passedOver: EngineInfo['passedOver'],
  asked: Precision | undefined,
): Engine {
  const { precision = 'float32', bfloat16 = `${opened.kind} computes in float32 alone.` } = opened;
  if (asked === 'bfloat16' && bfloat16 !== null) {
    close();
    throw new AtelierError(
      'ENGINE_FAILED',
      `bfloat16 was asked for, but cannot be had here: ${bfloat16} Train in float32.`,
      { engine: opened.kind, precision: asked, reason: bfloat16 },
    );
  }
  return {
    info: { ...opened, precision, bfloat16, passedOver },
    tf,
    counts: () => ({ tensors: tf.memory().numTensors, handles: handles() }),
    close,
  };
}

/** One context per process: who opens TensorFlow again shares it, and the last to close it ends it. */
let shared: { binding: TensorFlowBinding; users: number } | null = null;

/** A context keeps its precision for life, and passing TensorFlow over because of that would help nobody. */
function refuseOtherPrecision(asked: Precision | undefined): void {
  const present = shared?.binding.context.precision;
  if (asked === undefined || present === undefined || asked === present) return;
  throw new AtelierError(
    'ENGINE_FAILED',
    `TensorFlow was asked for in ${asked}, but this process has it open in ${present}, and has it once only. Close it first, or open it in another process.`,
    { asked, present },
  );
}

async function openTensorFlow(options: OpenOptions): Promise<OpenedEngine> {
  shared ??= { binding: newBinding(options), users: 0 };
  const { binding } = shared;
  if (shared.users++ === 0) await registerTensorFlowBackend(binding);
  else await tf.setBackend('tensorflow');
  let open = true;
  return {
    version: binding.TF_Version,
    device: binding.context.deviceName,
    threads: binding.context.threads,
    precision: binding.context.precision,
    bfloat16: bfloat16Obstacle({ usesGpu: binding.context.usesGpu }),
    handles: () => binding.getNumOfTensors(),
    close: () => {
      if (!open || !shared) return;
      open = false;
      if (--shared.users > 0) return;
      shared = null;
      tf.removeBackend('tensorflow');
      binding.close();
    },
  };
}

function newBinding(options: OpenOptions): TensorFlowBinding {
  const { located, looked } = searchTensorFlow();
  if (!located) {
    const places = looked.map(({ place, outcome }) => `${place} (${outcome})`).join(', ');
    throw new AtelierError('ENGINE_NOT_FOUND', `libtensorflow was not found. Looked at: ${places}.`);
  }
  const library = openLibrary(located);
  const threads = options.threads ?? defaultThreads();
  const { device, precision = 'float32' } = options;
  return new TensorFlowBinding(library, openContext(library, { device, threads, precision }));
}
