/** The WebGPU engine: tfjs's webgpu backend over Dawn (npm `webgpu`), for GPUs that CUDA does not serve. */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { OpenedEngine } from './engine.ts';

/** Makes webgpu tfjs's backend. @throws ENGINE_NOT_FOUND where no adapter is found */
export async function openWebGpu(): Promise<OpenedEngine> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]) as GPU;
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new AtelierError(
      'ENGINE_NOT_FOUND',
      'WebGPU found no graphics adapter. Install a Vulkan, Metal or Direct3D 12 driver.',
    );
  }
  Object.defineProperty((globalThis as { navigator?: object }).navigator ?? {}, 'gpu', {
    value: gpu,
    configurable: true,
  });
  await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  return {
    version: tf.version_core,
    device: adapter.info.description,
    threads: 1,
    handles: () => tf.engine().backend.numDataIds(),
    close: () => tf.removeBackend('webgpu'),
  };
}
