/** The command palette and the list of keyboard shortcuts, by keys alone: a command in each room, and what axe says of both. */
import type { Page } from '@playwright/test';
import { findings, roomNames } from './rooms.ts';
import { expect, test } from './studio.ts';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Command palette' });

/** Opens the palette, types, and does the first that fits, which is to be this one. */
async function run(page: Page, typed: string, label: string | RegExp): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(palette(page).getByRole('combobox', { name: 'Find a command' })).toBeFocused();
  await page.keyboard.type(typed);
  const chosen = palette(page).getByRole('option', { selected: true });
  await expect(chosen).toHaveAccessibleName(label);
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeHidden();
}
const current = (page: Page) =>
  page.getByRole('navigation', { name: 'Rooms' }).locator('[aria-current=page]');

test('a command of each room is found by typing and done with Enter', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await expect(page.getByRole('grid', { name: 'Images' })).toBeVisible();

  await run(page, 'training im', 'Show training images');
  await expect(page.getByRole('tab', { name: /^Train/ })).toHaveAttribute('aria-selected', 'true');
  await run(page, 'copy path', 'Copy the path of the image');
  await expect(page.getByText('has no path of its own: it is one of many images in a file.')).toBeVisible();
  await run(page, 'redraw', 'Redraw parts');
  await expect(page.getByRole('dialog', { name: 'Redraw parts' })).toBeVisible();
  // While a dialog is open no shortcut counts.
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Alt+2');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(current(page)).toHaveText('Data');

  await run(page, 'go label', 'Go to Label');
  await expect(current(page)).toHaveText('Label');
  await run(page, 'unlabelled', 'Show queue: Unlabelled images');
  await expect(page.getByText('This queue is empty')).toBeVisible();
  await run(page, 'add class', 'Add a class');
  await expect(page.getByRole('textbox', { name: /New class/ })).toBeFocused();
  // Text takes its keys itself.
  await page.keyboard.type('?1+/');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('textbox', { name: /New class/ })).toHaveValue('?1+/');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('tab', { name: 'Images' }).focus();

  await run(page, 'train', 'Go to Train');
  await run(page, 'settings', 'Show all settings');
  await expect(page.getByRole('form', { name: 'All settings of the recipe' })).toBeVisible();
  await run(page, 'use recipe seed', 'Use the recipe Seed');
  await expect(page.getByRole('radio', { name: 'Seed' })).toBeChecked();

  await run(page, 'judge', 'Go to Judge');
  await expect(page.getByRole('grid', { name: 'Confusion matrix' })).toBeVisible();
  await run(page, 'validation', 'Judge the validation images');
  await expect(page.getByRole('tab', { name: /^Validation/ })).toHaveAttribute('aria-selected', 'true');

  await run(page, 'ship', 'Go to Ship');
  const chooser = page.waitForEvent('filechooser');
  await run(page, 'predict', 'Classify an image');
  expect((await chooser).isMultiple()).toBe(true);
});

test('what was used last comes first, what cannot be done says why and does nothing', async ({
  open,
  trained,
}) => {
  const { page } = await open({ project: trained });
  await expect(page.getByRole('grid', { name: 'Images' })).toBeVisible();
  await run(page, 'dark', 'Use dark colours');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await run(page, '', 'Use light colours');
  await expect(page.locator('html')).not.toHaveAttribute('data-theme', 'dark');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('clear selection');
  const option = palette(page).getByRole('option', { name: 'Clear the selection' });
  await expect(option).toHaveAttribute('aria-disabled', 'true');
  await expect(option).toContainText('No image is selected');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();

  await page.getByRole('grid', { name: 'Images' }).focus();
  await page.keyboard.press('Control+a');
  await expect(page.getByText('2,500 images selected')).toBeVisible();
  await run(page, 'clear selection', 'Clear the selection');
  await expect(page.getByText('2,500 images selected')).toBeHidden();
  await expect(page.getByRole('grid', { name: 'Images' })).toBeFocused();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the palette and the list of keys are for everybody, ${colorScheme}`, async ({ open, trained }) => {
    const { page } = await open({ project: trained, colorScheme });
    await expect(page.getByRole('grid', { name: 'Images' })).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(palette(page).getByRole('option').first()).toBeVisible();
    expect.soft(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    for (const name of ['Everywhere', ...roomNames.filter((room) => !['Train', 'Ship'].includes(room))])
      await expect(keys.getByRole('region', { name, exact: true })).toBeVisible();
    await expect(keys.getByRole('region', { name: 'Data' })).toContainText('this room');
    expect.soft(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(keys).toBeHidden();
  });
}
