/**
 * Images whose embeddings are so alike that they show the same thing again: another photograph of it is no near duplicate by its
 * pixels, yet a network that trains on one knows the other. Pure; where embeddings come from is left to the caller.
 */
import { dot } from '#learning/findings/dot.ts';
import { embeddingDuplicates } from '#learning/findings/embedding-duplicates.ts';
import type { Work } from '#learning/work-in-turns.ts';
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
/** Up to so many images each is compared with each; above, those with like hashes, which misses some of the less alike. */
const few = 4000;

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

/**
 * Pairs of images that look alike by their embeddings.
 * @param unit [n, size], of `centredUnit`
 * @returns the most alike first
 */
export function* embeddingLookAlikes(unit: Float32Array, size: number): Work<SimilarPair[]> {
  const count = unit.length / size;
  const pairs =
    count <= few
      ? yield* allPairs(unit, size, leastSimilarity)
      : (yield* embeddingDuplicates(unit, size, leastSimilarity)).map(({ first, second, similarity }) => ({
          ...{ a: first, b: second, similarity },
        }));
  pairs.sort((p, q) => q.similarity - p.similarity || p.a - q.a || p.b - q.b);
  for (let least = leastSimilarity; ; least += step) {
    const kept = least === leastSimilarity ? pairs : pairs.filter(({ similarity }) => similarity >= least);
    if (kept.length === 0 || largestOf(count, kept) <= Math.max(alwaysAllowed, mostShare * count))
      return kept;
    yield;
  }
}

function* allPairs(unit: Float32Array, size: number, least: number): Work<SimilarPair[]> {
  const count = unit.length / size;
  const pairs: SimilarPair[] = [];
  for (let b = 1; b < count; b++) {
    if (b % 16 === 0) yield;
    for (let a = 0; a < b; a++) {
      const similarity = dot(unit, a * size, unit, b * size, size);
      if (similarity >= least) pairs.push({ a, b, similarity });
    }
  }
  return pairs;
}

function largestOf(count: number, pairs: readonly SimilarPair[]): number {
  const sets = new UnionFind(count);
  for (const { a, b } of pairs) sets.join(a, b);
  const sizes = new Int32Array(count);
  for (const group of sets.numbered()) sizes[group]! += 1;
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}
