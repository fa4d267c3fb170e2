/** The query line in a real browser: what is typed filters, completion by keys, and conditions of elsewhere are written. */
import { expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { expectAccessible, show } from '../../parts/testing.svelte.ts';
import { ImageBrowser } from '../../state/browser.svelte.ts';
import { classOf, projectOf, TestStudio } from '../../state/testing.ts';
import QueryLine from './QueryLine.svelte';

const project = projectOf({ classes: [classOf(1, 'glass'), classOf(2, 'Ankle boot')], counts: { total: 2 } });

function line() {
  const studio = new TestStudio({ items: { list: async () => ({ total: 0, items: [] }) } }, project);
  const browser = new ImageBrowser(studio, 'test');
  const { target } = show(QueryLine, { browser, project });
  Object.assign(target.style, { width: '320px', height: '320px' });
  return { browser, input: page.getByRole('combobox', { name: 'Find images' }) };
}

it('filters by what is typed, leaves other conditions, and is emptied by Escape', async () => {
  const { browser, input } = line();
  const region = {
    mapId: '00000000000000aa',
    polygon: [
      [0, 0],
      [1, 0],
      [0, 1],
    ] as [number, number][],
  };
  await browser.show({ region });
  await input.fill('part:test bottle');
  await expect.poll(() => browser.filter).toEqual({ region, splits: ['test'], text: 'bottle' });
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => browser.filter.splits).toBeUndefined();
  await expect.element(input).toHaveValue('');
  expect(browser.filter.region).toEqual(region);
});

it('completes by keys, and says so to a screen reader', async () => {
  const { browser, input } = line();
  await input.click();
  await userEvent.keyboard('ank');
  await expect.element(page.getByRole('option', { name: 'class:"Ankle boot"' })).toBeVisible();
  await expectAccessible();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(page.getByRole('option')).toHaveAttribute('aria-selected', 'true');
  await userEvent.keyboard('{Enter}');
  await expect.element(input).toHaveValue('class:"Ankle boot" ');
  await expect.poll(() => browser.filter.classIds).toEqual([2]);
  await userEvent.keyboard('width>30{Enter}');
  await expect.poll(() => browser.filter.facts).toEqual([{ fact: 'width', least: 31 }]);
  await expect.element(input).toHaveAttribute('aria-expanded', 'false');
});

it('writes what is asked for elsewhere', async () => {
  const { browser, input } = line();
  browser.toggleClass(1);
  await expect.element(input).toHaveValue('class:glass');
  browser.onlySplit('test');
  await expect.element(input).toHaveValue('class:glass part:test');
  await browser.show({});
  await expect.element(input).toHaveValue('');
});

it('says under the line what is wrong with a condition, and leaves the list as it was', async () => {
  const { browser, input } = line();
  await input.fill('class:glass');
  await expect.poll(() => browser.filter.classIds).toEqual([1]);
  await input.fill('class:Nope');
  const fault = page.getByRole('alert');
  await expect.element(fault).toHaveTextContent('No class “Nope”. Classes: glass, Ankle boot.');
  await expect.element(input).toHaveAttribute('aria-invalid', 'true');
  expect(browser.filter.classIds).toEqual([1]);
  await expectAccessible();
  await input.fill('"class:Nope"');
  await expect.poll(() => browser.filter.text).toBe('class:Nope');
  await expect.element(fault).not.toBeInTheDocument();
});
