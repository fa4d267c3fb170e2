/** Which images of a data set are copies of each other, by their contents, small pictures and embeddings together. Runs in workers. */
import { type Neighbours, nearestOthers } from '#learning/embeddings/nearest-others.ts';
import { VectorTable } from '#learning/embeddings/vector-table.ts';
import {
  chooseEmbeddingDuplicates,
  embeddingDuplicates,
  lookAlikeCosine,
  meanOf,
} from '#learning/findings/embedding-duplicates.ts';
import {
  type AlikePair,
  chooseDuplicates,
  clusterDuplicates,
  type DuplicateCluster,
  type DuplicatePair,
  exactDuplicates,
  shapeNeighbours,
} from '#learning/findings/near-duplicates.ts';
import { dot } from '#learning/findings/dot.ts';
import { shapeSize, shapeVectors } from '#learning/findings/shape-vectors.ts';
import { workerEngine } from '../engine.ts';
import { comparePictures } from './compare-pictures.ts';
import { refuseCancelled } from './pictures.ts';
import type { Vectors } from './vectors.ts';

/** Pairs that look alike, copies or not: what tells copies from look-alikes. Places are those of the pictures. */
export interface Alike {
  pictures: readonly AlikePair[];
  embeddings: readonly DuplicatePair[];
}

/** Of each embedding: as many as tell copies from look-alikes. */
const embeddingNeighbours = 16;

/** @param onPicture told how many pictures were looked at. @throws CANCELLED */
export async function findAlike(
  grey: Uint8Array,
  vectors: Vectors | null,
  signal: AbortSignal,
  onPicture: (place: number) => void,
): Promise<Alike> {
  const pictures = await comparePictures(grey, await nearestShapes(grey, signal), { signal, onPicture });
  if (!vectors) return { pictures, embeddings: [] };
  const { places, values, size } = vectors;
  const mean = meanOf(values, size);
  const centred = values.map((value, at) => value - mean[at % size]!);
  const pairs = embeddingDuplicates(
    await nearest(centred, size, embeddingNeighbours, signal),
    lookAlikeCosine,
  );
  return {
    pictures,
    embeddings: pairs.map((pair) => ({ ...pair, first: places[pair.first]!, second: places[pair.second]! })),
  };
}

/** Of each picture those of the nearest shapes: what is worth comparing pixel by pixel. */
export const nearestShapes = (grey: Uint8Array, signal: AbortSignal) =>
  nearest(shapeVectors(grey), shapeSize, shapeNeighbours, signal);

/** @param vectors [n, size], changed in place */
export async function nearest(
  vectors: Float32Array,
  size: number,
  count: number,
  signal: AbortSignal,
): Promise<Neighbours> {
  await workerEngine();
  const table = new VectorTable(size);
  try {
    table.append(vectors);
    return await nearestOthers(table, count, () => refuseCancelled(signal));
  } finally {
    table.dispose();
  }
}

/** Up to so many images all pairs are looked for anew where some come in; above, this takes minutes. */
const mostAnew = 5000;

/**
 * The same with images that come after those of `alike`. Of many images pairs are looked for from the side of the new ones
 * alone: one that only the other side would find is missed.
 * @param grey [n + new, 32, 32] @param embeddings of the new ones, [new, size], of length 1; null without
 */
export async function findAlikeOfNew(
  alike: Alike,
  grey: Uint8Array,
  from: number,
  vectors: Vectors | null,
  embeddings: Float32Array | null,
  signal: AbortSignal,
): Promise<Alike> {
  const anew = from <= mostAnew;
  const pictures = await comparePictures(grey, await nearestShapes(grey, signal), {
    from: anew ? 0 : from,
    signal,
  });
  const pairs: DuplicatePair[] = [];
  if (vectors && embeddings) {
    const { values, size, places } = vectors;
    const mean = meanOf(values, size);
    const less = (all: Float32Array, at: number) =>
      Float32Array.from({ length: size }, (_, place) => all[at * size + place]! - mean[place]!);
    const added = Array.from({ length: embeddings.length / size }, (_, at) => less(embeddings, at));
    for (let at = 0; at < places.length; at += 1) {
      const own = less(values, at);
      added.forEach((other, index) => {
        const similarity = cosine(own, other);
        if (similarity >= lookAlikeCosine)
          pairs.push({
            first: places[at]!,
            second: from + index,
            kind: 'embedding',
            similarity,
            mirrored: false,
          });
      });
    }
  }
  return {
    pictures: anew ? pictures : [...alike.pictures, ...pictures],
    embeddings: [...alike.embeddings, ...pairs],
  };
}

const cosine = (a: Float32Array, b: Float32Array) => {
  const { length } = a;
  const norms = dot(a, 0, a, 0, length) * dot(b, 0, b, 0, length);
  return norms === 0 ? 0 : dot(a, 0, b, 0, length) / Math.sqrt(norms);
};

/** @param contents a hash of what each image holds; those that are empty are like none */
export const clustersOf = (
  contents: readonly string[],
  { pictures, embeddings }: Alike,
): DuplicateCluster[] =>
  clusterDuplicates(contents.length, [
    ...exactDuplicates(contents),
    ...chooseDuplicates(pictures),
    ...chooseEmbeddingDuplicates(embeddings),
  ]);
