/**
 * Images that are far from all others in the space of embeddings. Pure; what an embedding is, and what is done about an outlier, is
 * left to others.
 */
import { generator, shuffle } from '#learning/random-numbers.ts';
import type { Work } from '#learning/work-in-turns.ts';
import { dot } from './dot.ts';
import { robustSpread } from './robust.ts';

export interface Outlier {
  place: number;
  /** Mean distance to its nearest, √(2 − 2 cosine). */
  distance: number;
  /** By how many robust standard deviations that is above the median of all; ∞ where all others are at one distance. */
  score: number;
}

/** Robust standard deviations from which an image is one, unless said otherwise. */
export const leastOutlierScore = 3;

export interface OutlierOptions {
  /** Nearest ones whose distance is averaged. */
  neighbours?: number;
  /** Least score. */
  least?: number;
  /** Up to so many images each is compared with each; above, with so many drawn (Sugiyama and Borgwardt 2013). */
  most?: number;
  seed?: number;
}

/**
 * Distance to the k nearest (Ramaswamy, Rastogi and Shim 2000; their mean: Angiulli and Pizzuti 2002), against the median and MAD of the
 * data set. Directions are compared; embeddings of zeros or with numbers that are none are left out.
 * @param embeddings [n, size]
 * @returns those at or above the least score, the farthest first
 */
export function* embeddingOutliers(
  embeddings: Float32Array,
  size: number,
  { neighbours = 10, least = leastOutlierScore, most = 4000, seed = 1 }: OutlierOptions = {},
): Work<Outlier[]> {
  const { unit, places } = directions(embeddings, size);
  if (places.length < 3) return [];
  const drawn = shuffle(
    Int32Array.from(places, (_, at) => at),
    generator(seed),
  ).subarray(0, most);
  const nearest = Math.min(neighbours, drawn.length - 1);
  const distances = new Float64Array(places.length);
  const best = new Float64Array(nearest);
  for (let at = 0; at < places.length; at++) {
    if (at % 4 === 0) yield;
    best.fill(-2);
    for (const other of drawn) {
      if (other === at) continue;
      const cosine = dot(unit, at * size, unit, other * size, size);
      if (cosine <= best[nearest - 1]!) continue;
      let place = nearest - 1;
      for (; place > 0 && best[place - 1]! < cosine; place--) best[place] = best[place - 1]!;
      best[place] = cosine;
    }
    distances[at] = best.reduce((sum, cosine) => sum + Math.sqrt(Math.max(0, 2 - 2 * cosine)), 0) / nearest;
  }
  const { median, deviation } = robustSpread(distances);
  return Array.from(distances, (distance, at) => {
    const above = distance - median;
    return { place: places[at]!, distance, score: above === 0 ? 0 : above / deviation };
  })
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.distance - a.distance || a.place - b.place);
}

/** Each of length 1, without those that have no direction. */
function directions(embeddings: Float32Array, size: number): { unit: Float32Array; places: number[] } {
  const count = embeddings.length / size;
  if (!Number.isInteger(count))
    throw new RangeError(`Expected embeddings of ${size} numbers, received ${embeddings.length} values`);
  const usable = Array.from({ length: count }, (_, place) => place).filter((place) => {
    const square = dot(embeddings, place * size, embeddings, place * size, size);
    return square > 0 && Number.isFinite(square);
  });
  const rows = new Float32Array(usable.length * size);
  usable.forEach((place, at) => {
    const row = embeddings.subarray(place * size, (place + 1) * size);
    const length = Math.sqrt(dot(row, 0, row, 0, size));
    for (let number = 0; number < size; number++) rows[at * size + number] = row[number]! / length;
  });
  return { unit: rows, places: usable };
}
