/** The table of epochs: a column for each metric that says something. */
import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { epochOf } from '#contract/testing.ts';
import { show } from '../../../parts/testing.svelte.ts';
import { runOf } from '../../../state/testing.ts';
import EpochTable from './EpochTable.svelte';

it('leaves out the accuracy among k where there are no more classes than that', async () => {
  const epoch = (at: number, topK: number | null) => epochOf(at, { validationTopK: topK });
  const { given } = show(EpochTable, { run: runOf('run-1', { epochs: [epoch(1, null), epoch(2, null)] }) });
  const column = page.getByText(/^Top-/);
  await expect.element(page.getByText('Learning rate')).toBeVisible();
  await expect.element(column).not.toBeInTheDocument();
  given.run = runOf('run-1', { epochs: [epoch(1, 0.9)] });
  await expect.element(column).toBeVisible();
});
