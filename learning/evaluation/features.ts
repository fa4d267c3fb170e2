/**
 * What the first operations of a network give for images, outside training: features for a head to learn from, or
 * embeddings to compare images by. One traced function of fixed batch. Keeping them is left to the caller.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Augmentation } from '#contract/recipe.ts';
import { augment } from '#learning/augment/index.ts';
import type { View } from '#learning/model/feature-key.ts';
import type { Network } from '#learning/model/network.ts';
import { product } from '#learning/model/operation.ts';
import { predictionBatch } from '#learning/model/prediction-batch.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { trace, type Traced } from '#learning/tensorflow/trace.ts';
import type { PredictOptions } from './predict.ts';

/** Images of one call: so many keep two cores busy, and few are wasted where less is left. */
const mostImages = 16;

const asTheyAre: readonly Augmentation[] = [];

export interface FeatureReader {
  /** Of one image. */
  readonly shape: readonly number[];
  /**
   * @param pixels uint8 [count, height, width, channels] at the recipe's size
   * @param rows of the n images to look at
   * @param view as they are where null. Images are then looked at in blocks of neighbours, whichever are asked for: what a
   * view shows of an image depends on its row and the seed alone.
   * @returns [n, ...shape]
   * @throws CANCELLED
   */
  read(
    pixels: Uint8Array,
    rows: Int32Array,
    view: View | null,
    options?: PredictOptions,
  ): Promise<Float32Array>;
  dispose(): void;
}

/** @param count operations whose last gives the features */
export function openFeatureReader(
  network: Network,
  normalisation: Normalisation,
  count: number,
): FeatureReader {
  const { inputShape, operations } = network.plan;
  const [height, width, channels] = inputShape as [number, number, number];
  const imageSize = height * width * channels;
  const shape = operations[count - 1]!.outputShape;
  const featureSize = product(shape);
  const size = Math.min(mostImages, predictionBatch(network.plan));
  const variables = () => network.variables.map(({ variable }) => variable);
  const opened = new Map<readonly Augmentation[], Traced>();
  const tracedFor = (augmentation: readonly Augmentation[]) => {
    const known = opened.get(augmentation);
    if (known) return known;
    const traced = trace((images, seed) => {
      const changed = augment(images as tf.Tensor4D, null, augmentation, seed as tf.Tensor1D).images;
      return [network.featuresOf(normalise(changed, normalisation), count)];
    }, variables);
    opened.set(augmentation, traced);
    return traced;
  };

  const call = async (
    pixels: Uint8Array,
    rows: readonly number[],
    view: View | null,
    block: number,
  ): Promise<Float32Array> => {
    const batch = new Float32Array(size * imageSize);
    const last = pixels.length / imageSize - 1;
    rows.forEach((row, place) => {
      const from = Math.min(row, last) * imageSize;
      batch.set(pixels.subarray(from, from + imageSize), place * imageSize);
    });
    const images = tf.tensor4d(batch, [size, height, width, channels]);
    // Each block draws for itself.
    const seed = tf.tensor1d(view ? [view.seed[0], view.seed[1] + block] : [0, 0], 'int32');
    let features: tf.Tensor | undefined;
    try {
      [features] = tracedFor(view?.augmentation ?? asTheyAre)(images, seed);
      return (await features!.data()) as Float32Array;
    } finally {
      tf.dispose(features ? [images, seed, features] : [images, seed]);
    }
  };

  return {
    shape,
    async read(pixels, rows, view, { onProgress, signal } = {}) {
      const result = new Float32Array(rows.length * featureSize);
      let done = 0;
      for (const { block, rows: some, places } of view ? blocksOf(rows, size) : batchesOf(rows, size)) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'Computing features was cancelled.');
        const values = await call(pixels, some, view, block);
        for (const [place, at] of places) {
          result.set(values.subarray(at * featureSize, (at + 1) * featureSize), place * featureSize);
        }
        onProgress?.((done += places.length), rows.length);
      }
      return result;
    },
    dispose() {
      for (const traced of opened.values()) traced.dispose();
    },
  };
}

interface Call {
  block: number;
  rows: number[];
  /** [where in the result, where in the call]. */
  places: [number, number][];
}

/** In the order in which they are asked for. */
function* batchesOf(rows: Int32Array, size: number): Generator<Call> {
  for (let start = 0; start < rows.length; start += size) {
    const some = [...rows.subarray(start, start + size)];
    yield { block: 0, rows: some, places: some.map((_, at) => [start + at, at]) };
  }
}

/** Whole blocks of neighbours, where any of them is asked for. */
function* blocksOf(rows: Int32Array, size: number): Generator<Call> {
  const places = new Map<number, [number, number][]>();
  rows.forEach((row, place) => {
    const block = Math.floor(row / size);
    const known = places.get(block);
    if (known) known.push([place, row % size]);
    else places.set(block, [[place, row % size]]);
  });
  for (const block of [...places.keys()].sort((a, b) => a - b)) {
    yield {
      block,
      rows: Array.from({ length: size }, (_, at) => block * size + at),
      places: places.get(block)!,
    };
  }
}
