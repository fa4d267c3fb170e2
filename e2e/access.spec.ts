/** Every room for everybody: no finding of axe in light or dark, and the whole path by keys. */
import type { Locator, Page } from '@playwright/test';
import { atRest, enter, findings, roomNames } from './rooms.ts';
import { expect, test } from './studio.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the five rooms, ${colorScheme}`, async ({ open, trained }) => {
    const { page } = await open({ project: trained, colorScheme });
    for (const name of roomNames) {
      await enter(page, name);
      await expect(page.getByText(/Connecting|Reading…/)).toHaveCount(0);
      await atRest(page);
      expect.soft(await findings(page), name).toEqual([]);
    }
  });
}

test('the rooms, the grid, the matrix and the large image are reached by keys', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  const current = page.getByRole('navigation', { name: 'Rooms' }).locator('[aria-current=page]');
  await expect(current).toHaveText('Data');
  for (const [index, name] of roomNames.entries()) {
    await page.keyboard.press(`Alt+${index + 1}`);
    await expect(current).toHaveText(name);
  }

  await page.keyboard.press('Alt+1');
  const grid = page.getByRole('grid', { name: 'Images' });
  await expect(grid.getByRole('gridcell').first()).toHaveAccessibleName(/Ankle boot/);
  await tabTo(page, grid);
  const before = await grid.getAttribute('aria-activedescendant');
  await page.keyboard.press('ArrowRight');
  await expect(grid).not.toHaveAttribute('aria-activedescendant', before ?? '');
  await page.keyboard.press('Enter');
  const large = page.getByRole('dialog');
  await expect(large).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(large).toContainText('3 of 2,500');
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await expect(grid).toBeFocused();

  await page.keyboard.press('Alt+4');
  const matrix = page.getByRole('grid', { name: 'Confusion matrix' });
  await expect(matrix).toBeVisible();
  await tabTo(page, matrix.getByRole('gridcell').first());
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Images behind the cell' })).toBeVisible();
});

/** Presses Tab until the target has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('not reached with 60 presses of Tab');
}
