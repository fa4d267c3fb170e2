/** What to try after the memory was not enough. Pure. */
import type { Run } from '#contract/run.ts';

/** The batch size that the error suggests; half where it says nothing of it. Null where nothing smaller is left, and for other errors. */
export function smallerBatch({ error, recipe }: Pick<Run, 'error' | 'recipe'>): number | null {
  if (error?.code !== 'OUT_OF_MEMORY') return null;
  const { batchSize } = recipe.training;
  const told = error.details['suggestedBatchSize'];
  const size = told === undefined ? Math.floor(batchSize / 2) : told;
  return typeof size === 'number' && Number.isInteger(size) && size >= 1 && size < batchSize ? size : null;
}
