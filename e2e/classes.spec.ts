/**
 * The data set curated in the window: classes merged, split, recoloured, renamed and deleted, images excluded, noted and dragged
 * onto a class, a table of labels in and out. Each is undone, and axe looks at each dialog.
 */
import type { Page } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atelier, type Home } from './command-line.ts';
import { stripes } from './pictures.ts';
import { enter, findings } from './rooms.ts';
import { expect, test } from './studio.ts';

/** Three classes of four pictures; returns the project. */
async function makeProject(home: Home): Promise<string> {
  const folder = join(home.folder, 'pictures');
  for (const [at, name] of ['ant', 'bee', 'wasp'].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let seed = 0; seed < 4; seed += 1)
      writeFileSync(
        join(folder, name, `${name}-${seed}.png`),
        stripes(at % 2 ? 'rows' : 'columns', 10 * at + seed),
      );
  }
  const project = join(home.folder, 'Insects.atelier');
  await atelier(home, 'new', project, '--from', folder);
  return project;
}

const grid = (page: Page) => page.getByRole('grid', { name: /^Images/ });
const menuOf = (page: Page, name: string) => page.getByRole('button', { name: `Change class ${name}` });
/** By keys, as the button is shown only where its row is pointed at or has the focus. */
async function choose(page: Page, name: string, item: string): Promise<void> {
  await menuOf(page, name).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: item }).press('Enter');
}
/** Names and counts in the palette of Label. */
async function expectClasses(page: Page, classes: Record<string, number>): Promise<void> {
  const rows = page.getByRole('complementary', { name: 'Classes and keys' }).getByRole('listitem');
  await expect(rows).toHaveText(
    Object.entries(classes).map(([name, images]) => new RegExp(`${name}\\s*${images}\\s*$`)),
  );
}
const toast = (page: Page, text: string) =>
  page
    .getByRole('listitem')
    .filter({ hasText: text })
    .filter({ has: page.getByRole('button', { name: 'Undo' }) });
async function select(page: Page, images: number): Promise<void> {
  await grid(page).focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  for (let more = 1; more < images; more += 1) await page.keyboard.press('Shift+ArrowRight');
}
/** While a dialog is open, or still closing, no shortcut counts. */
const undo = async (page: Page) => {
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+z');
};
const expectAccessible = async (page: Page) => expect.soft(await findings(page)).toEqual([]);

test('classes are merged, split, recoloured, renamed and deleted, and each comes back', async ({
  open,
  home,
}) => {
  const { page } = await open({ project: await makeProject(home) });
  await enter(page, 'Label');
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });

  await choose(page, 'bee', 'Merge into…');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('combobox', { name: 'Merge into' })).toBeFocused();
  await expect(dialog.getByRole('option')).toHaveText([/ant/, /wasp/]);
  await page.keyboard.type('was');
  await expect(dialog).toContainText('4 images move from “bee” to “wasp”, and “bee” is gone.');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expectClasses(page, { ant: 4, wasp: 8 });
  await expect(grid(page)).toBeFocused();
  await undo(page);
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });
  // With another change after it, the notice's own way back is closed.
  await page.keyboard.press('Control+Shift+z');
  await expectClasses(page, { ant: 4, wasp: 8 });
  await toast(page, '“bee” merged into “wasp”: 4 images moved.')
    .getByRole('button', { name: 'Undo' })
    .click();
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });

  await select(page, 2);
  await choose(page, 'ant', 'Split…');
  await expect(dialog).toContainText('2 of ant');
  await expect(dialog.getByRole('textbox', { name: 'Name of the new class' })).toBeFocused();
  await page.keyboard.type('bee');
  await expect(dialog).toContainText('Another class has this name.');
  await expect(dialog.getByRole('button', { name: 'Split 2 images' })).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Name of the new class' }).fill('queen');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expectClasses(page, { ant: 2, bee: 4, wasp: 4, queen: 2 });
  await undo(page);
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });

  const key = page.getByRole('button', { name: '1: Label as ant' });
  const before = await key.evaluate((element) => getComputedStyle(element).borderBottomColor);
  await choose(page, 'ant', 'Recolour…');
  await dialog.getByRole('textbox', { name: 'Any colour' }).fill('#ffee00');
  await expect(dialog).toContainText('It can hardly be seen in the light theme');
  await dialog.getByRole('button', { name: 'Violet' }).press('Enter');
  await expect(dialog).toContainText('It shows well in both themes.');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Recolour', exact: true }).press('Enter');
  await expect(key).toHaveCSS('border-bottom-color', 'rgb(122, 111, 208)');
  await expect(menuOf(page, 'ant')).toBeFocused();
  await undo(page);
  await expect(key).toHaveCSS('border-bottom-color', before);

  await choose(page, 'wasp', 'Rename…');
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('hornet');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expectClasses(page, { ant: 4, bee: 4, hornet: 4 });

  await choose(page, 'bee', 'Delete…');
  await expect(dialog).toContainText('4 images of “bee” become unlabelled');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expectClasses(page, { ant: 4, bee: 4, hornet: 4 });
  await choose(page, 'bee', 'Delete…');
  await dialog.getByRole('button', { name: 'Delete class' }).press('Enter');
  await expectClasses(page, { ant: 4, hornet: 4 });
  await expect(page.getByText('8 labelled, 4 left')).toBeVisible();
  await undo(page);
  await expectClasses(page, { ant: 4, bee: 4, hornet: 4 });
  await undo(page);
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });
});

test('images are excluded, noted and found again, by key and by button', async ({ open, home }) => {
  const { page } = await open({ project: await makeProject(home) });
  const dialog = page.getByRole('dialog');
  const marked = (text: RegExp) => grid(page).getByRole('gridcell', { name: text });
  await expect(grid(page).getByRole('gridcell')).toHaveCount(12);
  await select(page, 3);
  await expect(page.getByRole('group', { name: 'Selected images' })).toContainText('3 images selected');
  await expectAccessible(page);
  await page.keyboard.press('Shift+E');
  await expect(dialog).toContainText('Exclude 3 images');
  await expectAccessible(page);
  await page.keyboard.type('Out of focus');
  await page.keyboard.press('Enter');
  await expect(marked(/excluded: Out of focus$/)).toHaveCount(3);
  await page.keyboard.press('Shift+N');
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('Ask Ana');
  await expectAccessible(page);
  await page.keyboard.press('Control+Enter');
  await expect(marked(/excluded: Out of focus, with a note$/)).toHaveCount(3);

  // Found by the filter, and taken back there by the button.
  const filter = page.getByRole('button', { name: /^Excluded/ });
  await filter.click();
  await expect(grid(page).getByRole('gridcell')).toHaveCount(3);
  await select(page, 2);
  await expectAccessible(page);
  await page
    .getByRole('group', { name: 'Selected images' })
    .getByRole('button', { name: 'Include again' })
    .click();
  await expect(grid(page).getByRole('gridcell')).toHaveCount(1);
  await filter.click();
  await expect(marked(/excluded/)).toHaveCount(1);
  await expect(marked(/with a note$/)).toHaveCount(3);
  for (const [excluded, noted] of [
    [3, 3],
    [3, 0],
    [0, 0],
  ] as const) {
    await undo(page);
    await expect(marked(/excluded/)).toHaveCount(excluded);
    await expect(marked(/with a note/)).toHaveCount(noted);
  }

  // The one at the cursor, shown large.
  await select(page, 1);
  await page.keyboard.press('Enter');
  // By its name: the dialog that asks for the reason goes a moment after its answer is there.
  const large = page.getByRole('dialog', { name: 'ant-0.png' });
  await expect(large).toBeVisible();
  await large.getByRole('button', { name: 'Exclude…' }).press('Enter');
  await page.getByRole('button', { name: 'Blurred' }).press('Enter');
  await page.getByRole('button', { name: 'Exclude 1 image' }).press('Enter');
  await expect(large).toContainText('Excluded: Blurred');
  await expectAccessible(page);
  await page.keyboard.press('Shift+E');
  await expect(large).not.toContainText('Excluded: Blurred');
});

test('dragged images get the class that they are let go of over', async ({ open, home }) => {
  const { page } = await open({ project: await makeProject(home) });
  await enter(page, 'Label');
  const cell = (at: number) => grid(page).getByRole('gridcell').nth(at);
  await select(page, 3);
  // Taken hold of by one of the selection, all of it comes along.
  await cell(1).dragTo(page.getByRole('button', { name: '3: Label as wasp' }));
  await expectClasses(page, { ant: 1, bee: 4, wasp: 7 });
  await expect(toast(page, '3 images labelled “wasp”.')).toBeVisible();
  await expect(page.locator('[data-over]')).toHaveCount(0);
  // Any other comes alone.
  await select(page, 2);
  await cell(3).dragTo(page.getByText('bee', { exact: true }).first());
  await expectClasses(page, { ant: 0, bee: 5, wasp: 7 });
  // Let go of elsewhere nothing happens.
  await cell(4).dragTo(page.getByRole('complementary', { name: 'Current image' }));
  await expectClasses(page, { ant: 0, bee: 5, wasp: 7 });
  await undo(page);
  await expectClasses(page, { ant: 1, bee: 4, wasp: 7 });
  await undo(page);
  await expectClasses(page, { ant: 4, bee: 4, wasp: 4 });

  await enter(page, 'Data');
  await cell(0).dragTo(page.getByRole('button', { name: /^wasp/ }));
  await expect(page.getByRole('button', { name: /^wasp/ })).toContainText('5');
});

test('a table of labels is shown before it counts, and comes out again', async ({ open, home, runtime }) => {
  const project = await makeProject(home);
  const { page } = await open({ project });
  const dialog = page.getByRole('dialog');
  const give = async (name: string, text: string) => {
    const file = join(home.folder, name);
    writeFileSync(file, text);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Labels', exact: true }).press('Enter');
    await page.getByRole('menuitem', { name: /^Import labels/ }).press('Enter');
    await (await chooser).setFiles(file);
  };
  await give('bad.csv', 'look\n1\n');
  await expect(dialog.getByRole('alert')).toContainText('Expected a column for the image (path or hash)');
  await page.keyboard.press('Escape');

  await give(
    'in.csv',
    'path,label,excluded\nant/ant-0.png,queen,\nant/ant-1.png,bee,Blurred\nnowhere.png,bee,\n',
  );
  await expect(dialog.getByRole('table', { name: 'What changes' })).toContainText(
    '2images get a label or another one',
  );
  await expect(dialog).toContainText('1 new class: queen');
  await expect(dialog).toContainText('No image of the project has this path.');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^queen/ })).toBeHidden();

  await give(
    'in.csv',
    'path,label,excluded,hard\nant/ant-0.png,queen,,\nant/ant-1.png,bee,Blurred,hard\nnowhere.png,bee,,\n',
  );
  await dialog.getByRole('button', { name: 'Import labels' }).click();
  await expect(page.getByRole('button', { name: /^queen/ })).toContainText('1');
  await expect(toast(page, 'Labels of in.csv taken over. 1 row could not be.')).toBeVisible();

  // The system's save dialog cannot be driven.
  if (runtime === 'electron') return;
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Labels', exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: /^Export labels/ }).press('Enter');
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('Insects labels.csv');
  const out = join(home.folder, 'out.csv');
  await saved.saveAs(out);
  expect(readFileSync(out, 'utf8').split('\r\n')[2]).toMatch(
    /^ant\/ant-1\.png,bee,,Blurred,hard,,[0-9a-f]{32}$/,
  );
  await grid(page).focus();
  await undo(page);
  await expect(page.getByRole('button', { name: /^queen/ })).toBeHidden();
  await give('again.csv', readFileSync(out, 'utf8'));
  await expect(dialog).toContainText('12 rows, of which 10 say what is so already');
});
