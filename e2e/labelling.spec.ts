/** From a flat folder that nobody has labelled to a model, with the keyboard alone; suggestions do most of the labelling. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { dropFile } from './drop.ts';
import { chooseFolder } from './import.ts';
import { flatFolder, stripes } from './pictures.ts';
import { expect, test } from './studio.ts';

const press = async (target: Locator) => {
  await target.focus();
  await target.press('Enter');
};

test('a flat folder is labelled, trained on and predicted by keys', async ({ open }) => {
  const studio = await open();
  const { page, home } = studio;
  await chooseFolder(studio, flatFolder(home.folder, 16));
  const dialog = page.getByRole('dialog', { name: /^Import stripes/ });
  await expect(dialog.getByRole('table', { name: 'Classes and parts' })).toContainText('Unlabelled');
  await press(dialog.getByRole('button', { name: 'Import 32 images' }));

  // Without a class, Label is where it goes on, in the box for the first name.
  const box = page.getByRole('textbox', { name: /New class/ });
  await expect(box).toBeFocused();
  await page.keyboard.type('columns');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: 'Images to label' })).toBeFocused();
  await page.keyboard.press('+');
  await expect(box).toBeFocused();
  await page.keyboard.type('rows');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: 'Images to label' })).toBeFocused();
  await page.keyboard.press('Home');
  for (let image = 0; image < 3; image += 1) await page.keyboard.press('1');
  await page.keyboard.press('End');
  for (let image = 0; image < 3; image += 1) {
    await page.keyboard.press('2');
    await page.keyboard.press('ArrowLeft');
  }
  await expect(page.getByText(/^[56] labelled, 2[67] left$/)).toBeVisible();

  await press(page.getByRole('tab', { name: 'Suggestions' }));
  await press(page.getByRole('button', { name: 'Compute embeddings' }));
  const suggested = page.getByRole('list', { name: 'Suggested labels' });
  await expect(suggested.getByRole('button').first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole('button', { name: /^Accept \d+ labels/ })).toBeEnabled();
  // A class's key is for the image at hand on the page, not for the list behind it.
  const before = await page.getByText(/^\d+ labelled, \d+ left$/).innerText();
  const name = await suggested.getByRole('button').first().getAttribute('aria-label');
  await page.keyboard.press(name!.startsWith('columns') ? '1' : '2');
  await expect(page.getByText(before, { exact: true })).toBeHidden();
  await expect(suggested.getByRole('button', { name: name!, exact: true })).toBeHidden();
  // A page at a time.
  const state = page.getByText(/^\d+ labelled, \d+ left$/);
  for (let pages = 0; pages < 4 && (await state.isVisible()); pages += 1) {
    const left = await state.innerText();
    await expect(page.getByRole('button', { name: /^Accept \d+ labels?/ })).toBeEnabled();
    await suggested.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText(left, { exact: true })).toBeHidden();
  }
  await expect(page.getByText('Everything is labelled')).toBeVisible();

  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  await press(rooms.getByRole('link', { name: 'Train' }));
  await press(page.getByRole('button', { name: 'Train', exact: true }));
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeHidden({ timeout: 150_000 });
  await press(rooms.getByRole('link', { name: 'Ship' }));
  const picture = join(home.folder, 'new.png');
  writeFileSync(picture, stripes('rows', 77));
  await dropFile(page, picture);
  await expect(page.getByRole('region', { name: 'Classify an image' })).toContainText('rows');
});
