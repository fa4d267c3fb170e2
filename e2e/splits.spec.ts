/** Parts that leak nothing, by keys alone: what a draw would come to, look-alikes kept together, the lock on a test part that was looked at. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { atelier, type Home } from './command-line.ts';
import { enter, findings } from './rooms.ts';
import { expect, test } from './studio.ts';

/** Things of each of two classes, each shown twice: as it is, and brightened and encoded anew. */
const things = 30;

/** A project of them, with a run that was evaluated on the test part and a cross-validation of each kind. */
async function makeProject(home: Home): Promise<string> {
  const folder = join(home.folder, 'pictures');
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (const name of ['round', 'square']) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let thing = 0; thing < things; thing++) {
      const raw = Buffer.from(Array.from({ length: 6 * 6 * 3 }, () => Math.floor(40 + 150 * random())));
      const picture = sharp(raw, { raw: { width: 6, height: 6, channels: 3 } });
      const png = await picture.resize(40, 40, { kernel: 'cubic' }).png().toBuffer();
      const letters = `${String.fromCharCode(97 + (thing % 26))}${thing < 26 ? '' : 'x'}`;
      writeFileSync(join(folder, name, `${letters}-front.png`), png);
      await sharp(png)
        .linear(1.15, 4)
        .jpeg({ quality: 70 })
        .toFile(join(folder, name, `${letters}-back.jpg`));
    }
  }
  const recipe = join(home.folder, 'recipe.json');
  const preprocessing = {
    ...{ height: 12, width: 12, channels: 3, fit: 'stretch' },
    normalisation: { kind: 'custom', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  };
  const training = {
    ...{ optimizer: { kind: 'sgd' }, learningRate: 0.01, schedule: { kind: 'constant' } },
    ...{ batchSize: 16, epochs: 1 },
  };
  writeFileSync(
    recipe,
    JSON.stringify({
      ...{ format: 'atelier-recipe/2', name: 'Tiny', preprocessing, augmentation: [], training },
      model: { layers: [{ kind: 'flatten' }] },
    }),
  );
  const project = join(home.folder, 'Pairs.atelier');
  await atelier(home, 'new', project, '--from', folder);
  // By copies alone, as a program of before drew them.
  await atelier(home, 'split', project, '--test', '0.2', '--group-by', 'none');
  await atelier(home, 'train', project, '--recipe', recipe);
  for (const kind of [
    ['--name', 'Leak-proof'],
    ['--name', 'Random', '--random-folds'],
  ])
    await atelier(home, 'cross-validate', project, '--recipe', recipe, '--folds', '2', ...kind);
  return project;
}

/** Tab until it has the focus, then the key. */
async function press(page: Page, role: 'button' | 'checkbox', name: string, key: string): Promise<void> {
  const target = page.getByRole('dialog').getByRole(role, { name, exact: true });
  for (let step = 0; step < 60; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
  await page.keyboard.press(key);
}

test('parts are drawn so that nothing leaks, and a test part that was looked at is locked', async ({
  open,
  home,
}) => {
  const { page } = await open({ project: await makeProject(home) });
  const facts = page.getByRole('region', { name: 'Project in figures' });
  // Groups are known by the import; the parts were drawn without them since.
  const warnings = facts.getByRole('list', { name: 'Warnings' });
  await expect(warnings).toContainText(/images of the test part look like training images/);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('redraw');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Redraw parts' });
  await expect(dialog.getByRole('note')).toContainText('may have informed 1 choice');
  await press(page, 'checkbox', 'Redraw the test part too', 'Space');
  const redraw = dialog.getByRole('button', { name: 'Redraw', exact: true });
  await expect(redraw).toBeDisabled();
  await press(page, 'button', 'Preview', 'Enter');
  const preview = dialog.getByRole('region', { name: 'What it would come to' });
  await expect(preview).toContainText(
    /60 groups hold 120 images together.*, 0 would belong\s+to a group that trains/s,
  );
  const pairs = preview.getByRole('list', { name: 'Pairs that a draw at random would part' });
  await expect(pairs.getByRole('img')).toHaveCount(16);
  await expect(preview.getByRole('table').getByRole('row')).toHaveCount(3);
  expect(await findings(page)).toEqual([]);
  // Nothing counts yet.
  await expect(warnings).toContainText(/look like training images/);

  await press(page, 'checkbox', 'Yes, draw a new test part', 'Space');
  await expect(redraw).toBeEnabled();
  await press(page, 'button', 'Redraw', 'Enter');
  await expect(dialog).toBeHidden();
  await expect(facts).not.toContainText('look like training images');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('redraw');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('note')).toContainText(
    /was not looked at yet as it is.*images were in a test part that may have informed 1 choice.*Evaluated on version [0-9a-f]{12}: Tiny 1/,
  );
  await page.keyboard.press('Escape');

  // The test part of before is there again, with what was counted of it.
  await page.keyboard.press('Control+z');
  await expect(warnings).toContainText(/look like training images/);

  await enter(page, 'Train');
  await page.getByRole('tab', { name: /^Studies/ }).click();
  await page.getByRole('list', { name: 'Studies' }).getByText('Random', { exact: true }).click();
  const estimates = page.getByRole('region', { name: 'Estimates' });
  await expect(estimates).toContainText(/Leak-proof folds\s*\d+\.\d\d\s*%.*\(95 %\)/s);
  await expect(estimates).toContainText(/Random folds \(naive\)\s*\d+\.\d\d\s*%.*\(95 %\)/s);
  await expect(
    estimates.getByRole('list', { name: 'Look-alikes in different folds' }).getByRole('img'),
  ).toHaveCount(12);
  expect(await findings(page)).toEqual([]);
});
