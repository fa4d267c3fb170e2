/** A long list: only what is in sight exists, and the current row is brought into sight. */
import { createRawSnippet } from 'svelte';
import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { expectAccessible, show } from '../testing.svelte.ts';
import VirtualList from './VirtualList.svelte';

const row = createRawSnippet<[unknown, number]>((item) => ({
  render: () => `<span tabindex="0">${String(item())}</span>`,
}));

function list(properties: { role?: 'list' | 'listbox'; current?: number } = {}) {
  const items = Array.from({ length: 10_000 }, (_, index) => `class ${index}`);
  const shown = show(VirtualList, {
    ...{ items, key: (item: unknown) => String(item), rowHeight: 32, label: 'Classes', row, ...properties },
  });
  Object.assign(shown.target.style, { display: 'flex', flexDirection: 'column', height: '320px' });
  return shown;
}

it('makes the rows in sight and a few beside them, of as many as there are', async () => {
  const { target } = list();
  await expect.element(page.getByText('class 0', { exact: true })).toBeVisible();
  const rows = page.getByRole('listitem').elements();
  expect(rows.length).toBeGreaterThanOrEqual(11);
  expect(rows.length).toBeLessThanOrEqual(14);
  expect(rows[3]!.getAttribute('aria-posinset')).toBe('4');
  expect(rows[3]!.getAttribute('aria-setsize')).toBe('10000');
  await expectAccessible();
  target.querySelector('.viewport')!.scrollTop = 32 * 5000;
  await expect.element(page.getByText('class 5000', { exact: true })).toBeVisible();
  await expect.element(page.getByText('class 0', { exact: true })).not.toBeInTheDocument();
});

it('brings the current row into sight, at either end', async () => {
  const { given, target } = list({ current: 0 });
  await expect.element(page.getByText('class 0', { exact: true })).toBeVisible();
  given.current = 9999;
  await expect.element(page.getByText('class 9999', { exact: true })).toBeVisible();
  given.current = 40;
  await expect.element(page.getByText('class 40', { exact: true })).toBeVisible();
  expect(target.querySelector('.viewport')!.scrollTop).toBe(40 * 32);
});

it('shows what is left of a list that became shorter', async () => {
  const { given, target } = list();
  target.querySelector('.viewport')!.scrollTop = 32 * 5000;
  await expect.element(page.getByText('class 5000', { exact: true })).toBeVisible();
  given.items = ['class a', 'class b'];
  await expect.element(page.getByText('class b', { exact: true })).toBeVisible();
  expect(page.getByRole('listitem').elements()).toHaveLength(2);
});
