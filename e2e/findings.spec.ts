/** Wrong labels and copies are found and repaired by keys, and all is taken back; nobody meets a fault of the page on the way. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { atelier, type Home } from './command-line.ts';
import { blobs } from './pictures.ts';
import { atRest, enter, findings as faultsOfPage } from './rooms.ts';
import { expect, test } from './studio.ts';

const ofClass = 30;
const colours = { red: [230, 40, 40], green: [40, 220, 60] } as const;

/** A project of two classes in which three labels are wrong and one image is there twice. */
async function plantedProject(home: Home): Promise<string> {
  const folder = join(home.folder, 'blobs');
  for (const name of ['red', 'green']) mkdirSync(join(folder, name), { recursive: true });
  for (const [place, name] of (['red', 'green'] as const).entries())
    for (let seed = 0; seed < ofClass; seed += 1) {
      const isWrong = name === 'red' ? seed === 4 || seed === 19 : seed === 11;
      const given = isWrong ? (name === 'red' ? 'green' : 'red') : name;
      writeFileSync(join(folder, given, `${name}-${seed}.png`), blobs(colours[name], 100 * place + seed));
    }
  writeFileSync(join(folder, 'red', 'copy.png'), blobs(colours.red, 7));
  const project = join(home.folder, 'Blobs.atelier');
  await atelier(home, 'new', project, '--from', folder);
  return project;
}

async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused();
  await page.keyboard.type(name);
  await expect(page.getByRole('option').first()).toContainText(name);
  await page.keyboard.press('Enter');
}

/** As a reader says it. */
const kindButton = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Findings by kind' })
    .getByRole('button', { name: new RegExp(`^${name}`) });

for (const colorScheme of ['light', 'dark'] as const)
  test(`findings are looked for, repaired and taken back by keys, ${colorScheme}`, async ({ open, home }) => {
    const { page } = await open({ project: await plantedProject(home), colorScheme });
    await expect(page.getByRole('grid', { name: 'Images', exact: true })).toBeVisible();
    await command(page, 'Show findings');
    await expect(page.getByText('Nobody has looked yet')).toBeVisible();
    await atRest(page);
    expect.soft(await faultsOfPage(page)).toEqual([]);
    await command(page, 'Compute embeddings, then look for findings');

    const grid = page.getByRole('grid', { name: 'Images of the finding Label errors' });
    await expect(grid).toBeVisible({ timeout: 200_000 });
    await expect(kindButton(page, 'Label errors')).toHaveAttribute('aria-pressed', 'true');
    const status = page.getByRole('status').filter({ hasText: /^\d+ left of \d+$/ });
    const before = await status.innerText();
    const [left, all] = before.match(/\d+/g)!.map(Number) as [number, number];
    expect(left).toBe(all);
    expect(left).toBeGreaterThanOrEqual(3);
    await expect(grid.getByRole('gridcell', { name: /red-4\.png, green, red \d+ %/ })).toBeVisible();
    await atRest(page);
    expect.soft(await faultsOfPage(page)).toEqual([]);

    // Accepting what is suggested goes on to the next.
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+A');
    await expect(status).toHaveText(`${left - 1} left of ${all}`);
    await expect(page.getByText(/The project changed since/)).toBeVisible();
    await expect(grid).toHaveAttribute('aria-activedescendant', /-1$/);
    await page.keyboard.press('Control+z');
    await expect(status).toHaveText(before);
    await expect(page.getByText(/The project changed since/)).toBeHidden();

    // Of two copies the one at hand is kept.
    await command(page, 'Show finding: Duplicates');
    await expect(kindButton(page, 'Duplicates')).toHaveAccessibleName('Duplicates 1 left of 1');
    const copies = page.getByRole('grid', { name: 'Images of the finding Duplicates' });
    const entry = page.getByRole('region', { name: 'The entry at hand' });
    await expect(entry).toContainText('the same content');
    await expect(entry.getByRole('button', { name: /copy\.png|red-7\.png/ })).toHaveCount(2);
    await copies.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+A');
    await expect(status).toHaveText('0 left of 1');
    await expect(copies.getByRole('gridcell', { name: /excluded: Duplicate/ })).toHaveCount(1);
    await page.keyboard.press('Control+z');
    await expect(status).toHaveText('1 left of 1');
    await expect(copies.getByRole('gridcell', { name: /excluded/ })).toHaveCount(0);
    // Or nothing is wrong with them.
    await page.keyboard.press('Shift+D');
    await expect(status).toHaveText('0 left of 1');
    await page.keyboard.press('Control+z');
    await expect(status).toHaveText('1 left of 1');

    await command(page, 'Show the images again');
    await expect(page.getByRole('grid', { name: 'Images', exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Findings: \d+ left$/ })).toBeVisible();
  });

/** Two classes of many images and one of four. */
async function unevenProject(home: Home): Promise<string> {
  const folder = join(home.folder, 'uneven');
  for (const [place, [name, colour, count]] of (
    [
      ['red', colours.red, ofClass],
      ['green', colours.green, ofClass],
      ['blue', [40, 60, 230], 4],
    ] as const
  ).entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let seed = 0; seed < count; seed += 1)
      writeFileSync(join(folder, name, `${name}-${seed}.png`), blobs(colour, 100 * place + seed));
  }
  const project = join(home.folder, 'Uneven.atelier');
  await atelier(home, 'new', project, '--from', folder);
  await atelier(home, 'findings', project);
  return project;
}

test('what is wrong with all of a class changes the recipe by keys, and is taken back in Train', async ({
  open,
  home,
}) => {
  const { page } = await open({ project: await unevenProject(home) });
  await expect(page.getByRole('grid', { name: 'Images', exact: true })).toBeVisible();
  const weights = page.getByLabel('Class weights', { exact: true });
  const entry = page.getByRole('region', { name: 'The entry at hand' });
  const use = entry.getByRole('button', { name: 'Use class weights' });

  // The recipe that is made for such a project has them; the plain one does not.
  await enter(page, 'Train');
  await command(page, 'Use the recipe Quick');
  await page.getByRole('button', { name: 'All settings' }).press('Enter');
  await page.keyboard.press('/');
  await page.keyboard.type('class weights');
  await expect(weights).toHaveValue('equal');

  await enter(page, 'Data');
  await command(page, 'Show finding: Class imbalance');
  const grid = page.getByRole('grid', { name: 'Images of the finding Class imbalance' });
  await expect(grid.getByRole('gridcell', { name: /blue-\d\.png, blue/ })).toHaveCount(4);
  await expect(entry).toContainText('blue: 4 images, an even share is 21');
  await atRest(page);
  expect.soft(await faultsOfPage(page)).toEqual([]);
  await grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+A');
  await expect(page.getByText('Recipe in Train: Class weights: Balanced (was Equal).')).toBeVisible();
  await expect(use).toBeDisabled();
  await expect(entry).toContainText('The recipe has class weights already.');

  await enter(page, 'Train');
  await expect(weights).toHaveValue('balanced');
  await page.keyboard.press('Control+z');
  await expect(weights).toHaveValue('equal');
  await enter(page, 'Data');
  await expect(use).toBeEnabled();

  // Or by the notice, where it was done.
  await grid.focus();
  await page.keyboard.press('Shift+A');
  await expect(use).toBeDisabled();
  await page.getByRole('listitem').getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(use).toBeEnabled();
  await grid.focus();
  await page.keyboard.press('Shift+D');
  const status = page.getByRole('status').filter({ hasText: /^\d+ left of \d+$/ });
  await expect(status).toHaveText('0 left of 1');
  await page.keyboard.press('Control+z');
  await expect(status).toHaveText('1 left of 1');

  // Each image of a shortcut has what was measured of it.
  await command(page, 'Show finding: Shortcuts');
  const shortcuts = page.getByRole('grid', { name: 'Images of the finding Shortcuts' });
  const told =
    /red-\d+\.png, red, rgb \d+ \d+ \d+, Border colour rgb \d+ \d+ \d+: \d+ % of such images are red/;
  await expect(shortcuts.getByRole('gridcell', { name: told }).first()).toBeVisible();
  await expect(entry.getByRole('button', { name: 'Exclude' })).toBeEnabled();
  await atRest(page);
  expect.soft(await faultsOfPage(page)).toEqual([]);
});
