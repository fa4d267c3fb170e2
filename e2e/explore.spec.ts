/** The Data room as a place to explore: the map of embeddings beside the grid, each showing what the other does. */
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { atelier } from './command-line.ts';
import { atRest, enter, findings } from './rooms.ts';
import { expect, test } from './studio.ts';

/** As the grid says once it lists fewer than all; while it reads it says nothing. */
const fewer = /^(?!2,500 )[\d,]+ images?$/;
/** How many images the grid lists. */
const listed = (page: Page) => page.getByRole('region', { name: 'Images' }).getByRole('status').first();

/** Draws a line around a part of an element, in shares of its sides. */
async function lasso(page: Page, [left, top, right, bottom]: readonly [number, number, number, number]) {
  const box = (await page.locator('canvas[data-points]').boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(left, top));
  await page.mouse.down();
  for (const corner of [at(right, top), at(right, bottom), at(left, bottom), at(left, top)])
    await page.mouse.move(...corner, { steps: 8 });
  await page.mouse.up();
}

/** How many colours the map shows, in coarse steps: one where nothing is drawn. */
async function colours(page: Page): Promise<number> {
  const picture = await page.locator('canvas[data-points]').screenshot();
  const { data } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const seen = new Set<number>();
  for (let at = 0; at < data.length; at += 3)
    seen.add(((data[at]! >> 5) << 6) | ((data[at + 1]! >> 5) << 3) | (data[at + 2]! >> 5));
  return seen.size;
}

test('the map is drawn once, a lasso lists its images, and what is listed and selected is lit', async ({
  open,
  trained,
  home,
}) => {
  await atelier(home, 'embed', trained, '--by', 'run-1');
  const { page } = await open({ project: trained });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await enter(page, 'Data');
  await page.getByRole('button', { name: 'Map of embeddings' }).click();
  const panel = page.getByRole('region', { name: 'Map', exact: true });
  await panel.getByRole('button', { name: 'Draw the map' }).click();
  await expect(panel.locator('canvas[data-points="2500"][data-drawn=true]')).toBeVisible();
  await expect(panel).toContainText('2,500 images, laid out by UMAP.');
  await expect.poll(() => colours(page)).toBeGreaterThan(8);

  await lasso(page, [0.01, 0.01, 0.5, 0.99]);
  await expect(listed(page)).toHaveText(fewer);
  const left = Number((await listed(page).textContent())!.replace(/\D/g, ''));
  expect(left).toBeGreaterThan(100);
  expect(left).toBeLessThan(2400);
  // Other conditions hold too: of the part as of all.
  await page.getByRole('tab', { name: /Validation/ }).click();
  await expect(listed(page)).not.toHaveText(`${left.toLocaleString('en')} images`);
  await page.getByRole('tab', { name: /^All/ }).click();
  await expect(listed(page)).toHaveText(`${left.toLocaleString('en')} images`);

  // A selection in the grid is lit in the map: rings of the ink were not there before.
  const before = await panel.locator('canvas').screenshot();
  await page.getByRole('grid', { name: 'Images' }).focus();
  await page.keyboard.press('Control+a');
  await expect(page.getByText(`${left.toLocaleString('en')} images selected`)).toBeVisible();
  await expect.poll(async () => (await panel.locator('canvas').screenshot()).equals(before)).toBe(false);
  await panel.getByRole('button', { name: 'Clear lasso' }).click();
  await expect(listed(page)).toHaveText('2,500 images');
  expect(errors).toEqual([]);

  // Charts take the map's place: a bar lists its images, and shades the others.
  await page.getByRole('button', { name: 'Charts', exact: true }).click();
  const charts = page.getByRole('region', { name: 'Charts', exact: true });
  await charts.getByRole('button', { name: 'Look at the images' }).click();
  const bar = charts.getByRole('group', { name: 'Brightness' }).getByRole('button').nth(5);
  await expect(bar).toHaveAccessibleName(/^Brightness .*: \d+ images?, \d+ listed$/);
  const images = Number(/: (\d+) image/.exec((await bar.getAttribute('aria-label'))!)![1]);
  await bar.click();
  await expect(bar).toHaveAttribute('aria-pressed', 'true');
  await expect(listed(page)).toHaveText(`${images} images`);
  await expect(charts.getByRole('group', { name: 'Contrast' }).getByRole('button').first()).toBeVisible();
  await expect(charts.getByRole('img', { name: 'Mean image of Bag' })).toBeVisible();
  await atRest(page);
  expect.soft(await findings(page), 'charts').toEqual([]);
  await charts.getByRole('button', { name: 'Clear bars' }).click();
  await expect(listed(page)).toHaveText('2,500 images');

  // The query line says the same in words: completed, combined, and written where bars and classes are pressed.
  const query = page.getByRole('combobox', { name: 'Find images' });
  await query.click();
  await page.keyboard.type('class:ba');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(query).toHaveValue('class:Bag ');
  await page.keyboard.type('brightness<200 part:train');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: /Train/ })).toHaveAttribute('aria-selected', 'true');
  await expect(listed(page)).toHaveText(fewer);
  await bar.click();
  await expect(query).toHaveValue(/^class:Bag part:train brightness>=[\d.]+ brightness<[\d.]+$/);
  await query.click();
  await page.keyboard.press('Escape');
  await expect(listed(page)).toHaveText('2,500 images');

  // Sorted by a fact, and that kept as a view under a name.
  await page.getByRole('button', { name: 'Sort', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Sort by brightness' }).click();
  await expect(query).toHaveValue('sort:brightness');
  const grid = page.getByRole('grid', { name: 'Images' });
  const brightest = () => grid.getByRole('gridcell').first().getAttribute('aria-label');
  await expect.poll(brightest).not.toBeNull();
  const darkest = await brightest();
  await query.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('sort:-brightness');
  await page.keyboard.press('Enter');
  await expect.poll(brightest).not.toBe(darkest);
  await page.getByRole('button', { name: 'Saved views' }).click();
  await page.getByRole('menuitem', { name: 'Save or delete' }).click();
  await page.getByPlaceholder('Name of the view').fill('lightest');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await query.click();
  await page.keyboard.press('Escape');
  await expect(query).toHaveValue('');
  await page.getByRole('button', { name: 'Saved views' }).click();
  await page.getByRole('menuitem', { name: 'lightest' }).click();
  await expect(query).toHaveValue('sort:-brightness');
  await query.click();
  await page.keyboard.press('Escape');

  // It is kept: another window has it at once.
  await page.reload();
  await enter(page, 'Data');
  await page.getByRole('button', { name: 'Map of embeddings' }).click();
  await expect(panel.locator('canvas[data-points="2500"][data-drawn=true]')).toBeVisible();

  // All of it by keys.
  const surface = panel.getByRole('application', { name: 'Map of embeddings' });
  await surface.focus();
  for (const key of ['+', '+', '+', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
  await expect(listed(page)).toHaveText(fewer);
  await page.keyboard.press('Escape');
  await expect(listed(page)).toHaveText('2,500 images');

  for (const name of [null, 'Use dark colours']) {
    if (name) await page.getByRole('button', { name }).click();
    // The button's tip, over all of the window, goes with the pointer.
    await page.mouse.move(20, 500);
    await expect(page.locator('.tip:not(.floating)')).toHaveCount(0);
    await atRest(page);
    expect.soft(await findings(page), name ?? 'light').toEqual([]);
  }
});
