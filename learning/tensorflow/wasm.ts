/** The WebAssembly engine: tfjs's wasm backend and the kernels that training needs beyond it. */
import * as tf from '@tensorflow/tfjs';
import { cpuName } from './context.ts';
import type { OpenedEngine } from './engine.ts';

export async function openWasm(): Promise<OpenedEngine> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  return {
    version: wasm.version_wasm,
    device: cpuName(),
    threads: 1,
    handles: () => tf.engine().backend.numDataIds(),
    close: () => tf.removeBackend('wasm'),
  };
}
