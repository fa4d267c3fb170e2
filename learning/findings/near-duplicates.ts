/**
 * Near duplicates among images: copies that were moved, mirrored, made brighter or encoded anew, in clusters with the evidence for each. Pure.
 * Small pictures, hashes of contents and embeddings are brought by the caller; what is done about the clusters is left to whoever asks.
 */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import { UnionFind } from '#learning/splits/union-find.ts';
import type { Work } from '#learning/work-in-turns.ts';
import { PictureCandidates } from './picture-candidates.ts';
import { type Comparison, PictureComparer } from './picture-comparison.ts';

/** Why two images are taken for copies, and how alike they are: 1 for the same. */
export interface DuplicatePair {
  /** Places of the images, the smaller one first. */
  first: number;
  second: number;
  /** The same content; small pictures that lie on each other; embeddings. */
  kind: 'exact' | 'hash' | 'embedding';
  /** `hash`: 1 − distance of the comparison. `embedding`: the cosine. */
  similarity: number;
  mirrored: boolean;
}

export interface DuplicateCluster {
  /** Places of its images, rising. */
  members: number[];
  /** All that joins them, the most alike first. */
  evidence: DuplicatePair[];
}

/** Up to which two pictures are taken for copies. */
export interface PictureLimits {
  /** Of a comparison: no more, however far all others are. */
  distance: number;
  /** Grey levels of 255 that are not explained: what encoding leaves. */
  residual: number;
  /** A copy is nearer than this share of the distance to look-alikes. */
  standout: number;
}

/**
 * Copies fit one of these: what lies on each other well, better than look-alikes do; what a greater change has left, where look-alikes are far or nothing else is anywhere near;
 * and what is all but the same, where look-alikes are dense. Measured on TrashNet and Fashion-MNIST (bench/near-duplicates.ts).
 */
export const pictureLimits: readonly PictureLimits[] = [
  { distance: 0.06, residual: 16, standout: 0.35 },
  { distance: 0.085, residual: 16, standout: 0.25 },
  { distance: 0.1, residual: 24, standout: 0.1 },
  { distance: 0.012, residual: 16, standout: 0.6 },
];
/** No copy is farther, whatever else there is. */
export const furthestCopy = Math.max(...pictureLimits.map(({ distance }) => distance));
/** Times the contrast of the other: a light thing and a dark one of one shape are no copies. */
const mostGain = 1.6;

/** Pictures with less contrast, in grey levels, have nothing to be compared by. */
const leastDeviation = 3;
/** Neighbours of each picture by its shape that are looked at. */
export const shapeNeighbours = 48;
/** Of these, compared in all pixels and details. */
const compared = 8;
/** Residual up to which details are compared, in grey levels. */
const worthDetail = 32;
/** How many copies an image may have before they are taken for look-alikes of each other: the next one tells how far those are. */
const copies = 3;

interface AlikeOptions {
  from?: number;
  to?: number;
  onPicture?: (place: number) => void;
}

/** Two pictures that look alike, copies or not. */
export interface AlikePair {
  first: number;
  second: number;
  comparison: Comparison;
}

/**
 * The pictures most like each of a range, so that threads may share the work: what they find is put together in one list.
 * @param pictures [n, 32, 32], of greyPicture
 * @param neighbours those looked at of each picture: the nearest by shapeVectors
 * @param onPicture told now and then which picture is looked at
 */
export function* alikePictures(
  pictures: Uint8Array,
  neighbours: Pick<Neighbours, 'count' | 'places'>,
  { from = 0, to = Infinity, onPicture }: AlikeOptions = {},
): Work<AlikePair[]> {
  const comparer = new PictureComparer(pictures);
  const { deviations } = comparer;
  const candidates = new PictureCandidates(pictures, neighbours);
  const pairs: AlikePair[] = [];
  /** Pairs by number, those with a mirrored one apart: of two that find each other one compares. */
  const done = new Set<number>();
  for (let place = from; place < Math.min(to, deviations.length); place++) {
    if (deviations[place]! < leastDeviation) continue;
    if (place % 8 === 0) {
      onPicture?.(place);
      yield;
    }
    const likely = candidates
      .of(place)
      .filter((candidate) => deviations[candidate.place]! >= leastDeviation)
      .map(({ place: other, mirrored, shift: about }) => {
        const [shift, correlation] = comparer.glance(place, other, mirrored, about);
        return { other, mirrored, shift, correlation };
      })
      .sort((a, b) => b.correlation - a.correlation);
    for (const { other, mirrored, shift } of likely.slice(0, compared)) {
      const [first, second] = [Math.min(place, other), Math.max(place, other)];
      const key = 2 * (first * deviations.length + second) + Number(mirrored);
      if (done.has(key)) continue;
      done.add(key);
      const comparison = comparer.compare(place, other, mirrored, shift, worthDetail);
      pairs.push({ first, second, comparison });
    }
  }
  return pairs;
}

/**
 * Which of the pictures that look alike are copies: those that lie on each other nearly exactly, and clearly better than others that
 * look like them do. In a data set of one kind of thing many look alike which are no copies (as Lowe 2004 has it of features).
 * @param pairs of alikePictures; a pair may be there several times
 */
export function chooseDuplicates(
  pairs: readonly AlikePair[],
  limits: readonly PictureLimits[] = pictureLimits,
): DuplicatePair[] {
  const near = new Map<number, Map<number, Comparison>>();
  const note = (place: number, other: number, comparison: Comparison) => {
    let list = near.get(place);
    if (!list) near.set(place, (list = new Map()));
    const before = list.get(other);
    if (!before || comparison.distance < before.distance) list.set(other, comparison);
  };
  for (const { first, second, comparison } of pairs) {
    note(first, second, comparison);
    note(second, first, comparison);
  }
  /** How far the nearest is that is taken for a look-alike. */
  const lookAlikes = new Map<number, number>();
  for (const [place, list] of near)
    lookAlikes.set(
      place,
      [...list.values()].map(({ distance }) => distance).sort((a, b) => a - b)[copies] ?? 1,
    );
  const chosen: DuplicatePair[] = [];
  for (const [first, list] of near)
    for (const [second, { distance, residual, gain, mirrored }] of list) {
      if (second < first || gain > mostGain) continue;
      const others = Math.min(lookAlikes.get(first)!, lookAlikes.get(second)!);
      const isCopy = (limit: PictureLimits) =>
        distance <= limit.distance && residual <= limit.residual && distance <= limit.standout * others;
      if (!limits.some(isCopy)) continue;
      chosen.push({ first, second, kind: 'hash', similarity: 1 - distance, mirrored });
    }
  return chosen.sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Pairs of images of the same content, told by a hash of it each: each with the first that has it. Empty texts are no content. */
export function exactDuplicates(contents: readonly string[]): DuplicatePair[] {
  const known = new Map<string, number>();
  const pairs: DuplicatePair[] = [];
  contents.forEach((content, second) => {
    const first = known.get(content);
    if (content === '') return;
    if (first === undefined) known.set(content, second);
    else pairs.push({ first, second, kind: 'exact', similarity: 1, mirrored: false });
  });
  return pairs;
}

/**
 * Images that pairs join, directly or through others; those that are alone are left out.
 * @returns the largest clusters first, then by their first image
 */
export function clusterDuplicates(count: number, pairs: readonly DuplicatePair[]): DuplicateCluster[] {
  const sets = new UnionFind(count);
  for (const { first, second } of pairs) sets.join(first, second);
  const clusters = new Map<number, DuplicateCluster>();
  const involved = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))].sort((a, b) => a - b);
  for (const place of involved) {
    const root = sets.root(place);
    const cluster = clusters.get(root);
    if (cluster) cluster.members.push(place);
    else clusters.set(root, { members: [place], evidence: [] });
  }
  for (const pair of pairs) clusters.get(sets.root(pair.first))!.evidence.push(pair);
  for (const { evidence } of clusters.values()) evidence.sort((a, b) => b.similarity - a.similarity);
  return [...clusters.values()].sort(
    (a, b) => b.members.length - a.members.length || a.members[0]! - b.members[0]!,
  );
}
