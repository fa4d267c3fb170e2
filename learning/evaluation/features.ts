/**
 * What the first operations of a network give for images, outside training: features for a head to learn from, or
 * embeddings to compare images by. In batches of one size; what computes them is frozen-front.ts. Keeping them is left to
 * the caller.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Augmentation } from '#recipe/augmentation.ts';
import { augment } from '#learning/augment/index.ts';
import type { View } from '#learning/model/feature-key.ts';
import type { Network } from '#learning/model/network.ts';
import { product } from '#recipe/shape.ts';
import { predictionBatch } from '#recipe/prediction-batch.ts';
import type { Normalisation } from '#learning/model/preprocessing.ts';
import { trace, type Traced } from '#learning/tensorflow/trace.ts';
import { type FrozenFront, openFrozenFront } from './frozen-front.ts';
import type { PredictOptions } from './predict.ts';

/** Images of one call: so many keep two cores busy, and few are wasted where less is left. */
const mostImages = 16;

export interface FeatureReader {
  /** Of one image. */
  readonly shape: readonly number[];
  /**
   * @param pixels uint8 [count, height, width, channels] at the recipe's size
   * @param rows of the n images to look at
   * @param view as they are where null. Images are changed in blocks of neighbours, whichever are asked for: what a view
   * shows of an image depends on its row and the seed alone.
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
  const changers = new Map<readonly Augmentation[], Traced>();
  // Where all features are kept already, nothing is opened.
  let front: Promise<FrozenFront> | null = null;

  const changerFor = (augmentation: readonly Augmentation[]) => {
    const known = changers.get(augmentation);
    if (known) return known;
    const traced = trace(
      (images, seed) => [augment(images as tf.Tensor4D, null, augmentation, seed as tf.Tensor1D).images],
      () => [],
    );
    changers.set(augmentation, traced);
    return traced;
  };

  /** Each block of neighbours draws for itself. */
  const changed = async (batch: Float32Array, { augmentation, seed }: View, block: number) => {
    const images = tf.tensor4d(batch, [size, height, width, channels]);
    const drawn = tf.tensor1d([seed[0], seed[1] + block], 'int32');
    let result: tf.Tensor | undefined;
    try {
      [result] = changerFor(augmentation)(images, drawn);
      return (await result!.data()) as Float32Array;
    } finally {
      tf.dispose(result ? [images, drawn, result] : [images, drawn]);
    }
  };

  const imagesOf = (pixels: Uint8Array, rows: readonly number[]): Float32Array => {
    const batch = new Float32Array(size * imageSize);
    const last = pixels.length / imageSize - 1;
    rows.forEach((row, place) => {
      const from = Math.min(row, last) * imageSize;
      batch.set(pixels.subarray(from, from + imageSize), place * imageSize);
    });
    return batch;
  };

  /** Batches of the images asked for, whole but for the last: those that a block does not need are left out. */
  async function* changedBatches(pixels: Uint8Array, rows: Int32Array, view: View): AsyncGenerator<Batch> {
    let batch: Batch = { images: new Float32Array(size * imageSize), places: [] };
    for (const { block, rows: neighbours, places } of blocksOf(rows, size)) {
      const images = await changed(imagesOf(pixels, neighbours), view, block);
      for (const [place, at] of places) {
        const image = images.subarray(at * imageSize, (at + 1) * imageSize);
        batch.images.set(image, batch.places.length * imageSize);
        if (batch.places.push(place) < size) continue;
        yield batch;
        batch = { images: new Float32Array(size * imageSize), places: [] };
      }
    }
    if (batch.places.length > 0) yield batch;
  }

  function* plainBatches(pixels: Uint8Array, rows: Int32Array): Generator<Batch> {
    for (let start = 0; start < rows.length; start += size) {
      const some = [...rows.subarray(start, start + size)];
      yield { images: imagesOf(pixels, some), places: some.map((_, at) => start + at) };
    }
  }

  return {
    shape,
    async read(pixels, rows, view, { onProgress, signal } = {}) {
      const result = new Float32Array(rows.length * featureSize);
      let done = 0;
      for await (const { images, places } of view
        ? changedBatches(pixels, rows, view)
        : plainBatches(pixels, rows)) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'Computing features was cancelled.');
        front ??= openFrozenFront(network, normalisation, count);
        const values = await (await front).run(images);
        places.forEach((place, at) =>
          result.set(values.subarray(at * featureSize, (at + 1) * featureSize), place * featureSize),
        );
        onProgress?.((done += places.length), rows.length);
      }
      return result;
    },
    dispose() {
      for (const traced of changers.values()) traced.dispose();
      // Where it did not open, its reader has been told.
      void front?.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}

interface Batch {
  /** [batch, height, width, channels]; what lies behind the last place is of no matter. */
  images: Float32Array;
  /** Where the features of each belong in the result. */
  places: number[];
}

interface Block {
  block: number;
  /** All of it. */
  rows: number[];
  /** [where in the result, where in the block]. */
  places: [number, number][];
}

/** Blocks of neighbours, where any of them is asked for. */
function* blocksOf(rows: Int32Array, size: number): Generator<Block> {
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
