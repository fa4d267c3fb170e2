/**
 * Registers tfjs-node-gpu's backend and kernels over our binding as the tfjs backend "tensorflow".
 * Only two of that package's files are loaded: not its index, which wants its own native addon.
 */
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import type { TensorFlowBinding } from './binding.ts';
import type { TensorMetadata } from './recording.ts';

export const BACKEND_NAME = 'tensorflow';

/** What Atelier uses of NodeJSKernelBackend, whose type hides half of it. */
export interface TensorFlowBackend {
  readonly binding: TensorFlowBinding;
  readonly tensorMap: { get(dataId: object): TensorRecord };
  /** Ids of the tensors' handles; host data not yet written is written now. */
  getInputTensorIds(tensors: tf.Tensor[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  executeSingleOutput(name: string, attributes: TFEOpAttr[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: TFEOpAttr[],
    inputs: tf.Tensor[],
    count: number,
  ): tf.Tensor[];
}

interface TensorRecord {
  id: number;
  dtype: number;
  refCount: number;
}

/** Registers the backend and makes it the current one. */
export async function registerTensorFlowBackend(binding: TensorFlowBinding): Promise<TensorFlowBackend> {
  // Gone since Node 23, and still called by the package's TopK kernel and backend.
  const legacy = util as typeof util & { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;

  const { NodeJSKernelBackend } = await import('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js');
  await import('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  const backend = new NodeJSKernelBackend(binding, 'atelier');
  tf.registerBackend(BACKEND_NAME, () => backend, 3);
  await tf.setBackend(BACKEND_NAME);
  return backend as unknown as TensorFlowBackend;
}

/** The TensorFlow backend if it is the current one, else null: wasm and webgpu take other ways. */
export function currentTensorFlow(): TensorFlowBackend | null {
  return tf.getBackend() === BACKEND_NAME ? (tf.backend() as unknown as TensorFlowBackend) : null;
}
