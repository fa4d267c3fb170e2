/**
 * The first operations of a network as a function of images: by onnxruntime on a processor, where it is faster than the
 * engine (docs/results.md, "Features of the backbone"), by the engine on a GPU. Which images is left to features.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type * as runtime from 'onnxruntime-node';
import { defaultThreads } from '#learning/cores.ts';
import { type Network, readWeights } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { encodeOnnxFront, inputName } from '#learning/onnx/onnx.ts';
import { currentTensorFlow } from '#learning/tensorflow/backend.ts';
import { trace } from '#learning/tensorflow/trace.ts';

export interface FrozenFront {
  /**
   * @param images float32 [batch, height, width, channels], 0 to 255; of one batch size
   * @returns float32 [batch, ...shape]
   */
  run(images: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @param count operations whose last gives the features */
export async function openFrozenFront(
  network: Network,
  normalisation: Normalisation,
  count: number,
): Promise<FrozenFront> {
  const ort = onProcessor() ? await findRuntime() : null;
  return ort
    ? openOnnxruntime(ort, network, normalisation, count)
    : openTraced(network, normalisation, count);
}

const onProcessor = (): boolean =>
  tf.getBackend() !== 'webgpu' && !currentTensorFlow()?.binding.context.usesGpu;

/** Null where its library does not load on this machine: the engine gives the same, more slowly. */
async function findRuntime(): Promise<typeof runtime | null> {
  try {
    return await import('onnxruntime-node');
  } catch {
    return null;
  }
}

async function openOnnxruntime(
  ort: typeof runtime,
  network: Network,
  normalisation: Normalisation,
  count: number,
): Promise<FrozenFront> {
  const { plan } = network;
  const model = encodeOnnxFront({ plan, weights: await readWeights(network), normalisation }, count);
  const threads = currentTensorFlow()?.binding.context.threads ?? defaultThreads();
  const session = await ort.InferenceSession.create(model, {
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
  });
  const imageSize = plan.inputShape.reduce((product, side) => product * side, 1);
  return {
    async run(images) {
      const shape = [images.length / imageSize, ...plan.inputShape];
      const answer = await session.run({ [inputName]: new ort.Tensor('float32', images, shape) });
      return answer[session.outputNames[0]!]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

function openTraced(network: Network, normalisation: Normalisation, count: number): Promise<FrozenFront> {
  const [height, width, channels] = network.plan.inputShape as [number, number, number];
  const traced = trace(
    (images) => [network.featuresOf(normalise(images as tf.Tensor4D, normalisation), count)],
    () => network.variables.map(({ variable }) => variable),
  );
  return Promise.resolve({
    async run(images) {
      const batch = images.length / (height * width * channels);
      const input = tf.tensor4d(images, [batch, height, width, channels]);
      let features: tf.Tensor | undefined;
      try {
        [features] = traced(input);
        return (await features!.data()) as Float32Array;
      } finally {
        tf.dispose(features ? [input, features] : input);
      }
    },
    close() {
      traced.dispose();
      return Promise.resolve();
    },
  });
}
