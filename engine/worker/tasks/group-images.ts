/**
 * Task `group-images`: which images of a project belong together. Near duplicates and sequences by small pictures and, where they
 * were computed, embeddings; keys by names, folders, or a column of a table. Changes nothing: keeping them is the studio's.
 */
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { GroupKey, LookAlike } from '#contract/splits.ts';
import { embeddingNetwork, type EmbeddingOrigin } from '#learning/embeddings/embedding-network.ts';
import { dot } from '#learning/findings/dot.ts';
import { picturePixels } from '#learning/findings/grey-picture.ts';
import { chooseDuplicates } from '#learning/findings/near-duplicates.ts';
import { groupImages as joinImages, type SimilarPair } from '#learning/splits/groups.ts';
import { centredUnit, embeddingLookAlikes, lookAlikeNeighbours } from '#learning/splits/look-alikes.ts';
import { folderOf, patternKey, prefixOf } from '#learning/splits/name-keys.ts';
import { findSequences } from '#learning/splits/sequences.ts';
import { openFeatureFile } from '../../images/features/feature-store.ts';
import type { Original } from '../../images/storage/changed-originals.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { greyPictures } from '../../images/thumbnails/grey-pictures.ts';
import { readGroupColumn } from '../../intake/table/group-column.ts';
import { openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';
import { nearest, nearestShapes } from '../findings/alike.ts';
import { comparePictures } from '../findings/compare-pictures.ts';
import type { TaskFunction } from '../protocol.ts';

/** Numbered neighbours are compared with others that are drawn by it. */
const sequenceSeed = 1;

type Context = Parameters<TaskFunction<'group-images'>>[1];

export const groupImages: TaskFunction<'group-images'> = async (input, context) => {
  const { project, lastItemId, by, table, keys: known, origin } = input;
  const all = originalsUpTo(project, lastItemId);
  const places = [...all.keys()].filter((row) => !all[row]!.removed);
  const items = places.map((row) => all[row]!);
  const { keys, unmatched } = await keysOf(project, items, by.key, table, known);
  const [nearDuplicates, sequences] = by.lookAlikes
    ? await findLookAlikes(project, all, places, origin, context)
    : [[], []];
  const { groups } = joinImages(items.length, { nearDuplicates, sequences, column: keys });
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const told =
    (reason: LookAlike['reason']) =>
    ({ a, b, similarity }: SimilarPair): LookAlike => ({
      ...{ a: items[a]!.id, b: items[b]!.id, reason, similarity },
    });
  const near = new Set(nearDuplicates.map(keyOfPair));
  return {
    by,
    seenBy: origin ? 'pictures and embeddings' : 'pictures',
    lastItemId,
    unmatched,
    members: items.flatMap(({ id }, at): [number, number][] =>
      sizes.get(groups[at]!)! > 1 ? [[id, groups[at]!]] : [],
    ),
    pairs: [
      ...nearDuplicates.map(told('near-duplicate')),
      ...sequences.filter((pair) => !near.has(keyOfPair(pair))).map(told('sequence')),
    ],
    keys:
      by.key.kind === 'column'
        ? items.flatMap(({ id }, at): [number, string][] => (keys[at] === '' ? [] : [[id, keys[at]!]]))
        : [],
  };
};

const keyOfPair = ({ a, b }: SimilarPair) => `${Math.min(a, b)} ${Math.max(a, b)}`;

/** A text for each image, empty where nothing is said of it. @param known of a column that was read before */
async function keysOf(
  project: string,
  items: readonly Original[],
  key: GroupKey,
  table: string | null,
  known: readonly [number, string][],
): Promise<{ keys: string[]; unmatched: number }> {
  const by = (keyOf: (item: Original) => string) => ({ keys: items.map(keyOf), unmatched: 0 });
  switch (key.kind) {
    case 'none':
      return by(() => '');
    case 'folder':
      return by(({ sourceId, name }) => `${sourceId}/${folderOf(name)}`);
    case 'prefix':
      return by(({ name }) => prefixOf(name, key.separator));
    case 'pattern': {
      const keyOf = patternKey(key.pattern);
      return by(({ name }) => keyOf(name));
    }
    case 'column': {
      if (table !== null) return readGroupColumn(table, key.column, items, project);
      const values = new Map(known);
      return by(({ id }) => values.get(id) ?? '');
    }
    default:
      return key satisfies never;
  }
}

/** Pairs as places in `places`: near duplicates, and sequences. */
async function findLookAlikes(
  project: string,
  all: readonly Original[],
  places: readonly number[],
  origin: EmbeddingOrigin | null,
  context: Context,
): Promise<[nearDuplicates: SimilarPair[], sequences: SimilarPair[]]> {
  const { emit, signal } = context;
  const items = places.map((row) => all[row]!);
  const total = items.length;
  const tell = (unit: string) => (done: number) =>
    emit({ kind: 'step', done: Math.min(done, total), total, unit });
  const pictures = await greyPictures(project, items, signal, tell('images looked at'));
  const alike = await comparePictures(pictures, await nearestShapes(pictures, signal), {
    signal,
    onPicture: tell('images compared'),
  });
  const near: SimilarPair[] = chooseDuplicates(alike).map(({ first, second, similarity }) => ({
    ...{ a: first, b: second, similarity },
  }));
  const embedded = origin && (await embeddingsOf(project, all, places, origin));
  if (embedded) {
    const { unit, size, found } = embedded;
    // Of length 1 they stay as they are where they are made so once more.
    const pairs = embeddingLookAlikes(await nearest(unit.slice(), size, lookAlikeNeighbours, signal));
    const known = new Set(near.map(keyOfPair));
    for (const { a, b, similarity } of pairs) {
      const pair = { a: found[a]!, b: found[b]!, similarity };
      if (!known.has(keyOfPair(pair))) near.push(pair);
    }
  }
  if (signal.aborted) throw cancelled();
  const classes = classesOf(project);
  const { pairs } = findSequences({
    names: items.map(({ sourceId, name }) => `${sourceId}/${name}`),
    labels: items.map(({ id }) => classes.get(id) ?? 0),
    similarity: embedded?.similarity ?? correlationOf(pictures),
    seed: sequenceSeed,
  });
  return [near, pairs];
}

const cancelled = () => new AtelierError('CANCELLED', 'Finding groups was cancelled. Nothing was changed.');

const classesOf = (project: string): Map<number, number> => {
  const database = openForReading(join(project, databaseName));
  try {
    return new Map(
      rows<{ id: number; classId: number | null }>(database, 'SELECT id, class_id AS classId FROM items').map(
        ({ id, classId }) => [id, Number(classId ?? 0)],
      ),
    );
  } finally {
    database.close();
  }
};

/** Those that were computed, without what all have in common; null where none were. `found`: their places. */
async function embeddingsOf(
  project: string,
  all: readonly Original[],
  places: readonly number[],
  origin: EmbeddingOrigin,
) {
  const network = await embeddingNetwork(origin);
  const { size, preprocessing } = network;
  const hashes = all.map(({ hash }) => hash);
  const file = await openFeatureFile('read', project, preprocessing, hashes, network);
  if (!file) return null;
  const values = new Float32Array(places.length * size);
  let missing: Set<number>;
  try {
    missing = new Set(await file.read(Int32Array.from(places), values));
  } finally {
    await file.close();
  }
  const found = [...places.keys()].filter((place) => !missing.has(place));
  if (found.length === 0) return null;
  const kept = missing.size === 0 ? values : new Float32Array(found.length * size);
  if (missing.size > 0)
    found.forEach((place, at) => kept.set(values.subarray(place * size, (place + 1) * size), at * size));
  const unit = centredUnit(kept, size);
  const at = new Map(found.map((place, index) => [place, index]));
  return {
    ...{ unit, size, found },
    similarity: (a: number, b: number) => {
      const [first, second] = [at.get(a), at.get(b)];
      return first === undefined || second === undefined
        ? -1
        : dot(unit, first * size, unit, second * size, size);
    },
  };
}

/** How alike two pictures are that were not moved; 0 for one of a single grey. */
function correlationOf(pictures: Uint8Array): (a: number, b: number) => number {
  const count = pictures.length / picturePixels;
  const unit = new Float32Array(pictures.length);
  for (let place = 0; place < count; place++) {
    const from = place * picturePixels;
    const own = pictures.subarray(from, from + picturePixels);
    const mean = own.reduce((sum, value) => sum + value, 0) / picturePixels;
    const norm = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    if (norm > 0) own.forEach((value, at) => (unit[from + at] = (value - mean) / norm));
  }
  return (a, b) => dot(unit, a * picturePixels, unit, b * picturePixels, picturePixels);
}
