/** A window on the images that a filter lets through, in the order that it asks for: its own, by loss, or that of a finding or of an error slice. */
import type { Item, ItemFilter, SortedBy } from '#contract/project.ts';
import { changedImages } from '../jobs/repair-comparison.ts';
import type { BehindCells } from '../project/columns.ts';
import { errorList } from '../jobs/slices.ts';
import { idsByLoss } from '../project/loss-order.ts';
import { itemsInOrder } from '../project/ordered-items.ts';
import { measuredSort, sortedItems } from './sorted-items.ts';
import type { StudioState } from '../studio-state.ts';

interface Listed {
  total: number;
  items: Item[];
  sortedBy?: SortedBy;
}

/** @throws NOT_FOUND where it is by a run that was not evaluated on the part */
export async function listItems(
  state: StudioState,
  filter: ItemFilter,
  offset: number,
  limit: number,
): Promise<Listed> {
  const project = state.project();
  const predictions = state.predictions!;
  const { cells, compared, byLoss, errors, finding } = filter;
  const behind = bothOf(
    cells ? await predictions.behind(cells) : null,
    compared ? await changedImages(project, predictions, compared) : null,
  );
  if (finding) return state.findings().list({ ...filter, finding }, offset, limit, behind);
  const order = byLoss
    ? await idsByLoss(predictions, byLoss)
    : errors
      ? await errorList(project, errors)
      : null;
  if (order) return itemsInOrder(project, order, { filter, offset, limit, behind });
  const sort = measuredSort(filter.sort);
  if (sort) return sortedItems(project, predictions, sort, { filter, offset, limit, behind });
  return project.items(filter, offset, limit, behind);
}

function bothOf(a: BehindCells | null, b: BehindCells | null): BehindCells | null {
  if (!a || !b) return a ?? b;
  const itemIds = new Set([...a.itemIds].filter((itemId) => b.itemIds.has(itemId)));
  return { key: `${a.key} ${b.key}`, itemIds };
}
