/**
 * Lists that are sorted by what takes more than the columns to know: source and date of the file, and what the run that was evaluated last said.
 * Values are read once and kept while nothing changes; images that lack one come last, either way.
 */
import { AtelierError } from '#contract/errors.ts';
import {
  type ItemFilter,
  type ItemSort,
  type MeasuredOrder,
  measuredOrders,
  type SortedBy,
  splitNames,
} from '#contract/project.ts';
import { lossOf } from '#recipe/metrics/cross-entropy.ts';
import { lastWritten } from '../images/storage/original-files.ts';
import { storageOf } from '../images/storage/storages.ts';
import type { BehindCells } from '../project/columns.ts';
import { rows } from '../project/database.ts';
import { sortByNumber } from '../project/item-order.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { OpenProject } from '../project/project.ts';

interface Values {
  /** Of an item, by its id. */
  values: ReadonlyMap<number, number>;
  sortedBy: SortedBy | null;
}

/** The order, where it is one of those that are sorted here. */
export function measuredSort(sort: ItemSort | undefined): (ItemSort & { by: MeasuredOrder }) | null {
  const by = measuredOrders.find((order) => order === sort?.by);
  return sort && by ? { ...sort, by } : null;
}

/** @throws NOT_FOUND where it is by an evaluation, and no run was evaluated */
export async function sortedItems(
  project: OpenProject,
  predictions: PredictionStore,
  sort: ItemSort & { by: MeasuredOrder },
  {
    filter,
    offset,
    limit,
    behind,
  }: { filter: ItemFilter; offset: number; limit: number; behind: BehindCells | null },
) {
  const found = await valuesOf(project, predictions, sort.by);
  const { columns } = project;
  const sorted = inOrder(
    columns.matching({ ...filter, sort: undefined }, behind),
    found,
    sort,
    (at) => columns.ids[at]!,
  );
  const ids = Array.from(sorted.subarray(offset, offset + limit), (at) => columns.ids[at]!);
  const items = new Map(project.itemsById(ids).map((item) => [item.id, item]));
  const { sortedBy } = found;
  return {
    total: sorted.length,
    items: ids.flatMap((id) => items.get(id) ?? []),
    ...(sortedBy && { sortedBy }),
  };
}

/** The last order of a list: a page after the other is asked for. */
const orders = new WeakMap<Int32Array, { values: Values; descending: boolean; sorted: Int32Array }>();

function inOrder(
  positions: Int32Array,
  values: Values,
  { descending }: ItemSort,
  idAt: (at: number) => number,
): Int32Array {
  const kept = orders.get(positions);
  if (kept?.values === values && kept.descending === (descending ?? false)) return kept.sorted;
  const sorted = positions.slice();
  sortByNumber(sorted, (at) => values.values.get(idAt(at)) ?? NaN, descending);
  orders.set(positions, { values, descending: descending ?? false, sorted });
  return sorted;
}

const kept = new WeakMap<OpenProject, Map<MeasuredOrder, { key: string; values: Promise<Values> }>>();

function valuesOf(project: OpenProject, predictions: PredictionStore, by: MeasuredOrder): Promise<Values> {
  const ofProject = kept.get(project) ?? new Map<MeasuredOrder, { key: string; values: Promise<Values> }>();
  kept.set(project, ofProject);
  const evaluated = by === 'loss' || by === 'probability' ? lastEvaluated(project, by) : null;
  const key = evaluated
    ? `${evaluated.runId} ${evaluated.key}`
    : `${project.columns.length} ${JSON.stringify(project.sources())}`;
  const before = ofProject.get(by);
  if (before?.key === key) return before.values;
  const values =
    by === 'source'
      ? sourcesOf(project)
      : by === 'date'
        ? datesOf(project)
        : saidBy(project, predictions, evaluated!.runId, by);
  values.catch(() => ofProject.delete(by));
  ofProject.set(by, { key, values });
  return values;
}

async function sourcesOf(project: OpenProject): Promise<Values> {
  const found = await project.read((database) =>
    rows<{ id: number; source: number }>(database, 'SELECT id, source_id AS source FROM items'),
  );
  return { values: new Map(found.map(({ id, source }) => [id, source])), sortedBy: null };
}

/** Files that are asked for at once. */
const together = 64;

/** When the file of each image was written last. Images that are kept in the project, or whose file is gone, have none. */
async function datesOf(project: OpenProject): Promise<Values> {
  const items = await project.read((database) =>
    rows<{ id: number; storage: string; root: string; name: string }>(
      database,
      'SELECT items.id, storage, root, items.name FROM items JOIN sources ON sources.id = source_id WHERE removed = 0',
    ),
  );
  const files = items.filter(({ storage }) => storageOf(storage).originals);
  const values = new Map<number, number>();
  for (let from = 0; from < files.length; from += together)
    await Promise.all(
      files.slice(from, from + together).map(async (item) => {
        const written = await lastWritten(project.path, item);
        if (written !== null) values.set(item.id, written);
      }),
    );
  return { values, sortedBy: null };
}

/** The run of the newest evaluation, and what its evaluations are named by. @throws NOT_FOUND */
function lastEvaluated({ runs }: OpenProject, by: string): { runId: string; key: string } {
  const runId = runs.lastEvaluated();
  if (runId !== null)
    return { runId, key: splitNames.map((split) => runs.evaluatedAt(runId, split) ?? '').join(' ') };
  throw new AtelierError(
    'NOT_FOUND',
    `Expected an evaluated run to sort by ${by}, but no run was evaluated yet. Evaluate one: in Judge, or atelier evaluate PROJECT.`,
    { by },
  );
}

/** Probability of the answer, or loss of the label as it was then, of every image that the run was evaluated on. */
async function saidBy(
  { runs }: OpenProject,
  predictions: PredictionStore,
  runId: string,
  by: 'loss' | 'probability',
): Promise<Values> {
  const values = new Map<number, number>();
  const splits: SortedBy['splits'] = [];
  for (const split of splitNames) {
    const found = await predictions.of(runId, split);
    if (!found) continue;
    splits.push(split);
    const { itemIds, labels, predicted, probabilities, classCount } = found;
    itemIds.forEach((id, at) => {
      const of = by === 'loss' ? labels[at]! : predicted[at]!;
      const probability = probabilities[at * classCount + of]!;
      values.set(id, by === 'loss' ? lossOf(probability) : probability);
    });
  }
  return { values, sortedBy: { runId, name: runs.get(runId).name, splits, images: values.size } };
}
