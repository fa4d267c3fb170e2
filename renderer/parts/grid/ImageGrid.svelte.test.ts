/** Many images: only those near the sight exist; cursor and selection follow keys and clicks as in a file manager. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import { expectAccessible, show } from '../testing.svelte.ts';
import { itemOf, TestStudio } from '../../state/testing.ts';
import ImageGrid from './ImageGrid.svelte';

const total = 10_000;
const studio = new TestStudio({
  items: {
    list: async ({ offset, limit }) => ({
      total,
      items: Array.from({ length: Math.min(limit, total - offset) }, (_, index) =>
        itemOf(offset + index + 1),
      ),
    }),
  },
});

async function grid() {
  const browser = new ImageBrowser(studio, 'test');
  void browser.show({});
  const onopen = vi.fn();
  const { target } = show(ImageGrid, {
    ...{ browser, label: 'Images', caption: () => 'boot', onopen },
  });
  Object.assign(target.style, { width: '600px', height: '400px' });
  const element = page.getByRole('grid', { name: 'Images' });
  await expect.element(page.getByRole('gridcell', { name: 'train/1, boot' })).toBeVisible();
  await element.click({ position: { x: 30, y: 30 } });
  const columns = Number(element.element().getAttribute('aria-colcount'));
  return { browser, element, onopen, columns };
}

it('makes the cells near the sight, of as many as there are, and goes to the last and back by a key', async () => {
  const { browser, element, columns } = await grid();
  expect(element.element().getAttribute('aria-rowcount')).toBe(String(Math.ceil(total / columns)));
  expect(page.getByRole('gridcell').elements().length).toBeLessThan(20 * columns);
  await expectAccessible();
  await userEvent.keyboard('{End}');
  await expect.element(page.getByRole('gridcell', { name: `train/${total}, boot` })).toBeVisible();
  expect(browser.selection.cursor).toBe(total - 1);
  await expect.element(page.getByRole('gridcell', { name: 'train/1, boot' })).not.toBeInTheDocument();
  await userEvent.keyboard('{Home}');
  await expect.element(page.getByRole('gridcell', { name: 'train/1, boot' })).toBeVisible();
});

it('moves its cursor by a cell, a row and a page, and names the cell that it is on', async () => {
  const { browser, element, columns } = await grid();
  const cursor = () => browser.selection.cursor;
  await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}');
  await expect.poll(cursor).toBe(1);
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}');
  await expect.poll(cursor).toBe(1 + columns);
  await userEvent.keyboard('{PageDown}');
  await expect.poll(cursor).toBeGreaterThan(1 + 2 * columns);
  await userEvent.keyboard('{PageUp}');
  await expect.poll(cursor).toBe(1 + columns);
  const active = element.element().getAttribute('aria-activedescendant')!;
  expect(document.getElementById(active)?.getAttribute('aria-label')).toBe(`train/${2 + columns}, boot`);
});

it('selects by Shift and Ctrl with keys and clicks, lets go where it moves, and opens one', async () => {
  const { browser, onopen } = await grid();
  const selected = () => [...browser.selection.indices].sort((a, b) => a - b);
  await userEvent.keyboard('{Shift>}{ArrowRight}{ArrowRight}{/Shift}');
  await expect.poll(selected).toEqual([0, 1, 2]);
  await expect
    .element(page.getByRole('gridcell', { name: 'train/2, boot' }))
    .toHaveAttribute('aria-selected', 'true');
  await page.getByRole('gridcell', { name: 'train/5, boot' }).click({ modifiers: ['Control'] });
  await expect.poll(selected).toEqual([0, 1, 2, 4]);
  await userEvent.keyboard(' ');
  await expect.poll(selected).toEqual([0, 1, 2]);
  await userEvent.keyboard('{ArrowRight}');
  await expect.poll(selected).toEqual([]);
  expect(onopen).not.toHaveBeenCalled();
  await userEvent.keyboard('{Enter}');
  expect(onopen).toHaveBeenCalledOnce();
  await page.getByRole('gridcell', { name: 'train/3, boot' }).dblClick();
  await expect.poll(() => onopen.mock.calls.length).toBe(2);
});
