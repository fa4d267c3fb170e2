/**
 * Images whose embeddings are so alike that they show the same thing again: another photograph of it is no near duplicate by its
 * pixels, yet a network that trains on one knows the other. Pure; where embeddings come from is left to the caller.
 */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import { dot } from '#learning/findings/dot.ts';
import { embeddingDuplicates } from '#learning/findings/embedding-duplicates.ts';
import type { SimilarPair } from './groups.ts';
import { UnionFind } from './union-find.ts';

/** Cosine, once the mean of all was taken away; on TrashNet pairs above show one thing, with few exceptions (docs/decisions/0049). */
export const leastSimilarity = 0.65;
const step = 0.01;
/**
 * Where pairs chain so large a share of all images together, look-alikes are the kind of thing itself and say nothing of single
 * ones: then only closer pairs count.
 */
const mostShare = 0.05;
const alwaysAllowed = 8;

/** Each less the mean of all, at length 1; of zeros where it is the mean. @param embeddings [n, size] */
export function centredUnit(embeddings: Float32Array, size: number): Float32Array {
  const count = embeddings.length / size;
  const sums = new Float64Array(size);
  for (let at = 0; at < embeddings.length; at++) sums[at % size]! += embeddings[at]!;
  const result = new Float32Array(embeddings.length);
  for (let place = 0; place < count; place++) {
    const from = place * size;
    for (let at = 0; at < size; at++) result[from + at] = embeddings[from + at]! - sums[at]! / count;
    const norm = Math.sqrt(dot(result, from, result, from, size));
    if (norm > 0) for (let at = 0; at < size; at++) result[from + at]! /= norm;
  }
  return result;
}

/** Neighbours of each image that are looked at: as many as show one thing, and more. */
export const lookAlikeNeighbours = 48;

/**
 * Pairs of images that look alike by their embeddings.
 * @param neighbours of each, by `centredUnit`
 * @returns the most alike first
 */
export function embeddingLookAlikes(neighbours: Neighbours): SimilarPair[] {
  const count = neighbours.places.length / Math.max(1, neighbours.count);
  const pairs = embeddingDuplicates(neighbours, leastSimilarity)
    .map(({ first, second, similarity }): SimilarPair => ({ a: first, b: second, similarity }))
    .sort((p, q) => q.similarity - p.similarity || p.a - q.a || p.b - q.b);
  for (let least = leastSimilarity; ; least += step) {
    const kept = least === leastSimilarity ? pairs : pairs.filter(({ similarity }) => similarity >= least);
    if (kept.length === 0 || largestOf(count, kept) <= Math.max(alwaysAllowed, mostShare * count))
      return kept;
  }
}

function largestOf(count: number, pairs: readonly SimilarPair[]): number {
  const sets = new UnionFind(count);
  for (const { a, b } of pairs) sets.join(a, b);
  const sizes = new Int32Array(count);
  for (const group of sets.numbered()) sizes[group]! += 1;
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}
