/**
 * Opens the engine that computes: TensorFlow, else WebGPU, else WebAssembly. A passed-over engine is
 * never silent: `info.passedOver` says why. The first file of this folder that other rooms need.
 */
import * as tf from '@tensorflow/tfjs';
import type { EngineInfo } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { registerTensorFlowBackend } from './backend.ts';
import { TensorFlowBinding } from './binding.ts';
import { defaultThreads, openContext } from './context.ts';
import { openLibrary } from './ffi.ts';
import { searchTensorFlow } from './locate.ts';
import { openWasm } from './wasm.ts';
import { openWebGpu } from './webgpu.ts';

export interface OpenOptions {
  /** Tried first; the others follow where it cannot be had. */
  prefer?: EngineInfo['kind'];
  /** `cpu` hides every GPU; `gpu` insists on one. */
  device?: 'cpu' | 'gpu';
  /** Threads of one operation; ATELIER_THREADS, else all cores, when absent. */
  threads?: number;
}

export interface Engine {
  readonly info: EngineInfo;
  readonly tf: typeof tf;
  /** Live tensors and native handles (equal where the engine has no handles of its own): for leak tests. */
  counts(): { tensors: number; handles: number };
  close(): void;
}

/** What an opener gives; `handles` counts what is held natively. */
export interface OpenedEngine {
  version: string;
  device: string;
  threads: number;
  handles(): number;
  close(): void;
}

const openers: Record<EngineInfo['kind'], (options: OpenOptions) => Promise<OpenedEngine>> = {
  tensorflow: openTensorFlow,
  webgpu: openWebGpu,
  wasm: openWasm,
};

/**
 * Opens the best engine there is and makes it the backend of tfjs.
 * Throws ENGINE_NOT_FOUND where none works, with each reason.
 */
export async function openEngine(options: OpenOptions = {}): Promise<Engine> {
  const kinds = Object.keys(openers) as EngineInfo['kind'][];
  const order = [...new Set([...(options.prefer ? [options.prefer] : []), ...kinds])];
  const passedOver: EngineInfo['passedOver'] = [];
  for (const kind of order) {
    try {
      const { handles, close, ...facts } = await openers[kind](options);
      return {
        info: { kind, ...facts, precision: 'float32', passedOver },
        tf,
        counts: () => ({ tensors: tf.memory().numTensors, handles: handles() }),
        close,
      };
    } catch (reason) {
      passedOver.push({ kind, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  }
  throw new AtelierError(
    'ENGINE_NOT_FOUND',
    `No engine could be opened. ${passedOver.map(({ kind, reason }) => `${kind}: ${reason}`).join(' ')} ` +
      'Run `npm start` to fetch TensorFlow, or name a copy in ATELIER_TENSORFLOW.',
    { passedOver },
  );
}

/** One context per process: who opens TensorFlow again shares it, and the last to close it ends it. */
let shared: { binding: TensorFlowBinding; users: number } | null = null;

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
  return new TensorFlowBinding(library, openContext(library, { device: options.device, threads }));
}
