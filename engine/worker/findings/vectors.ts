/** The embeddings of a project that are there, for who compares images by them. Runs in workers. */
import * as tf from '@tensorflow/tfjs';
import {
  type EmbeddingNetwork,
  embeddingNetwork,
  type EmbeddingOrigin,
} from '#learning/embeddings/embedding-network.ts';
import { normaliseRows } from '#learning/embeddings/vector-table.ts';
import { openFeatureFile } from '../../images/features/feature-store.ts';
import type { Original } from '../../images/storage/changed-originals.ts';
import { workerEngine } from '../engine.ts';

export interface Vectors {
  network: EmbeddingNetwork;
  /** Numbers of each. */
  size: number;
  /** Place among the images asked for, rising, of each that has one. */
  places: Int32Array;
  /** [n, size], of length 1. */
  values: Float32Array;
}

/** @returns null where no image has one. @throws BACKBONE_NOT_FOUND, NOT_FOUND, CHECKPOINT_DAMAGED, ENGINE_NOT_FOUND */
export async function readVectors(
  project: string,
  items: readonly Original[],
  rows: Int32Array,
  origin: EmbeddingOrigin,
): Promise<Vectors | null> {
  const network = await embeddingNetwork(origin);
  const { preprocessing, size } = network;
  const hashes = items.map(({ hash }) => hash);
  const file = await openFeatureFile('read', project, preprocessing, hashes, network);
  if (!file) return null;
  const values = new Float32Array(rows.length * size);
  let missing: Set<number>;
  try {
    missing = new Set(await file.read(rows, values));
  } finally {
    await file.close();
  }
  const places = Int32Array.from(rows.keys()).filter((place) => !missing.has(place));
  if (places.length === 0) return null;
  places.forEach((place, at) => values.copyWithin(at * size, place * size, (place + 1) * size));
  const kept = values.subarray(0, places.length * size);
  normaliseRows(kept, size);
  await workerEngine();
  return { network, size, places, values: kept };
}

/** Less the mean of all, of length 1: what all have in common tells nothing. The caller's to dispose of. */
export function centred(values: Float32Array, size: number, mean: Float32Array): tf.Tensor2D {
  return tf.tidy(() => {
    const less = tf.sub(tf.tensor2d(values, [values.length / size, size]), tf.tensor2d(mean, [1, size]));
    return tf.div(less, tf.maximum(1e-6, tf.norm(less, 2, 1, true))) as tf.Tensor2D;
  });
}
