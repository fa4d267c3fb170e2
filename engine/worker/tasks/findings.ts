/**
 * Task `findings`: looks for all that is probably wrong with a data set. From top to bottom what is looked at and in which
 * order; how each is found is learning/findings and learning/label-errors, what it is called ../findings/entries.ts.
 */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { embeddingOutliers, leastOutlierScore } from '#learning/findings/embedding-outliers.ts';
import type { DuplicateCluster } from '#learning/findings/near-duplicates.ts';
import { findShortcuts, wordColumns } from '#learning/findings/shortcuts.ts';
import { unusualImages } from '#learning/findings/unusual-images.ts';
import { findLabelErrors } from '#learning/label-errors/label-errors.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import { median } from '#recipe/statistics/median.ts';
import type { ShortcutFact } from '#contract/findings.ts';
import { splitNames } from '#contract/project.ts';
import type { Original } from '../../images/storage/changed-originals.ts';
import { lastWritten } from '../../images/storage/original-files.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { storageOf } from '../../images/storage/storages.ts';
import { readFloat32, readInt32 } from '../../project/arrays.ts';
import { clustersOf, findAlike } from '../findings/alike.ts';
import { auditCopies, auditLabels } from '../findings/audit.ts';
import * as entries from '../findings/entries.ts';
import { judgeByRun, judgeByVectors, labelled, type LabelJudge } from '../findings/label-judge.ts';
import { lookAtPictures, type Pictures, refuseCancelled } from '../findings/pictures.ts';
import { lookedAt, triedNames, turnedClasses } from '../findings/turned.ts';
import { readVectors, type Vectors } from '../findings/vectors.ts';
import type { FindingsInput, TaskFunction } from '../protocol.ts';

/** Of -1: left out. */
const isThere = (classId: number) => classId >= 0;
const withoutEmbeddings = 'It takes embeddings, and there are none yet.';
const fewLabels = 'It takes labelled images of two classes or more, each with a few.';
/** Fewer labelled images tell nothing of what predicts their class. */
const leastForShortcuts = 50;

export const findings: TaskFunction<'findings'> = async (input, { emit, signal }) => {
  const { project, lastItemId, origin, audit } = input;
  const tell = (unit: string, total: number | null) => (done: number) =>
    emit({ kind: 'step', done, total, unit });
  const items = originalsUpTo(project, lastItemId);
  const classOfRow = await readInt32(input.classes);
  const partOfRow = await readInt32(input.parts);
  const rows = Int32Array.from(items.keys()).filter((row) => isThere(classOfRow[row]!));

  const pictures = await lookAtPictures(project, items, rows, {
    signal,
    onProgress: tell('images', rows.length),
  });
  const { facts, grey } = pictures;
  const count = pictures.rows.length;
  const original = (place: number): Original => items[pictures.rows[place]!]!;
  const itemOf = (place: number) => original(place).id;
  const classOf = pictures.rows.map((row) => classOfRow[row]!);
  const vectors = origin && (await readVectors(project, items, pictures.rows, origin));

  const alike = await findAlike(grey, vectors, signal, tell('images compared', count));
  const contents = Array.from({ length: count }, (_, place) => original(place).hash);
  const clusters = clustersOf(contents, alike);
  const partOf = (place: number) => {
    const part = partOfRow[pictures.rows[place]!]!;
    return part < splitNames.length && classOf[place]! > 0 ? part : null;
  };
  const kinds = [
    ...entries.duplicates(clusters, partOf, vectors !== null, itemOf),
    ...entries.unusual(unusualImages(facts), itemOf),
  ];
  refuseCancelled(signal);

  const everyPlace = Int32Array.from({ length: count }, (_, place) => place);
  const classIds = labelled(classOf, everyPlace, 1).classIds;
  kinds.push(
    classIds.length > 1
      ? entries.imbalance(classOf, classIds, itemOf)
      : entries.notLookedFor('imbalance', fewLabels),
  );
  kinds.push(vectors ? await outliersOf(vectors, itemOf, signal) : needsVectors('outliers'));

  const groups = groupsOf(count, clusters);
  kinds.push(await shortcutsOf(project, pictures, original, classOf, groups, signal));

  let folds = 0;
  const onFold = () => {
    refuseCancelled(signal);
    tell('folds', null)((folds += 1));
  };
  const byVectors = vectors && (await judgeByVectors(vectors, input.embeddingRun, classOf, groups, onFold));
  const judge = input.run ? await judgeOf(input.run, pictures, classOf) : byVectors;
  try {
    if (judge) {
      const predicted = await judge.judge(judge.labels);
      kinds.push(entries.labelErrors(findLabelErrors(predicted), predicted, judge, itemOf));
    } else
      kinds.push(
        vectors || input.run ? entries.notLookedFor('label-errors', fewLabels) : needsVectors('label-errors'),
      );
    kinds.push(
      byVectors?.head
        ? entries.turnedKinds(
            triedNames(vectors!.network.preprocessing.channels),
            Math.min(lookedAt, byVectors.places.length),
            await turnedClasses(project, original, vectors!, byVectors, {
              signal,
              onProgress: (done, total) => tell('images changed', total)(done),
            }),
          )
        : vectors
          ? entries.notLookedFor('unsafe-augmentations', fewLabels)
          : needsVectors('unsafe-augmentations'),
    );
    const found: entries.FoundData = {
      ...{ images: count, unreadable: pictures.unreadable, embedded: vectors?.places.length ?? null },
      labelEvidence: judge?.evidence ?? null,
      kinds: entries.inOrder(kinds),
      audit: audit && {
        flips: judge && (await auditLabels(judge, audit.flips)),
        copies: await auditCopies(
          project,
          original,
          { grey, contents, alike, vectors },
          audit.copies,
          signal,
        ),
      },
    };
    refuseCancelled(signal);
    await writeFile(input.result, JSON.stringify(found));
  } finally {
    byVectors?.dispose();
  }
  return {};
};

const needsVectors = (kind: Parameters<typeof entries.notLookedFor>[0]) =>
  entries.notLookedFor(kind, withoutEmbeddings, 'embeddings');

async function outliersOf(
  { values, size, places }: Vectors,
  itemOf: (place: number) => number,
  signal: AbortSignal,
) {
  const doing = 'looking for outliers';
  // All of them, so that what is usual is known too.
  const all = await inTurns(embeddingOutliers(values, size, { least: -Infinity }), doing, signal);
  const usual = all.length === 0 ? 0 : median(all.map(({ distance }) => distance));
  const far = all.filter(({ score }) => score >= leastOutlierScore);
  return entries.outliers(far, usual, (place) => itemOf(places[place]!));
}

/** Images of a cluster are one group. */
function groupsOf(count: number, clusters: readonly DuplicateCluster[]): Int32Array {
  const groups = Int32Array.from({ length: count }, (_, place) => place);
  for (const { members } of clusters) for (const place of members) groups[place] = members[0]!;
  return groups;
}

async function judgeOf(
  run: NonNullable<FindingsInput['run']>,
  pictures: Pictures,
  classOf: Int32Array,
): Promise<LabelJudge | null> {
  const placeOf = new Map(Array.from(pictures.rows, (row, place) => [row, place]));
  const rows = await readInt32(run.rows);
  return judgeByRun(
    { by: 'run', runId: run.id, name: run.name },
    {
      places: rows.map((row) => placeOf.get(row) ?? -1),
      probabilities: await readFloat32(run.probabilities),
      classIds: run.classIds,
    },
    classOf,
  );
}

async function shortcutsOf(
  project: string,
  { facts }: Pictures,
  original: (place: number) => Original,
  classOf: Int32Array,
  groups: Int32Array,
  signal: AbortSignal,
) {
  const own = labelled(classOf, Int32Array.from(facts.keys()));
  if (own.classIds.length < 2 || own.places.length < leastForShortcuts)
    return entries.notLookedFor('shortcuts', fewLabels);
  const column = (value: (place: number) => number) => Float64Array.from(own.places, value);
  const days = new Map<number, number>();
  for (const place of own.places) days.set(place, await dayOf(project, original(place)));
  const types = Array.from(own.places, (place) => extname(original(place).name).toLowerCase());
  const ofNumbers = (name: ShortcutFact, ...values: ((place: number) => number)[]): entries.KnownFact => {
    const columns = values.map(column);
    return {
      ...{ name, columns },
      valueOf(at) {
        const numbers = columns.map((all) => all[at]!);
        return numbers.some(Number.isNaN) ? null : numbers;
      },
    };
  };
  const all: entries.KnownFact[] = [
    ofNumbers(
      'size',
      (place) => facts[place]!.width,
      (place) => facts[place]!.height,
    ),
    { name: 'file type', columns: wordColumns(types), valueOf: (at) => types[at]! },
    ofNumbers('brightness', (place) => facts[place]!.brightness),
    ofNumbers(
      'border colour',
      ...[0, 1, 2].map((channel) => (place: number) => facts[place]!.border[channel]!),
    ),
    ofNumbers('file date', (place) => days.get(place)!),
  ];
  // One that is the same for all tells nothing, and costs as much.
  const telling = all.filter(({ columns }) => columns.some((values) => new Set(values).size > 1));
  const list = await inTurns(
    findShortcuts(
      telling,
      own.labels,
      own.places.map((place) => groups[place]!),
    ),
    'looking for shortcuts',
    signal,
  );
  return entries.shortcuts(list, telling, own, (place) => original(place).id);
}

/** When the file of an image was written, in whole days: files that were copied one after another differ by less. NaN where there is none. */
async function dayOf(project: string, item: Original): Promise<number> {
  if (!storageOf(item.storage).originals) return NaN;
  const written = await lastWritten(project, item);
  return written === null ? NaN : Math.floor(written / 86_400_000);
}
