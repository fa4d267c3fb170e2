/** The repair loop by keyboard alone: a twentieth of the labels is wrong; found, repaired, trained again, the gain seen, and all taken back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { atelier, type Home, smallSample } from './command-line.ts';
import { atRest, findings as faultsOfPage } from './rooms.ts';
import { expect, test } from './studio.ts';

const { step } = test;
/** Labels as they are true, and as they are given, by the name of the image. */
type Labels = ReadonlyMap<string, string>;

async function labelsOf(home: Home, project: string): Promise<Labels> {
  const file = join(home.folder, 'labels.csv');
  await atelier(home, 'labels', project, '--out', file, '--force');
  const [, ...rows] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
  return new Map(rows.map((row) => row.split(',').slice(0, 2) as [string, string]));
}

/** The small Fashion-MNIST, of which every twentieth image has a wrong label. */
async function flippedProject(home: Home): Promise<{ project: string; truth: Labels; given: Labels }> {
  const project = join(home.folder, 'Flipped.atelier');
  await atelier(home, 'new', project, '--from', smallSample);
  const truth = await labelsOf(home, project);
  const names = [...new Set(truth.values())];
  const flipped = [...truth]
    .filter((_, at) => at % 20 === 7)
    .map(([path, label], at) => {
      const other = names[(names.indexOf(label) + 1 + (at % (names.length - 1))) % names.length]!;
      return `${path},${other}`;
    });
  const file = join(home.folder, 'flips.csv');
  writeFileSync(file, ['path,label', ...flipped].join('\n'));
  await atelier(home, 'labels', project, '--in', file);
  await atelier(home, 'train', project, '--recipe', 'quick', '--set', 'training.epochs=8');
  return { project, truth, given: await labelsOf(home, project) };
}

async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused();
  await page.keyboard.type(name);
  await expect(page.getByRole('dialog').getByRole('option').first()).toContainText(name);
  await page.keyboard.press('Enter');
  // The next one begins where the palette is gone.
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toHaveCount(0);
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(target).toBeFocused({ timeout: 1 });
  }).toPass({ intervals: [0] });
}

/** Of the image at the cursor: its name and its label, as a reader says them; read at once, as the list changes meanwhile. */
async function atCursor(grid: Locator): Promise<{ name: string; label: string }> {
  const spoken = await grid.evaluate((element) => {
    const cell = document.getElementById(element.getAttribute('aria-activedescendant') ?? '');
    return cell?.getAttribute('aria-label') ?? '';
  });
  const [, name = '', label = ''] = /^(\S+), (?:now )?(.+?)(?: →|, )/.exec(spoken) ?? [];
  return { name, label };
}

const figures = (page: Page) => page.getByLabel('Accuracy before and after').getByText(/^\d+\.\d\d\s%$/);
const percentOf = (text: string) => Number(/\d+\.\d+/.exec(text)?.[0]);

test('labels are repaired by keys, the run is trained again and better, and all is taken back', async ({
  open,
  home,
}) => {
  const { project, truth, given } = await flippedProject(home);
  const wrong = [...truth].filter(([name, label]) => given.get(name) !== label).map(([name]) => name);
  expect(wrong).toHaveLength(125);
  const studio = await open({ project });
  const { page } = studio;
  const headline = page.getByLabel('Headline').getByRole('definition').first();
  const standing = page.getByRole('region', { name: 'What is shown' });
  const repair = page.getByRole('region', { name: 'This repair' });
  const grid = page.getByRole('grid', { name: 'Images to repair: Suspects' });
  let before = '';

  await step('suspects are looked for on the repair screen', async () => {
    await expect(page.getByRole('grid', { name: 'Images', exact: true })).toBeVisible();
    await command(page, 'Go to Judge');
    await expect(headline).toHaveText(/\d+\.\d\d\s%/);
    before = await headline.innerText();
    await command(page, 'Show repair');
    await expect(page.getByRole('grid', { name: 'Images to repair: Top losses' })).toBeVisible();
    await expect(standing).toContainText('which are the present ones');
    await expect(standing).toContainText('makes its test figure too good');
    await command(page, 'Repair: show suspects');
    await tabTo(page, page.getByRole('button', { name: 'Look for findings' }));
    await page.keyboard.press('Enter');
    await expect(grid).toBeVisible({ timeout: 200_000 });
    await expect(standing).toContainText('out of fold');
    await expect(standing).not.toContainText('makes its test figure too good');
    await atRest(page);
    expect.soft(await faultsOfPage(page)).toEqual([]);
  });

  const repaired = new Set<string>();
  await step('each is looked at: relabelled by the key of its class, or marked as hard', async () => {
    // Test images too, which is said to make the figure too good.
    await tabTo(page, page.getByLabel('Parts of the suspects'));
    await page.keyboard.press('End');
    await expect(standing).toContainText('makes its test figure too good');
    await tabTo(page, grid);
    await page.keyboard.press('Home');
    const keys = new Map(
      await page
        .getByRole('button', { name: /^Label as / })
        .evaluateAll((all) =>
          all.map((one) => [one.getAttribute('title')!, one.getAttribute('aria-keyshortcuts')!] as const),
        ),
    );
    const seen = new Set<string>();
    let hard = 0;
    while (seen.size < 90) {
      let image = await atCursor(grid);
      await expect(async () => {
        image = await atCursor(grid);
        expect(image.name).not.toBe('');
        expect(seen).not.toContain(image.name);
      }).toPass({ intervals: [20] });
      seen.add(image.name);
      const label = truth.get(image.name)!;
      const isWrong = image.label !== label;
      if (isWrong) repaired.add(image.name);
      else hard += 1;
      await page.keyboard.press(isWrong ? keys.get(label)! : 'Shift+H');
    }
    expect(repaired.size).toBeGreaterThan(60);
    await expect(repair.getByRole('heading')).toHaveText(
      `${repaired.size} relabelled${hard > 0 ? `, ${hard} marked as hard` : ''}`,
    );
    await expect(standing).toContainText(/labels now \w{6}:\s+\d+ labels changed since/);
  });

  await step(
    'the repaired labels are those that the source gave, and the repair goes on when one comes back',
    async () => {
      await command(page, 'Go to Data');
      await expect(page.getByText(`${wrong.length - repaired.size} relabelled`)).toBeVisible();
      await command(page, 'Go to Judge');
      await command(page, 'Show repair');
      await expect(repair.getByRole('heading')).toContainText(`${repaired.size} relabelled`);
    },
  );

  await step('trained again in the background, compared on the same labels', async () => {
    await page.keyboard.press('Shift+R');
    await expect(page.getByRole('progressbar', { name: /^Training .* repaired$/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Cancel', exact: true })).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await expect(figures(page)).toHaveCount(3, { timeout: 200_000 });
    const [then, onPresent, after] = (await figures(page).allInnerTexts()).map(percentOf) as [
      number,
      number,
      number,
    ];
    expect(then).toBe(percentOf(before));
    // Most of the gain is of repaired test labels; what training on 1,600 images adds is a matter of a few of them.
    expect(onPresent).toBeGreaterThan(then + 2);
    expect(after).toBeGreaterThan(then);
    const outcome = page.getByRole('region', { name: 'What came of it' });
    await expect(outcome).toContainText('by the labels alone');
    await expect(outcome.getByRole('table', { name: 'Difference by class' }).getByRole('row')).toHaveCount(
      11,
    );
    const fixed = Number(
      /\d+/.exec(await outcome.getByRole('heading', { name: /^Fixed: / }).innerText())?.[0],
    );
    await atRest(page);
    expect.soft(await faultsOfPage(page)).toEqual([]);
    await command(page, 'Repair: show fixed by retraining');
    const changed = page.getByRole('grid', { name: 'Images to repair: Fixed by retraining' });
    if (fixed > 0) {
      await expect(changed).toBeVisible();
      await expect(page.getByRole('status').filter({ hasText: /^\d+ images?$/ })).toHaveText(
        fixed === 1 ? '1 image' : `${fixed} images`,
      );
      await tabTo(page, changed);
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog').getByText('Loss')).toBeVisible();
      await page.keyboard.press('Escape');
    }
  });

  await step('all is taken back as one, and the figures of before are shown', async () => {
    const question = page.getByRole('dialog', { name: 'Undo all repairs?' });
    await command(page, 'Undo all repairs');
    await question.getByRole('button', { name: 'Keep them' }).click();
    await expect(question).toBeHidden();
    await expect(repair.getByRole('heading')).toHaveText(/\d+ relabelled, \d+ marked as hard/);
    await command(page, 'Undo all repairs');
    await question.getByRole('button', { name: /^Undo \d+ changes$/ }).click();
    await expect(repair.getByRole('heading')).toHaveText('Nothing repaired yet');
    await expect(standing).toContainText('which are the present ones');
    await expect(headline).toHaveText(before);
    await expect(figures(page)).toHaveCount(0);
  });
  await studio.close();
  expect(await labelsOf(home, project)).toEqual(given);
});
