/** The WebGPU engine: tfjs's webgpu backend over Dawn (npm `webgpu`), for GPUs that CUDA does not serve. */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { OpenedEngine } from './opened-engine.ts';

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
  offerGpu(gpu);
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const device = await adapter.requestDevice({ requiredLimits: limitsOf(adapter) });
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  await tf.setBackend('webgpu');
  return {
    version: tf.version_core,
    device: adapter.info.description,
    threads: 1,
    handles: () => tf.engine().backend.numDataIds(),
    close: () => tf.removeBackend('webgpu'),
  };
}

/** tfjs looks for `navigator.gpu` before it takes a device. Node has a navigator since 21; before, one is made. */
export function offerGpu(gpu: GPU): void {
  const { navigator } = globalThis as { navigator?: object };
  if (navigator) Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
}

/** All that the adapter has: the defaults are those of the smallest device. */
function limitsOf({ limits }: GPUAdapter): Record<string, number> {
  const names = [
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxBufferSize',
    'maxComputeWorkgroupSizeX',
    'maxComputeInvocationsPerWorkgroup',
  ] as const;
  return Object.fromEntries(names.map((name) => [name, limits[name]]));
}
