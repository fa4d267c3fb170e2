/**
 * Two runs compared on the present labels by the predictions that are kept: nothing is computed again, what counts as right is looked up
 * anew. A run that was evaluated before labels were repaired and one that was trained after it are thus measured alike.
 */
import type { ItemFilter, Split } from '#contract/project.ts';
import type { ComparedClass, EvaluatedLabels, Figure, RepairComparison } from '#contract/repair.ts';
import { wilsonInterval } from '#recipe/metrics/interval.ts';
import { f1, precision, recall } from '#recipe/metrics/class-metrics.ts';
import { comparePairs, countPairs } from '#recipe/statistics/paired.ts';
import type { BehindCells } from '../project/columns.ts';
import { noPart } from '../project/database-problems.ts';
import { labelVersionOf } from '../project/label-version.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { OpenProject } from '../project/project.ts';
import { type Snapshot } from '../project/snapshot.ts';
import { rowsOfPart } from './evaluate.ts';

const figureOf = (count: number, correct: number): Figure => ({
  ...{ count, correct, accuracy: count === 0 ? 0 : correct / count },
  interval: wilsonInterval(correct, count),
});

/** A run on a part: what it predicted, and what is there now. */
interface Judged {
  runId: string;
  /** Class that was predicted, by item. */
  predicted: Map<number, number>;
  /** Rows of the part now. */
  rows: Int32Array;
  own: Snapshot | null;
  labels: EvaluatedLabels;
}

/** null where it was not evaluated on this part. @throws NOT_FOUND */
async function judge(
  project: OpenProject,
  predictions: Pick<PredictionStore, 'of'>,
  runId: string,
  split: Split,
): Promise<Judged | null> {
  const { columns, runs } = project;
  const evaluation = runs.evaluation(runId, split);
  const found = await predictions.of(runId, split);
  if (!evaluation || !found) return null;
  const { classes, own, rows } = await rowsOfPart(project, runId, split);
  const classId = (place: number) => classes[place]!.id;
  const then = Array.from(found.labels, classId);
  const present = new Set(rows);
  const predicted = new Map<number, number>();
  const counts = { relabelled: 0, gone: 0, kept: 0, right: 0, rightThen: 0 };
  for (let place = 0; place < found.itemIds.length; place += 1) {
    const itemId = found.itemIds[place]!;
    const at = columns.positionOf(itemId);
    const said = classId(found.predicted[place]!);
    predicted.set(itemId, said);
    if (said === then[place]) counts.rightThen += 1;
    if (!present.has(at)) {
      counts.gone += 1;
      continue;
    }
    counts.kept += 1;
    if (columns.classIds[at] !== then[place]) counts.relabelled += 1;
    if (columns.classIds[at] === said) counts.right += 1;
  }
  const labels: EvaluatedLabels = {
    ...{ runId, split, evaluatedAt: evaluation.evaluatedAt, partVersion: evaluation.partVersion },
    then: labelVersionOf(found.itemIds, then),
    now: labelVersionOf(
      rows.map((at) => columns.ids[at]!),
      rows.map((at) => columns.classIds[at]!),
    ),
    ...{ relabelled: counts.relabelled, gone: counts.gone, added: rows.length - counts.kept },
    evaluated: figureOf(found.itemIds.length, counts.rightThen),
    present: figureOf(counts.kept, counts.right),
  };
  return { runId, predicted, rows, own, labels };
}

/** @returns null where it was not evaluated on this part. @throws NOT_FOUND for an unknown run */
export async function evaluatedLabels(
  project: OpenProject,
  predictions: Pick<PredictionStore, 'of'>,
  runId: string,
  split: Split,
): Promise<EvaluatedLabels | null> {
  return (await judge(project, predictions, runId, split))?.labels ?? null;
}

/** Which runs, and on which part. */
export interface Pair {
  baselineId: string;
  runId: string;
  split: Split;
}

/** The images of both, with what is so and what each said. */
async function paired(
  project: OpenProject,
  predictions: Pick<PredictionStore, 'of'>,
  { baselineId, runId, split }: Pair,
) {
  const before = await judge(project, predictions, baselineId, split);
  const after = await judge(project, predictions, runId, split);
  if (!before || !after) return null;
  const { columns } = project;
  const rows = [...new Set([...before.rows, ...after.rows])].sort((a, b) => a - b);
  const images: { itemId: number; label: number; a: number; b: number }[] = [];
  for (const at of rows) {
    const itemId = columns.ids[at]!;
    const [a, b] = [before.predicted.get(itemId), after.predicted.get(itemId)];
    if (a !== undefined && b !== undefined) images.push({ itemId, label: columns.classIds[at]!, a, b });
  }
  return { before, after, images, onlyOne: rows.length - images.length };
}
type Image = NonNullable<Awaited<ReturnType<typeof paired>>>['images'][number];

const isFixed = ({ label, a, b }: Image) => a !== label && b === label;
const isBroken = ({ label, a, b }: Image) => a === label && b !== label;
const told = 1000;

/** @returns null where one of them was not evaluated on this part. @throws NOT_FOUND for an unknown run */
export async function compareOnPresentLabels(
  project: OpenProject,
  predictions: Pick<PredictionStore, 'of'>,
  pair: Pair,
): Promise<RepairComparison | null> {
  const found = await paired(project, predictions, pair);
  if (!found) return null;
  const { before, after, images, onlyOne } = found;
  const [labels, a, b] = (['label', 'a', 'b'] as const).map((key) => images.map((image) => image[key])) as [
    number[],
    number[],
    number[],
  ];
  const right = (said: number[]) => said.filter((classId, at) => classId === labels[at]).length;
  const [first, second] = [before.labels.partVersion, after.labels.partVersion];
  return {
    ...comparePairs(countPairs(labels, a, b)),
    // Both are scored on the present labels.
    otherLabels: null,
    sameVersion: first !== null && second !== null ? first === second : null,
    ...{ split: pair.split, before: before.labels, after: after.labels, onlyOne },
    figures: { before: figureOf(images.length, right(a)), after: figureOf(images.length, right(b)) },
    movedParts: movedBetween(project, before.own, after.own),
    classes: classesOf(project, images),
    fixedItems: images
      .filter(isFixed)
      .slice(0, told)
      .map(({ itemId }) => itemId),
    brokenItems: images
      .filter(isBroken)
      .slice(0, told)
      .map(({ itemId }) => itemId),
  };
}

/** In the order of the project's classes; those that are neither labels nor predictions are left out. */
function classesOf(project: OpenProject, images: readonly Image[]): ComparedClass[] {
  const counted = new Map<
    number,
    { support: number; hits: number[]; predicted: number[]; fixed: number; broken: number }
  >();
  const of = (classId: number) => {
    let counts = counted.get(classId);
    if (!counts)
      counted.set(classId, (counts = { support: 0, hits: [0, 0], predicted: [0, 0], fixed: 0, broken: 0 }));
    return counts;
  };
  for (const image of images) {
    const own = of(image.label);
    own.support += 1;
    [image.a, image.b].forEach((said, run) => {
      of(said).predicted[run]! += 1;
      if (said === image.label) own.hits[run]! += 1;
    });
    if (isFixed(image)) own.fixed += 1;
    if (isBroken(image)) own.broken += 1;
  }
  return project.classes().flatMap(({ id: classId, name }) => {
    const counts = counted.get(classId);
    if (!counts) return [];
    const { support, hits, predicted, fixed, broken } = counts;
    const both = (metric: typeof recall | typeof precision | typeof f1): [number | null, number | null] => [
      metric.compute({ hits: hits[0]!, predicted: predicted[0]!, support }),
      metric.compute({ hits: hits[1]!, predicted: predicted[1]!, support }),
    ];
    return [
      {
        classId,
        name,
        support,
        fixed,
        broken,
        recall: both(recall),
        precision: both(precision),
        f1: both(f1),
      },
    ];
  });
}

/** Images of the first run’s own parts that are there and in another part of the second: parts were drawn anew. */
function movedBetween({ columns }: OpenProject, before: Snapshot | null, after: Snapshot | null): number {
  if (!before || !after) return 0;
  const partOf = ({ train, validation }: Snapshot) =>
    new Map([
      ...Array.from(train, (at) => [at, 0] as const),
      ...Array.from(validation, (at) => [at, 1] as const),
    ]);
  const [first, second] = [partOf(before), partOf(after)];
  const isThere = (at: number) => columns.partAt(at) !== noPart && !columns.removed[at];
  let moved = 0;
  for (const [at, part] of first) if (isThere(at) && second.get(at) !== part) moved += 1;
  return moved;
}

/** The images that the second has right and the first wrong, or the other way round. null where one was not evaluated on this part. */
export async function changedImages(
  project: OpenProject,
  predictions: Pick<PredictionStore, 'of'>,
  { which, ...pair }: NonNullable<ItemFilter['compared']>,
): Promise<BehindCells> {
  const found = await paired(project, predictions, pair);
  const images = found?.images.filter(which === 'fixed' ? isFixed : isBroken) ?? [];
  const { baselineId, runId, split } = pair;
  const key = [
    baselineId,
    runId,
    split,
    which,
    found?.before.labels.evaluatedAt,
    found?.after.labels.evaluatedAt,
  ];
  return { key: key.join(' '), itemIds: new Set(images.map(({ itemId }) => itemId)) };
}
