/** The recipe in the window: simple at first; every setting can be found, changed, taken back and put in order. */
import type { Page } from '@playwright/test';
import { atRest, enter, findings, train } from './rooms.ts';
import { expect, type OpenOptions, type Studio, test } from './studio.ts';

/** Wherever the focus is. */
const undo = (page: Page) => page.keyboard.press('Control+z');
/** All settings of the preset `quick`, in a copy of the trained project. */
async function openSettings(open: (options: OpenOptions) => Promise<Studio>, project: string) {
  const { page } = await open({ project });
  await enter(page, 'Train');
  await page.getByRole('radio', { name: 'Quick' }).check();
  await page.getByRole('button', { name: 'All settings' }).click();
  return { page, search: page.getByRole('searchbox', { name: 'Find a setting' }) };
}
const section = (page: Page, name: string) =>
  page.getByRole('button', { name: new RegExp(`^${name}`), expanded: false });

test('a setting is found by any of its names, refused with words, changed and taken back', async ({
  open,
  trained,
}) => {
  const { page, search } = await openSettings(open, trained);

  await test.step('the search finds synonyms; Escape shows all again', async () => {
    await page.keyboard.press('/');
    await expect(search).toBeFocused();
    await search.fill('lr');
    await expect(page.getByRole('spinbutton', { name: 'Learning rate' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Length/ })).toHaveCount(0);
    await search.fill('flip');
    await expect(page.getByRole('list', { name: 'Augmentations' })).toBeVisible();
    await page.getByRole('button', { name: 'Vertical flip', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Remove Vertical flip' })).toBeVisible();
    await search.press('Escape');
    await expect(search).toHaveValue('');
    await expect(section(page, 'Length')).toBeVisible();
  });

  await test.step('bad numbers are refused with what is expected', async () => {
    await section(page, 'Length').click();
    const epochs = page.getByLabel('Epochs', { exact: true });
    await epochs.fill('many');
    await epochs.press('Enter');
    await expect(page.getByRole('alert')).toContainText(
      'A whole number from 1 to 10000 is expected, not “many”. It stays 9.',
    );
    await expect(epochs).toHaveValue('9');
    await epochs.press('ArrowUp');
    await expect(epochs).toHaveValue('10');
    await section(page, 'Preprocessing').click();
    await page.getByLabel('Normalisation').selectOption('custom');
    const mean = page.getByLabel('Mean', { exact: true });
    await mean.fill('0.5, x');
    await mean.press('Enter');
    await expect(page.getByRole('alert')).toContainText('It stays 0.5.');
    await expect(mean).toHaveValue('0.5');
  });

  await test.step('what was changed is counted, and taken back step by step', async () => {
    const changes = page.getByRole('button', { name: /^\d+ changes?$/ });
    await expect(changes).toHaveText('3 changes');
    await undo(page);
    await expect(changes).toHaveText('2 changes');
    await page.keyboard.press('Control+Shift+z');
    await expect(changes).toHaveText('3 changes');
    await page.getByRole('button', { name: 'Normalisation back to Measured on training images' }).click();
    await expect(page.getByLabel('Normalisation')).toBeFocused();
    await page.getByRole('button', { name: 'Reset Length' }).click();
    await expect(page.getByRole('button', { name: /^Length/ })).toBeFocused();
    await expect(changes).toHaveText('1 change');
    await changes.click();
    await page.getByRole('button', { name: 'Put all back' }).click();
    await expect(changes).toHaveCount(0);
    await expect(page.getByRole('form')).toBeFocused();
  });

  await test.step('what put settings back is undone too, from wherever the focus fell', async () => {
    const changes = page.getByRole('button', { name: /^\d+ changes?$/ });
    await undo(page);
    await expect(changes).toHaveText('1 change');
    await page.getByRole('button', { name: 'Back to the preset' }).click();
    await expect(changes).toHaveCount(0);
    await undo(page);
    await expect(changes).toHaveText('1 change');
    // Another card, clicked by mistake.
    await page.getByRole('radio', { name: 'Seed' }).check();
    await expect(changes).toHaveCount(0);
    await undo(page);
    await expect(page.getByRole('radio', { name: 'Quick' })).toBeChecked();
    await expect(changes).toHaveText('1 change');
    await page.getByRole('banner').getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(changes).toHaveText('2 changes');
    await page.getByRole('banner').getByRole('button', { name: 'Redo', exact: true }).click();
    await expect(changes).toHaveText('1 change');
    await page.getByRole('button', { name: 'Back to the preset' }).click();
  });

  await test.step('layers are put in order with the keyboard and by dragging', async () => {
    await section(page, 'Model').click();
    const rows = page.getByRole('list', { name: 'Layers', exact: true }).getByRole('listitem');
    await expect(rows.nth(1)).toContainText('Max pool');
    await page.getByRole('button', { name: 'Move layer 2, Max pool', exact: true }).press('Alt+ArrowDown');
    await expect(rows.nth(2)).toContainText('Max pool');
    await expect(page.getByText('layer 2, Max pool: place 3 of 8.')).toHaveCount(1);
    await expect(page.getByRole('button', { name: 'Move layer 3, Max pool', exact: true })).toBeFocused();
    const arrow = (place: number, way: string) =>
      page.getByRole('button', { name: `Move layer ${place}, Max pool ${way}` });
    await arrow(3, 'up').press('Enter');
    await expect(arrow(2, 'up')).toBeFocused();
    // At the top there is no way up: the handle has the keyboard, and Alt with an arrow still moves.
    await arrow(2, 'up').press('Enter');
    await expect(page.getByRole('button', { name: 'Move layer 1, Max pool', exact: true })).toBeFocused();
    await arrow(1, 'down').press('Enter');
    await expect(arrow(2, 'down')).toBeFocused();
    const grip = await page
      .getByRole('button', { name: 'Move layer 2, Max pool', exact: true })
      .boundingBox();
    const first = await rows.nth(0).boundingBox();
    await page.mouse.move(grip!.x + 8, grip!.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip!.x + 8, first!.y + 4, { steps: 4 });
    await page.mouse.up();
    await expect(rows.nth(0)).toContainText('Max pool');
    await page.getByRole('button', { name: 'Reset Model' }).click();
    await expect(rows.nth(1)).toContainText('Max pool');
  });

  await test.step('a layer is put in below another; the table of a network that cannot be is marked', async () => {
    const rows = page.getByRole('list', { name: 'Layers', exact: true }).getByRole('listitem');
    await page.getByRole('button', { name: 'Add a layer below layer 2, Max pool' }).click();
    await page.getByRole('menuitem', { name: /^Flatten/ }).click();
    await expect(rows.nth(2)).toContainText('Flatten');
    // A convolution takes no row of values.
    await expect(page.getByText('Of the last recipe that could be trained')).toBeVisible();
    await undo(page);
    await expect(page.getByText('Of the last recipe that could be trained')).toHaveCount(0);
    await expect(rows.nth(2)).toContainText('Convolution');
  });

  await test.step('a network over the budget is refused', async () => {
    const filters = page.getByLabel('Filters of layer 7, Convolution');
    await filters.fill('512');
    await filters.press('Enter');
    await expect(page.getByText(/parameters too many/).first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
    await undo(page);
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
  });

  await test.step('what was changed outlives the window', async () => {
    await page.getByLabel('Filters of layer 7, Convolution').fill('24');
    await page.keyboard.press('Enter');
    const changes = page.getByRole('button', { name: /^\d+ changes?$/ });
    const before = (await changes.textContent()) ?? '';
    await page.reload();
    await enter(page, 'Train');
    await expect(page.getByRole('radio', { name: 'Quick' })).toBeChecked();
    await page.getByRole('button', { name: 'All settings' }).click();
    await expect(changes).toHaveText(before);
  });
});

test('a run is fine-tuned with its first layers frozen', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Train');
  await page.getByRole('button', { name: 'All settings' }).click();
  await section(page, 'Start from').click();
  await page.getByRole('radio', { name: /Fine-tune a run/ }).check();
  await page.getByLabel('Frozen layers').fill('2');
  await page.getByLabel('Frozen layers').press('Enter');
  await expect(page.getByText(/^Fine-tunes/).first()).toBeVisible();
  await train(page, 1);
  await expect(page.getByText(/Finished after 1 epoch/)).toBeVisible({ timeout: 60_000 });
});

test('a learning rate is found and taken; precisions are compared, or it says why not', async ({
  open,
  trained,
}) => {
  const { page, search } = await openSettings(open, trained);

  await search.fill('lr');
  const rate = page.getByRole('spinbutton', { name: 'Learning rate' });
  await expect(rate).toHaveValue('0.01');
  await page.getByRole('button', { name: 'Find a learning rate' }).click();
  await expect(page.getByText('Training briefly at rising rates…')).toBeVisible();
  const take = page.getByRole('button', { name: /^Take [\d.]+/ });
  await expect(take).toBeVisible({ timeout: 90_000 });
  const suggested = /[\d.]+/.exec((await take.textContent()) ?? '')![0];
  await take.click();
  await expect(rate).toHaveValue(suggested);
  await expect(take).toBeDisabled();
  await undo(page);
  await expect(rate).toHaveValue('0.01');

  // What was measured outlives the window that asked.
  await page.reload();
  await page.getByRole('button', { name: 'All settings' }).click();
  await search.fill('lr');
  await expect(take).toHaveText(new RegExp(`Take ${suggested.replace('.', '\\.')}`));
  await expect(page.getByText('Found before the recipe was changed.')).toHaveCount(0);

  await search.fill('bfloat16');
  const compare = page.getByRole('button', { name: 'Compare on this machine' });
  // The engine that searched said whether this processor has bfloat16.
  if (await compare.isDisabled()) {
    await expect(page.getByText(/bfloat16 cannot be had here/)).toBeVisible();
    return;
  }
  await compare.click();
  const report = page.getByRole('region', { name: 'Precisions compared' });
  await expect(report).toBeVisible({ timeout: 90_000 });
  await expect(report).toContainText(/\d\.\d\d ×/);
  await report.getByRole('button', { name: 'Use bfloat16' }).click();
  await expect(page.getByLabel('Precision', { exact: true })).toHaveValue('bfloat16');
  await search.fill('batch size');
  await page.getByLabel('Batch size', { exact: true }).fill('32');
  await page.getByLabel('Batch size', { exact: true }).press('Enter');
  await search.fill('bfloat16');
  await expect(page.getByText('Not measured yet with this recipe.')).toBeVisible();
  await expect(report).toContainText('Measured before the recipe was changed.');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the settings, ${colorScheme}`, async ({ open, trained }) => {
    const { page } = await open({ project: trained, colorScheme });
    await enter(page, 'Train');
    await page.getByRole('button', { name: 'All settings' }).click();
    const headings = page.getByRole('form').getByRole('heading', { level: 2 });
    const folded = headings.getByRole('button', { expanded: false });
    for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
    await expect(folded).toHaveCount(0);
    await page.getByLabel('Class weights', { exact: true }).selectOption('custom');
    await page.getByLabel('Schedule', { exact: true }).selectOption('reduce-on-plateau');
    await page.getByLabel('Early stopping').check();
    await atRest(page);
    expect(await findings(page)).toEqual([]);
  });
}
