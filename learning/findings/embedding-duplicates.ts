/**
 * Pairs of images whose embeddings are nearly the same, without comparing each with each: random projections as hashes (SimHash,
 * Charikar 2002), then the cosine of those that share one. Pure; where embeddings come from is left to learning/embeddings.
 */
import { generator } from '#learning/random-numbers.ts';
import type { Work } from '#learning/work-in-turns.ts';
import { HashIndex } from './hash-index.ts';
import type { DuplicatePair } from './near-duplicates.ts';
import { hashBits, signsOf } from './perceptual-hash.ts';
import { dot } from './dot.ts';

/** Numbers of an embedding that go into each projection: as good as all of them (Achlioptas 2003; Li et al. 2006), and cheaper. */
const projected = 64;
/** Bits apart up to which a cosine is computed: of vectors at a cosine of 0.95 it is 2 in 10,000 that have more, at 0.9 it is 8 in 1,000 (binomial). */
const furthest = 16;

/**
 * @param embeddings [n, size], of any length each; of zeros is like none
 * @param least cosine, once the mean of all was taken away: what all have in common says nothing
 * @param seed of the projections
 */
export function* embeddingDuplicates(
  embeddings: Float32Array,
  size: number,
  least: number,
  seed = 1,
): Work<DuplicatePair[]> {
  const count = embeddings.length / size;
  if (!Number.isInteger(count))
    throw new RangeError(`Expected embeddings of ${size} numbers, received ${embeddings.length} values`);
  const mean = meanOf(embeddings, size);
  const { sketches, norms } = yield* project(embeddings, size, mean, seed);
  const hashes = new Uint32Array(2 * count);
  for (let place = 0; place < 2 * count; place++)
    hashes[place] = signsOf(sketches, (place >> 1) * hashBits, (place & 1) as 0 | 1);
  const index = new HashIndex(hashes, 3);

  const centred = new Float32Array(size);
  const dotWithMean = new Float64Array(count);
  const meanSquare = dot(mean, 0, mean, 0, size);
  for (let place = 0; place < count; place++)
    dotWithMean[place] = dot(embeddings, place * size, mean, 0, size);
  const looked = new Int32Array(count).fill(-1);
  const pairs: DuplicatePair[] = [];
  for (let second = 0; second < count; second++) {
    if (second % 64 === 0) yield;
    if (norms[second] === 0) continue;
    for (let at = 0; at < size; at++) centred[at] = embeddings[second * size + at]! - mean[at]!;
    const away = dotWithMean[second]! - meanSquare;
    index.find(sketches.subarray(second * hashBits, (second + 1) * hashBits), furthest, (first) => {
      if (first >= second || looked[first] === second || norms[first] === 0) return;
      looked[first] = second;
      const product = dot(embeddings, first * size, centred, 0, size) - away;
      const similarity = product / (norms[first]! * norms[second]!);
      if (similarity >= least) pairs.push({ first, second, kind: 'embedding', similarity, mirrored: false });
    });
  }
  return pairs;
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

/** Each less the mean, on 64 random directions of a few numbers each, [n, 64]; and its length. */
function* project(
  embeddings: Float32Array,
  size: number,
  mean: Float32Array,
  seed: number,
): Work<{ sketches: Float32Array; norms: Float32Array }> {
  const count = embeddings.length / size;
  const random = generator(seed, size);
  const terms = Math.min(size, projected);
  const places = Int32Array.from({ length: hashBits * terms }, () => Math.floor(random() * size));
  const signs = Float32Array.from({ length: hashBits * terms }, () => (random() < 0.5 ? -1 : 1));
  const sketches = new Float32Array(count * hashBits);
  const norms = new Float32Array(count);
  const centred = new Float32Array(size);
  for (let place = 0; place < count; place++) {
    if (place % 64 === 0) yield;
    for (let at = 0; at < size; at++) centred[at] = embeddings[place * size + at]! - mean[at]!;
    norms[place] = Math.sqrt(dot(centred, 0, centred, 0, size));
    for (let bit = 0; bit < hashBits; bit++) {
      let sum = 0;
      for (let at = bit * terms; at < (bit + 1) * terms; at++) sum += signs[at]! * centred[places[at]!]!;
      sketches[place * hashBits + bit] = sum;
    }
  }
  return { sketches, norms };
}

/** [size], of [n, size]. */
export function meanOf(vectors: Float32Array, size: number): Float32Array {
  const sums = new Float64Array(size);
  for (let at = 0; at < vectors.length; at++) sums[at % size]! += vectors[at]!;
  return Float32Array.from(sums, (sum) => sum / Math.max(1, vectors.length / size));
}
