/**
 * Class probabilities of images: the network's answers outside training, as one traced function of fixed batch; if
 * wished the mean over several views of each image (test-time augmentation).
 * What the answers are worth is scores.ts; which images, and where answers go, is the caller's.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Tta } from '#contract/evaluation.ts';
import type { Network } from '#learning/model/network.ts';
import { predictionBatch } from '#recipe/prediction-batch.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import { trace } from '#learning/tensorflow/trace.ts';

export interface PredictOptions {
  /** Told after each batch. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Stays open, so that many calls share one trace: validation each epoch, or pictures dropped one by one. */
export interface Predictor {
  /**
   * @param pixels uint8 [count, height, width, channels] at the recipe's size
   * @param indices of the n images to look at
   * @returns softmax probabilities, [n, classCount] row-major
   * @throws CANCELLED
   */
  predict(pixels: Uint8Array, indices: ArrayLike<number>, options?: PredictOptions): Promise<Float32Array>;
  dispose(): void;
}

/**
 * @param batchSize of every call; a last, smaller batch is padded. What the network's size allows when absent; take 1
 * for single pictures. Of several views so many fewer images are looked at in one call, so that memory stays the same.
 * @param tta `none`: the image as it is. `flip`: it and its mirror image. `flip-shift`: both, and each moved by
 * one pixel right, left, down and up, the border repeated. An answer is the mean of the views' probabilities, not of
 * their logits: one view that is very sure cannot outvote the others.
 */
export function openPredictor(
  network: Network,
  normalisation: Normalisation,
  batchSize = predictionBatch(network.plan),
  tta: Tta = 'none',
): Predictor {
  const { inputShape, classCount } = network.plan;
  const [height, width, channels] = inputShape as [number, number, number];
  const imageSize = height * width * channels;
  const views = viewsOf[tta];
  const size = Math.max(1, Math.floor(batchSize / viewCounts[tta]));
  const traced = trace(
    (images) => {
      const seen = views(images as tf.Tensor4D);
      // Views of one kind lie together: [view, image] in one batch.
      const x = seen.length === 1 ? seen[0]! : tf.concat(seen, 0);
      const answers = tf.softmax(
        network.apply(normalise(x, normalisation), { training: false, folded: true }),
      );
      if (seen.length === 1) return [answers];
      return [tf.mean(tf.reshape(answers, [seen.length, -1, classCount]), 0)];
    },
    () => network.variables.map(({ variable }) => variable),
  );

  /** Takes the images over. */
  const answersTo = async (images: tf.Tensor4D): Promise<Float32Array> => {
    let answer: tf.Tensor | undefined;
    try {
      [answer] = traced(images) as [tf.Tensor];
      return (await answer.data()) as Float32Array;
    } finally {
      tf.dispose(answer ? [images, answer] : images);
    }
  };

  return {
    async predict(pixels, indices, { onProgress, signal } = {}) {
      const total = indices.length;
      const probabilities = new Float32Array(total * classCount);
      for (let start = 0; start < total; start += size) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw new AtelierError('CANCELLED', 'The prediction was cancelled.');
        const count = Math.min(size, total - start);
        const batch = new Float32Array(size * imageSize);
        for (let place = 0; place < count; place += 1) {
          const from = indices[start + place]! * imageSize;
          batch.set(pixels.subarray(from, from + imageSize), place * imageSize);
        }
        const values = await answersTo(tf.tensor4d(batch, [size, height, width, channels]));
        probabilities.set(values.subarray(0, count * classCount), start * classCount);
        onProgress?.(start + count, total);
      }
      return probabilities;
    },
    dispose: () => traced.dispose(),
  };
}

/** What the network sees of images [batch, height, width, channels]: as many views, each of the same shape. */
const viewsOf: Record<Tta, (images: tf.Tensor4D) => tf.Tensor4D[]> = {
  none: (images) => [images],
  flip: mirrored,
  'flip-shift': (images) => {
    const sides: [axis: 1 | 2, towards: 'start' | 'end'][] = [
      [2, 'end'],
      [2, 'start'],
      [1, 'end'],
      [1, 'start'],
    ];
    return [images, ...sides.map(([axis, towards]) => moved(images, axis, towards))].flatMap(mirrored);
  },
};
const viewCounts: Record<Tta, number> = { none: 1, flip: 2, 'flip-shift': 10 };

function mirrored(images: tf.Tensor4D): tf.Tensor4D[] {
  return [images, tf.reverse(images, 2)];
}

/** By one pixel along an axis: the border there enters twice, the one opposite leaves. */
function moved(images: tf.Tensor4D, axis: 1 | 2, towards: 'start' | 'end'): tf.Tensor4D {
  const length = images.shape[axis];
  const part = (from: number, count: number) => {
    const [begin, size] = [[0, 0, 0, 0], [...images.shape]];
    begin[axis] = from;
    size[axis] = count;
    return tf.slice(
      images,
      begin as [number, number, number, number],
      size as [number, number, number, number],
    );
  };
  return towards === 'end'
    ? tf.concat([part(0, 1), part(0, length - 1)], axis)
    : tf.concat([part(1, length - 1), part(length - 1, 1)], axis);
}
