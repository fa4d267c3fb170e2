/**
 * k-means (Lloyd 1982) with the seeding of Arthur and Vassilvitskii (2007), on vectors brought to length 1, so that alike means the cosine. Seeded, so
 * that the same vectors always fall into the same clusters.
 */
import { generator, normal } from '../random-numbers.ts';
import type { Work } from '../work-in-turns.ts';

const mostRounds = 30;
/** Longer vectors are brought to so many numbers by a random projection, which keeps distances within some per cent (Johnson and Lindenstrauss 1984). */
const mostNumbers = 64;

/** @returns [count, numbers], as they are where they are short */
export function* shortened(
  vectors: Float32Array,
  size: number,
  seed: number,
): Work<{ vectors: Float32Array; size: number }> {
  if (size <= 2 * mostNumbers) return { vectors, size };
  const count = vectors.length / size;
  const axes = Float32Array.from({ length: mostNumbers * size }, normal(generator(seed, size)));
  const short = new Float32Array(count * mostNumbers);
  for (let row = 0; row < count; row += 1) {
    for (let axis = 0; axis < mostNumbers; axis += 1) {
      let sum = 0;
      for (let index = 0; index < size; index += 1)
        sum += axes[axis * size + index]! * vectors[row * size + index]!;
      short[row * mostNumbers + axis] = sum;
    }
    if (row % 16 === 0) yield;
  }
  return { vectors: short, size: mostNumbers };
}

/**
 * @param vectors [count, size] row by row; brought to length 1 in place
 * @returns the cluster of each, 0 to k - 1, int32 [count]; some may have none
 */
export function* kMeans(vectors: Float32Array, size: number, k: number, seed: number): Work<Int32Array> {
  const count = vectors.length / size;
  for (let row = 0; row < count; row += 1) {
    normalise(vectors.subarray(row * size, (row + 1) * size));
    if (row % 1024 === 0) yield;
  }
  const centres = yield* firstCentres(vectors, size, count, k, generator(seed, k));
  const found = new Int32Array(count).fill(-1);
  for (let round = 0; round < mostRounds; round += 1) {
    let changed = 0;
    for (let row = 0; row < count; row += 1) {
      const nearest = nearestOf(vectors, row, size, centres);
      if (nearest !== found[row]) changed += 1;
      found[row] = nearest;
      if (row % 64 === 0) yield;
    }
    if (changed === 0) break;
    const [sums, members] = [new Float64Array(k * size), new Int32Array(k)];
    for (let row = 0; row < count; row += 1) {
      members[found[row]!]! += 1;
      for (let index = 0; index < size; index += 1)
        sums[found[row]! * size + index]! += vectors[row * size + index]!;
    }
    for (let cluster = 0; cluster < k; cluster += 1)
      if (members[cluster]! > 0)
        for (let index = 0; index < size; index += 1)
          centres[cluster * size + index] = sums[cluster * size + index]! / members[cluster]!;
    yield;
  }
  return found;
}

/** Each next one is drawn with the square of the distance to those before. */
function* firstCentres(
  vectors: Float32Array,
  size: number,
  count: number,
  k: number,
  uniform: () => number,
): Work<Float64Array> {
  const centres = new Float64Array(k * size);
  const nearest = new Float64Array(count).fill(Infinity);
  let picked = Math.floor(uniform() * count);
  for (let cluster = 0; cluster < k; cluster += 1) {
    centres.set(vectors.subarray(picked * size, (picked + 1) * size), cluster * size);
    let total = 0;
    for (let row = 0; row < count; row += 1) {
      nearest[row] = Math.min(nearest[row]!, distance(vectors, row, size, centres, cluster));
      total += nearest[row]!;
      if (row % 1024 === 0) yield;
    }
    let left = uniform() * total;
    picked = 0;
    while (picked < count - 1 && (left -= nearest[picked]!) > 0) picked += 1;
  }
  return centres;
}

function nearestOf(vectors: Float32Array, row: number, size: number, centres: Float64Array): number {
  let [best, least] = [0, Infinity];
  for (let cluster = 0; cluster * size < centres.length; cluster += 1) {
    const away = distance(vectors, row, size, centres, cluster);
    if (away < least) [best, least] = [cluster, away];
  }
  return best;
}

function distance(
  vectors: Float32Array,
  row: number,
  size: number,
  centres: Float64Array,
  cluster: number,
): number {
  let sum = 0;
  for (let index = 0; index < size; index += 1)
    sum += (vectors[row * size + index]! - centres[cluster * size + index]!) ** 2;
  return sum;
}

function normalise(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares > 0)
    for (let index = 0; index < vector.length; index += 1) vector[index]! /= Math.sqrt(squares);
}
