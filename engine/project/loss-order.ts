/** Images in the order of the loss that a run had on them when it was evaluated: the probability of their label as it was then, the least first. */
import type { ItemFilter } from '#contract/project.ts';
import { notEvaluated, type Predictions, type PredictionStore } from './prediction-store.ts';

const orders = new WeakMap<Predictions, Int32Array>();

/** Ids of the items that were evaluated, the highest loss first. It stays as it is while labels are repaired. @throws NOT_FOUND where the part was not evaluated */
export async function idsByLoss(
  predictions: Pick<PredictionStore, 'of'>,
  { runId, split }: NonNullable<ItemFilter['byLoss']>,
): Promise<Int32Array> {
  const found = await predictions.of(runId, split);
  if (!found) throw notEvaluated(runId, split);
  const kept = orders.get(found);
  if (kept) return kept;
  const { itemIds, labels, probabilities, classCount } = found;
  const ofLabel = Float32Array.from(labels, (label, at) => probabilities[at * classCount + label]!);
  const order = Int32Array.from(itemIds.keys())
    .sort((a, b) => ofLabel[a]! - ofLabel[b]! || a - b)
    .map((at) => itemIds[at]!);
  orders.set(found, order);
  return order;
}
