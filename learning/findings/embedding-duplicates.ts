/**
 * Pairs of images whose embeddings are nearly the same, and which of them are copies. Pure; where embeddings come from, and which are nearest, is left to
 * learning/embeddings.
 */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import type { DuplicatePair } from './near-duplicates.ts';

/**
 * Pairs of images whose embeddings are nearly the same.
 * @param neighbours of each image by its embedding, less the mean of all: what all have in common says nothing
 * @param least cosine
 */
export function embeddingDuplicates({ count, places, cosines }: Neighbours, least: number): DuplicatePair[] {
  const pairs = new Map<string, DuplicatePair>();
  for (let at = 0; at < places.length; at++) {
    const [place, other, similarity] = [Math.floor(at / count), places[at]!, cosines[at]!];
    if (other < 0 || similarity < least) continue;
    const [first, second] = [Math.min(place, other), Math.max(place, other)];
    pairs.set(`${first} ${second}`, { first, second, kind: 'embedding', similarity, mirrored: false });
  }
  return [...pairs.values()];
}

/** A pair by embeddings is a copy from this cosine on, and only where others that look alike are clearly less so. */
export const embeddingLimits = { cosine: 0.9, standout: 0.35 };
/** Pairs down to this cosine tell how near look-alikes are. */
export const lookAlikeCosine = 0.8;
/** How many copies an image may have before they are taken for look-alikes of each other. */
const copies = 3;

/**
 * Which pairs are copies: in a data set of one kind of thing many embeddings are near each other, so a pair must stand out, as that
 * of pictures must (near-duplicates.ts).
 * @param pairs of embeddingDuplicates, down to `lookAlikeCosine`
 */
export function chooseEmbeddingDuplicates(
  pairs: readonly DuplicatePair[],
  limits = embeddingLimits,
): DuplicatePair[] {
  const near = new Map<number, number[]>();
  for (const { first, second, similarity } of pairs)
    for (const place of [first, second]) {
      const known = near.get(place);
      if (known) known.push(similarity);
      else near.set(place, [similarity]);
    }
  const lookAlike = new Map<number, number>();
  for (const [place, cosines] of near) lookAlike.set(place, 1 - (cosines.sort((a, b) => b - a)[copies] ?? 0));
  return pairs.filter(
    ({ first, second, similarity }) =>
      similarity >= limits.cosine &&
      1 - similarity <= limits.standout * Math.min(lookAlike.get(first)!, lookAlike.get(second)!),
  );
}

/** [size], of [n, size]. */
export function meanOf(vectors: Float32Array, size: number): Float32Array {
  const sums = new Float64Array(size);
  for (let at = 0; at < vectors.length; at++) sums[at % size]! += vectors[at]!;
  return Float32Array.from(sums, (sum) => sum / Math.max(1, vectors.length / size));
}
