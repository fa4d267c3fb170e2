/** What is only told: progress, errors, probabilities, empty places. */
import Images from '@lucide/svelte/icons/images';
import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import EmptyState from './EmptyState.svelte';
import ErrorNote from './ErrorNote.svelte';
import Probabilities from './Probabilities.svelte';
import Progress from './Progress.svelte';
import { expectAccessible, show, text } from './testing.svelte.ts';

it('progress is told in per cent, within its bounds, and not at all where it is not known', async () => {
  const { given } = show(Progress, { label: 'Training', done: 3, total: 8 });
  const bar = page.getByRole('progressbar', { name: 'Training' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '38');
  given.done = 9;
  await expect.element(bar).toHaveAttribute('aria-valuenow', '100');
  given.total = null;
  await expect.element(bar).not.toHaveAttribute('aria-valuenow');
});

it('an error says what happened, its code and what can be done', async () => {
  show(ErrorNote, {
    error: { code: 'DISK_FULL', message: 'The disk is full. Make room and try again.' },
    title: 'Not saved',
    children: text('Try again'),
  });
  const note = page.getByRole('alert');
  for (const words of ['Not saved', 'The disk is full. Make room and try again.', 'DISK_FULL', 'Try again'])
    await expect.element(note).toHaveTextContent(words);
  await expectAccessible();
});

it('probabilities stand in order, the likeliest first, the label marked, no more than asked for', async () => {
  show(Probabilities, {
    ...{ probabilities: [0.1, 0.6, 0.05, 0.25], names: ['bag', 'boot', 'coat'], label: 0, limit: 3 },
  });
  await expect.element(page.getByRole('list', { name: 'Class probabilities' })).toBeVisible();
  const lines = page.getByRole('listitem').elements();
  expect(lines.map((line) => line.querySelector('.name')?.textContent)).toEqual(['boot', 'class 4', 'bag']);
  expect(lines.map((line) => line.querySelector('[title="The label"]') !== null)).toEqual([
    false,
    false,
    true,
  ]);
  expect(lines[0]!.textContent).toContain('60.0');
  await expectAccessible();
});

it('an empty place says why, and the next thing to do', async () => {
  show(EmptyState, {
    ...{ icon: Images, title: 'No images yet', text: 'Import a folder.', children: text('Import') },
  });
  await expect.element(page.getByRole('heading', { name: 'No images yet' })).toBeVisible();
  await expect.element(page.getByText('Import a folder.')).toBeVisible();
  await expectAccessible();
});
