/** Views side by side: one stop of the Tab key, arrows among them, round at the ends. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import Tabs from './Tabs.svelte';
import { expectAccessible, show } from './testing.svelte.ts';

const tabs = [
  { value: 'curves', label: 'Curves' },
  { value: 'inside', label: 'Inside', note: '4' },
  { value: 'log', label: 'Log' },
];

it('goes with the arrow keys from one to the next, round at the ends, and the focus with it', async () => {
  const { given } = show(Tabs, { label: 'Views', value: 'curves', tabs, onchange: () => {} });
  const onchange = vi.fn((value: string) => (given.value = value));
  given.onchange = onchange;
  const tab = (name: string) => page.getByRole('tab', { name });
  await expect.element(page.getByRole('tablist', { name: 'Views' })).toBeVisible();
  await tab('Curves').click();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(tab('Inside')).toHaveFocus();
  await expect.element(tab('Inside')).toHaveAttribute('aria-selected', 'true');
  await expect.element(tab('Curves')).toHaveAttribute('aria-selected', 'false');
  await userEvent.keyboard('{ArrowRight}{ArrowRight}');
  await expect.element(tab('Curves')).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(tab('Log')).toHaveFocus();
  expect(onchange.mock.calls.flat()).toEqual(['curves', 'inside', 'log', 'curves', 'log']);
});

it('is one stop of the Tab key: the chosen one', async () => {
  show(Tabs, { label: 'Views', value: 'inside', tabs, onchange: () => {} });
  await userEvent.tab();
  await expect.element(page.getByRole('tab', { name: 'Inside' })).toHaveFocus();
  await userEvent.tab();
  for (const { label } of tabs)
    await expect.element(page.getByRole('tab', { name: label })).not.toHaveFocus();
  await expectAccessible();
});
