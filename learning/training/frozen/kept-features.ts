/**
 * What the frozen layers give for the images of a training, computed once and then learned from: the steps begin behind
 * them. Random changes of images are a few views of each, drawn beforehand. Where features are kept between runs is the
 * store's; the arithmetic is evaluation/features.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#recipe/recipe.ts';
import { openFeatureReader } from '#learning/evaluation/features.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import { featureKey, type View, viewKey, viewsOf } from '#learning/model/feature-key.ts';
import { type Network, readWeights } from '#learning/model/network.ts';
import { product } from '#recipe/shape.ts';
import type { Normalisation } from '#learning/model/preprocessing.ts';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { pixelsOf, type TrainingData } from '#learning/training/loop/training-data.ts';
import { addPace, type Paced } from '#learning/timing/paced.ts';

/** Nothing outlives the run. */
const noStore: FeatureStore = { read: (_key, rows, _size, compute) => compute(rows, 0) };

export interface KeptFeatures {
  /** Operations that are left out of a step. */
  readonly count: number;
  /** Numbers of a row. */
  readonly size: number;
  /** Of each training image. */
  readonly views: number;
  /** Images that were looked at for them, each view by itself. */
  readonly computed: number;
  /** Seconds that most of them took: what the first call of each view takes is tracing. */
  readonly paced: Paced;
  /** Class index of each row. */
  readonly labels: Int32Array;
  /** Where the features of an image lie; validation images have one view. @param view from 0 */
  rowOf(image: number, view: number): number;
  /** rows int32 [batch] → float32 [batch, ...shape]. May be traced. */
  gather(rows: tf.Tensor1D): tf.Tensor;
  dispose(): void;
}

export interface KeepOptions {
  signal: AbortSignal;
  store?: FeatureStore;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Computes them, or takes them from the store.
 * @param network whose frozen weights are as they will be
 * @throws CANCELLED, OUT_OF_MEMORY
 */
export async function keepFeatures(
  network: Network,
  recipe: Recipe,
  data: TrainingData,
  normalisation: Normalisation,
  { count, views }: { count: number; views: number },
  { signal, store = noStore, onProgress }: KeepOptions,
): Promise<KeptFeatures> {
  const { labels, train, validation } = data;
  const reader = openFeatureReader(network, normalisation, count);
  let computed = 0;
  const paced: Paced = { count: 0, seconds: 0 };
  try {
    const size = product(reader.shape);
    const base = featureKey(network.plan, normalisation, count, await readWeights(network));
    const kept = train.length * views + validation.length;
    let before = 0;
    const read = async (rows: Int32Array, view: View | null) => {
      const key = viewKey(base, view);
      const values = await store.read(key, rows, size, async (missing, there) => {
        computed += missing.length;
        const pixels = await pixelsOf(data);
        let first: { done: number; at: number } | null = null;
        return reader.read(pixels, missing, view, {
          signal,
          onProgress(done) {
            const now = performance.now();
            if (first) addPace(paced, done - first.done, (now - first.at) / 1000);
            first = { done, at: now };
            onProgress?.(before + there + done, kept);
          },
        });
      });
      before += rows.length;
      onProgress?.(before, kept);
      return values;
    };
    const parts: Float32Array[] = [];
    for (const view of viewsOf(recipe, views)) parts.push(await read(train, view));
    parts.push(await read(validation, null));

    const rows = tf.tensor(joined(parts), [kept, ...reader.shape]);
    // By image; validation images have one view, which lies behind those of the others.
    const places = new Int32Array(labels.length);
    validation.forEach((image, place) => (places[image] = train.length * views + place));
    train.forEach((image, place) => (places[image] = place));
    const ofTraining = Int32Array.from(train, (image) => labels[image]!);
    return {
      count,
      size,
      views,
      computed,
      paced,
      labels: joinedLabels([
        ...Array.from({ length: views }, () => ofTraining),
        Int32Array.from(validation, (image) => labels[image]!),
      ]),
      rowOf: (image, view) => {
        const place = places[image]!;
        return place < train.length ? (view % views) * train.length + place : place;
      },
      gather: (indices) => gatherRows(rows, indices),
      dispose: () => rows.dispose(),
    };
  } finally {
    reader.dispose();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

const joinedLabels = (parts: readonly Int32Array[]): Int32Array =>
  Int32Array.from(parts.flatMap((part) => [...part]));
