/**
 * What the frozen layers give for the images of a training, computed once and then learned from: the steps begin behind
 * them. Random changes of images are a few views of each, drawn beforehand. Where features are kept between runs is the
 * store's; the arithmetic is evaluation/features.ts.
 */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '#contract/recipe.ts';
import { augmentations } from '#learning/augment/index.ts';
import { openFeatureReader, type View } from '#learning/evaluation/features.ts';
import { type FeatureStore, keptOperations } from '#learning/model/frozen.ts';
import { featureKey } from '#learning/model/feature-key.ts';
import { type Network, readWeights } from '#learning/model/network.ts';
import { product } from '#learning/model/operation.ts';
import type { Normalisation } from '#learning/model/preprocessing.ts';
import { gatherRows } from '#learning/tensorflow/operations.ts';
import { pixelsOf, type TrainingData } from './data.ts';

/** Nothing outlives the run. */
const noStore: FeatureStore = { read: (_key, rows, _size, compute) => compute(rows, 0) };

export interface KeptFeatures {
  /** Operations that are left out of a step. */
  readonly count: number;
  /** Of each training image. */
  readonly views: number;
  /** Images that were looked at for them, each view by itself. */
  readonly computed: number;
  /** Class index of each row. */
  readonly labels: Int32Array;
  /** Where the features of an image lie; validation images have one view. @param view from 0 */
  rowOf(image: number, view: number): number;
  /** rows int32 [batch] → float32 [batch, ...shape]. May be traced. */
  gather(rows: tf.Tensor1D): tf.Tensor;
  dispose(): void;
}

/** Bytes of features that are held in memory; more are computed anew in every step. */
const mostBytes = 3 * 2 ** 30;

/** What features are kept for a recipe, or why the frozen layers are computed in every step. */
export function planFeatures(
  { plan }: Pick<Network, 'plan'>,
  recipe: Recipe,
  { train, validation }: Pick<TrainingData, 'train' | 'validation'>,
): { count: number; views: number; bytes: number; reason: string | null } {
  const count = keptOperations(plan, recipe);
  const views = recipe.augmentation.length === 0 ? 1 : recipe.training.cachedViews;
  const size = count === 0 ? 0 : product(plan.operations[count - 1]!.outputShape);
  const bytes = (views * train.length + validation.length) * size * 4;
  const mixing = recipe.augmentation.find(({ kind }) => 'mix' in augmentations[kind]);
  const reason =
    count === 0
      ? null
      : mixing
        ? `${mixing.kind} mixes images of a batch, which are others at each step`
        : bytes > mostBytes
          ? `${(bytes / 2 ** 30).toFixed(1)} GiB of features would not fit into memory: freeze more layers, or keep fewer views`
          : null;
  return { count, views, bytes, reason };
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
  try {
    const size = product(reader.shape);
    const base = featureKey(network.plan, normalisation, count, await readWeights(network));
    const total = train.length * views + validation.length;
    let before = 0;
    const read = async (rows: Int32Array, view: View | null) => {
      const key = view ? digestOf([base, view]) : base;
      const values = await store.read(key, rows, size, async (missing, there) => {
        computed += missing.length;
        return reader.read(await pixelsOf(data), missing, view, {
          signal,
          onProgress: (done) => onProgress?.(before + there + done, total),
        });
      });
      before += rows.length;
      onProgress?.(before, total);
      return values;
    };
    const { augmentation, training } = recipe;
    const parts: Float32Array[] = [];
    for (let view = 0; view < views; view += 1)
      parts.push(
        await read(
          train,
          augmentation.length === 0 ? null : { augmentation, seed: [training.seed, (view + 1) * 0x100000] },
        ),
      );
    parts.push(await read(validation, null));

    const rows = tf.tensor(joined(parts), [total, ...reader.shape]);
    const places = new Map<number, number>();
    train.forEach((image, place) => places.set(image, place));
    const ofValidation = new Map<number, number>();
    validation.forEach((image, place) => ofValidation.set(image, train.length * views + place));
    const ofTraining = Int32Array.from(train, (image) => labels[image]!);
    return {
      count,
      views,
      computed,
      labels: joinedLabels([
        ...Array.from({ length: views }, () => ofTraining),
        Int32Array.from(validation, (image) => labels[image]!),
      ]),
      rowOf: (image, view) => {
        const place = places.get(image);
        return place === undefined ? ofValidation.get(image)! : (view % views) * train.length + place;
      },
      gather: (indices) => gatherRows(rows, indices),
      dispose: () => rows.dispose(),
    };
  } finally {
    reader.dispose();
  }
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

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
