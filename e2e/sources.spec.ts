/** The sources of a project: compared with their folder, relinked where it moved, and removed, each with the way back. */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { atelier, fixture, type Home } from './command-line.ts';
import { expect, type OpenOptions, type Studio, test } from './studio.ts';

/** Two classes of three pictures, each file of a content of its own. */
function makeFolder(folder: string): void {
  for (const [name, picture] of [
    ['bags', 'bag.png'],
    ['trousers', 'trouser.png'],
  ] as const)
    for (let image = 0; image < 3; image++) put(join(folder, name, `${image}.png`), picture);
}

let made = 0;
function put(path: string, picture: string): void {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(fixture(picture), path);
  // What follows the end of a PNG is no part of the picture, and is part of the file's content.
  writeFileSync(path, String(++made), { flag: 'a' });
}

async function openProject(home: Home, open: (options: OpenOptions) => Promise<Studio>) {
  const folder = join(home.folder, 'clothes');
  makeFolder(folder);
  const project = join(home.folder, 'Clothes.atelier');
  await atelier(home, 'new', project, '--from', folder);
  return { folder, ...(await open({ project, allow: home.folder })) };
}

async function showSources(page: Page) {
  await page.getByRole('button', { name: /^\d+ sources?$/ }).click();
  return page.getByRole('dialog', { name: /Sources|What changed/ });
}

const facts = (page: Page) => page.getByRole('region', { name: 'Project in figures' });
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' }).first();

test('a re-scan shows what changed, and what is taken over can be undone', async ({ open, home }) => {
  const { page, folder } = await openProject(home, open);
  await expect(facts(page)).toContainText('6 images');
  put(join(folder, 'bags', 'new.png'), 'bag.png');
  put(join(folder, 'bags', '0.png'), 'trouser.png');
  renameSync(join(folder, 'bags', '1.png'), join(folder, 'trousers', 'moved.png'));
  rmSync(join(folder, 'trousers', '2.png'));

  const dialog = await showSources(page);
  await dialog.getByRole('button', { name: 'Re-scan' }).click();
  for (const found of ['bags/new.png', 'bags/0.png', 'trousers/moved.png', 'trousers/2.png'])
    await expect(dialog).toContainText(found);
  // Looking changes nothing.
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog).toContainText('6 images');
  await dialog.getByRole('button', { name: 'Re-scan' }).click();
  await dialog.getByRole('checkbox', { name: /gone/i }).uncheck();
  await dialog.getByRole('button', { name: 'Take over' }).click();
  await expect(dialog).toContainText('7 images');
  await expect(page.getByText(/^Taken over: 1 added, 1 changed, 1 moved/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Re-scan' }).click();
  // What was not taken over is found again.
  await expect(dialog).toContainText('trousers/2.png');
  await expect(dialog).not.toContainText('bags/new.png');
  await page.keyboard.press('Escape');
  await undo(page).click();
  await expect(facts(page)).toContainText('6 images');
});

test('a source whose folder moved is relinked', async ({ open, home }) => {
  const { page, app, folder } = await openProject(home, open);
  const moved = join(home.folder, 'elsewhere');
  renameSync(folder, moved);

  const dialog = await showSources(page);
  await dialog.getByRole('button', { name: 'Re-scan' }).click();
  await expect(dialog.getByRole('alert')).toContainText(/relink/);
  await expect(dialog.getByRole('button', { name: 'Re-scan' })).toBeVisible();
  if (app)
    await app.evaluate(({ dialog: system }, path) => {
      system.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
    }, moved);
  await dialog.getByRole('button', { name: 'Relink…' }).click();
  if (!app) {
    await dialog.getByLabel(/Where the folder is now/).fill(moved);
    await page.keyboard.press('Enter');
  }
  await expect(dialog).toContainText(moved);
  await dialog.getByRole('button', { name: 'Relink', exact: true }).click();
  await expect(dialog.getByRole('listitem')).toContainText(moved);
  await expect(dialog.getByRole('listitem')).toContainText('6 images');
});

test('a source is removed and comes back, by the keyboard alone', async ({ open, home }) => {
  const { page } = await openProject(home, open);
  const dialog = await showSources(page);
  await dialog.getByRole('button', { name: 'Remove' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('No source yet');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('Control+z');
  await expect(facts(page)).toContainText('6 images');
});
