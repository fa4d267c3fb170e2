/**
 * Groups of images that belong together, so that a split keeps each in one part: near duplicates, neighbours of a
 * sequence, and images whose names, folders or values of a column are the same. Why each image is in its group is kept.
 * Which images are alike, and what names say, is left to sequences.ts, name-keys.ts and the caller.
 */
import { AtelierError } from '#contract/errors.ts';
import { UnionFind } from './union-find.ts';

/** Why two images belong together; the strongest first. */
export const joinReasons = ['near-duplicate', 'sequence', 'column', 'pattern', 'prefix', 'folder'] as const;
export type JoinReason = (typeof joinReasons)[number];

/** Two images that look alike. */
export interface SimilarPair {
  a: number;
  b: number;
  /** More is more alike; in whatever unit the caller compares images. */
  similarity: number;
}

export interface Join {
  a: number;
  b: number;
  reason: JoinReason;
  /** Of the two images; null where a key is the reason. */
  similarity: number | null;
  /** That both share; null where similarity is the reason. */
  key: string | null;
}

/** What speaks for being together. Images are their places, from 0; a key is a text for each image, the empty one no reason. */
export interface Reasons {
  nearDuplicates?: readonly SimilarPair[];
  sequences?: readonly SimilarPair[];
  column?: readonly string[];
  pattern?: readonly string[];
  prefix?: readonly string[];
  folder?: readonly string[];
}

export interface Groups {
  /** Of each image, from 0 in the order in which they are met. */
  groups: Int32Array;
  count: number;
  /** As many as it takes to hold each group together, the strongest reasons first: none of them could be left out. */
  joins: Join[];
}

/**
 * Joins images that share any reason, directly or through others. The groups do not depend on the order of pairs or
 * images; only their numbers do.
 * @throws BAD_REQUEST where a pair names an image that is not there, or a list of keys is not one for each image
 */
export function groupImages(count: number, reasons: Reasons): Groups {
  const sets = new UnionFind(count);
  const joins: Join[] = [];
  const join = (made: Join) => {
    if (sets.join(made.a, made.b)) joins.push(made);
  };
  const joinPairs = (reason: JoinReason, pairs: readonly SimilarPair[]) => {
    const sorted = [...pairs].sort((p, q) => q.similarity - p.similarity || p.a - q.a || p.b - q.b);
    for (const { a, b, similarity } of sorted) {
      for (const place of [a, b]) refuseOther(place, count, reason);
      join({ a, b, reason, similarity, key: null });
    }
  };
  const joinKeys = (reason: JoinReason, keys: readonly string[]) => {
    if (keys.length !== count)
      throw new AtelierError(
        'BAD_REQUEST',
        `Expected a ${reason} for each of ${count} images, received ${keys.length}.`,
        { reason, images: count, keys: keys.length },
      );
    const first = new Map<string, number>();
    keys.forEach((key, place) => {
      if (key === '') return;
      const other = first.get(key);
      if (other === undefined) first.set(key, place);
      else join({ a: other, b: place, reason, similarity: null, key });
    });
  };
  for (const reason of joinReasons) {
    if (reason === 'near-duplicate') joinPairs(reason, reasons.nearDuplicates ?? []);
    else if (reason === 'sequence') joinPairs(reason, reasons.sequences ?? []);
    else if (reasons[reason]) joinKeys(reason, reasons[reason]);
  }
  const groups = sets.numbered();
  return { groups, count: groups.reduce((most, group) => Math.max(most, group + 1), 0), joins };
}

function refuseOther(place: number, count: number, reason: JoinReason): void {
  if (Number.isInteger(place) && place >= 0 && place < count) return;
  throw new AtelierError(
    'BAD_REQUEST',
    `Expected a ${reason} pair of images from 0 to ${count - 1}, received ${place}.`,
    { reason, images: count, place },
  );
}

/** Why the images of each group are together: how many of its joins each reason made. Groups of one image are left out. */
export function reasonsOfGroups({ groups, joins }: Groups): Map<number, Record<JoinReason, number>> {
  const counts = new Map<number, Record<JoinReason, number>>();
  for (const { a, reason } of joins) {
    const group = groups[a]!;
    if (!counts.has(group))
      counts.set(
        group,
        Object.fromEntries(joinReasons.map((each) => [each, 0])) as Record<JoinReason, number>,
      );
    counts.get(group)![reason] += 1;
  }
  return counts;
}
