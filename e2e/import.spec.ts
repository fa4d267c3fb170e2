/** What a chosen folder is taken for is shown, can be said otherwise, and only then imported. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { fixture, smallSample } from './command-line.ts';
import { chooseFolder } from './import.ts';
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

const pictures = ['bag.png', 'trouser.png'];

/** train and extra hold the same classes; one picture is in none. */
function makeFolder(within: string): string {
  const folder = join(within, 'clothes');
  const put = (path: string, at: number) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(fixture(pictures[at % 2]!), join(folder, path));
  };
  for (const part of ['train', 'extra'])
    for (const [at, name] of ['bags', 'trousers'].entries())
      for (let image = 0; image < 3; image++) put(`${part}/${name}/${image}.png`, at);
  put('sample.png', 0);
  return folder;
}

const rowsOf = (page: Page) =>
  page.getByRole('table', { name: 'Classes and parts' }).locator('tbody tr').allInnerTexts();

test('a folder is shown as classes and parts before it counts', async ({ open }) => {
  const studio = await open();
  const { page, home } = studio;
  const folder = makeFolder(home.folder);
  const dialog = page.getByRole('dialog', { name: /^Import clothes/ });

  await chooseFolder(studio, folder);
  await expect(dialog.getByRole('status')).toContainText('The folder train gives the parts');
  await expect(dialog.getByRole('list', { name: 'Warnings' })).toContainText(/7 images beside/);
  const skipped = dialog.getByRole('region', { name: 'Skipped files' });
  await expect(skipped).toContainText('extra/bags/0.png');
  expect((await rowsOf(page)).map((row) => row.split(/\s+/))).toEqual([
    ['bags', '3', '–', '–'],
    ['trousers', '3', '–', '–'],
  ]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { name: /Turn a folder of images/ })).toBeVisible();

  await chooseFolder(studio, folder);
  await dialog.getByLabel('Meaning of extra').selectOption('Validation');
  await expect(dialog.getByRole('status')).toContainText('The folders train and extra give the parts');
  expect((await rowsOf(page)).map((row) => row.split(/\s+/))).toEqual([
    ['bags', '3', '3', '–'],
    ['trousers', '3', '3', '–'],
  ]);
  await dialog.getByRole('heading').first().click();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Project in figures' })).toContainText('12 images');
  await expect(page.getByRole('tab', { name: /Validation/ })).toContainText('6');
  await expect(page.getByRole('button', { name: '1 file skipped' })).toBeVisible();
});

test('a folder that gives no class is unlabelled, unless it is said to be of one', async ({ open }) => {
  const studio = await open();
  const { page, home } = studio;
  const flat = join(home.folder, 'flat');
  mkdirSync(flat);
  for (const name of ['cat_1.png', 'dog_2.png']) copyFileSync(fixture('bag.png'), join(flat, name));
  await chooseFolder(studio, flat);
  const dialog = page.getByRole('dialog', { name: /^Import flat/ });
  await expect(dialog.getByRole('button', { name: 'Import 2 images' })).toBeEnabled();
  expect((await rowsOf(page)).map((row) => row.split(/\s+/)[0])).toEqual(['Unlabelled']);
  await dialog.getByLabel('Layout').selectOption('All of one class');
  await expect.poll(async () => (await rowsOf(page)).map((row) => row.split(/\s+/)[0])).toEqual(['flat']);
});

test('a first model trains by itself once the images are there', async ({ open }) => {
  const studio = await open({ firstModel: true });
  const { page } = studio;
  await chooseFolder(studio, smallSample);
  const dialog = page.getByRole('dialog', { name: /^Import fashion-mnist-small/ });
  await expect(dialog.getByRole('checkbox', { name: 'Train a first model afterwards' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Import 2,500 images' }).click();
  await enter(page, 'Train');
  await expect(page.getByText('Train First model')).toBeVisible();
  await expect(page.getByText(/Epoch \d+ of \d+/).first()).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole('button', { name: 'Cancel training' }).click();
});
