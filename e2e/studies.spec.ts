/** Studies in the window: how sure a recipe is, and which values are good; the best goes back into the recipe. */
import type { Page } from '@playwright/test';
import { draft, findings } from './rooms.ts';
import { expect, test } from './studio.ts';

/** A cross-validation of this recipe, `quick` with so many epochs, over so many folds. */
async function planFolds(page: Page, epochs: number, folds: number): Promise<void> {
  await draft(page, epochs);
  await page.getByRole('tab', { name: /^Studies/ }).click();
  const field = page.getByLabel('Folds', { exact: true });
  await field.fill(String(folds));
  await field.press('Enter');
}
const trials = (page: Page) => page.getByRole('table', { name: 'Trials' }).locator('tbody tr');

test('a cross-validation says how good a recipe is and how sure that is', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await planFolds(page, 1, 2);
  await expect(page.getByText('2 trainings')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start the cross-validation' }).click();

  await expect(page.getByText('2 of 2 trainings done, finished')).toBeVisible({ timeout: 120_000 });
  await expect(trials(page)).toHaveCount(2);
  await expect(trials(page).nth(1)).toContainText(/finished\s*\d+\.\d+/);
  await expect(page.getByText(/^\d+\.\d\d\s*%\s*± \d+\.\d\d$/)).toBeVisible();
  await page.getByRole('button', { name: 'How this was computed' }).hover();
  await expect(page.getByText(/2 folds.*Nadeau and Bengio/).first()).toBeVisible();

  await page.getByRole('button', { name: 'Open trial 1' }).click();
  await expect(page.getByText(/Trial of/)).toBeVisible();
  await expect(page.getByText('Finished after 1 epoch ')).toBeVisible();
  // Side by side with another trial; ticks that are not in the list of runs stand above it.
  await page.getByRole('button', { name: 'Compare with other runs' }).click();
  await page.getByRole('tab', { name: /^Studies/ }).click();
  await page.getByRole('button', { name: 'Open trial 2' }).click();
  await page.getByRole('button', { name: 'Compare with other runs' }).click();
  await expect(page.getByRole('heading', { name: '2 runs side by side' })).toBeVisible();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(2);
  await page.getByRole('button', { name: 'Done' }).click();
  // Trials do not crowd the list of runs.
  await page.getByRole('tab', { name: /^Runs/ }).click();
  await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(1);
});

test('a search tries values, filters them, and its best becomes the recipe', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await draft(page, 1);
  await page.getByRole('tab', { name: /^Studies/ }).click();
  await page.getByRole('tab', { name: 'Search', exact: true }).click();
  const start = page.getByRole('button', { name: 'Start the search' });
  await expect(start).toBeDisabled();
  const picker = page.getByRole('combobox', { name: 'Add a field to vary' });
  for (const word of ['lr', 'label smoothing']) {
    await picker.fill(word);
    await picker.press('Enter');
  }
  // Names and switches can be varied as well; numbers that are none are refused with words.
  await picker.fill('activation');
  await picker.press('Enter');
  await expect(page.getByRole('checkbox', { name: 'Mish' })).toBeChecked();
  await page.getByRole('button', { name: 'Leave 1. Convolution: Activation out' }).click();
  await picker.fill('batch size');
  await picker.press('Enter');
  await picker.press('Escape');
  const sizes = page.getByLabel('Values of Batch size');
  await sizes.fill('32, 64, abc');
  await sizes.press('Enter');
  await expect(page.getByRole('alert')).toContainText('not “abc”. It stays 32, 64, 128, 256.');
  await expect(sizes).toHaveValue('32, 64, 128, 256');
  await page.getByRole('button', { name: 'Leave Batch size out' }).click();
  await expect(page.getByLabel('Learning rate: lowest')).toHaveValue('0.0001');
  await page.getByLabel('How values are chosen').selectOption('random');
  const count = page.getByLabel('Trials', { exact: true });
  await count.fill('3');
  await count.press('Enter');
  expect(await findings(page)).toEqual([]);
  await start.click();

  await expect(page.getByText('3 of 3 trainings done, finished')).toBeVisible({ timeout: 120_000 });
  await expect(trials(page)).toHaveCount(3);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Accuracy', exact: true }).click();
  await expect(trials(page).first()).toContainText('best');
  const rate = ((await trials(page).first().getByRole('cell').nth(4).textContent()) ?? '').trim();

  // Only the best passes the upper end of the score's axis.
  const axis = page.locator('rect.handle').last();
  const box = (await axis.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 16, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByText('1 of 3 trials pass the filter')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(trials(page)).toHaveCount(3);
  // The same by keys.
  const lower = page.getByRole('slider', { name: 'Accuracy, lower end' });
  await lower.press('End');
  await expect(page.getByText('1 of 3 trials pass the filter')).toBeVisible();
  await lower.press('ArrowUp');
  await expect(lower).toBeFocused();
  await lower.press('Escape');
  await expect(trials(page)).toHaveCount(3);

  await page.getByRole('button', { name: 'Use the best recipe' }).click();
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('learning rate');
  const shown = Number(await page.getByRole('spinbutton', { name: 'Learning rate' }).inputValue());
  expect(shown / Number(rate)).toBeCloseTo(1, 1);
});

test('a trial that is looked at stops and goes on with its study', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await planFolds(page, 200, 2);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Long');
  await page.getByRole('button', { name: 'Start the cross-validation' }).click();
  await expect(page.getByRole('heading', { name: 'Long' })).toBeVisible();
  await page.getByRole('button', { name: 'Open trial 1' }).click({ timeout: 60_000 });
  await expect(page.getByRole('status').filter({ hasText: /^Epoch ([2-9]|\d\d) of 200/ })).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole('button', { name: 'Cancel study' }).click();
  await expect(page.getByText(/^Cancelled after [1-9]\d* epochs?/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Resume study' }).click();
  await page.getByRole('button', { name: 'Cancel study' }).click({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Resume study' })).toBeVisible({ timeout: 30_000 });
});

test('a study is cancelled, goes on where it was, is renamed and deleted', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await planFolds(page, 1, 4);
  await page.getByRole('button', { name: 'Start the cross-validation' }).click();
  await expect(page.getByText(/^[12] of 4 trainings done/)).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Cancel study' }).click();
  const resume = page.getByRole('button', { name: 'Resume study' });
  await expect(resume).toBeVisible({ timeout: 30_000 });
  const done = await trials(page).filter({ hasText: 'finished' }).count();
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(4);
  await resume.click();
  await expect(page.getByText('4 of 4 trainings done, finished')).toBeVisible({ timeout: 120_000 });
  await expect(trials(page)).toHaveCount(4);

  await page
    .getByRole('button', { name: /^Rename / })
    .first()
    .click();
  const name = page.getByRole('textbox', { name: 'Name of the study' });
  await name.fill('How sure');
  await name.press('Enter');
  await expect(page.getByRole('heading', { name: 'How sure' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename How sure' })).toBeFocused();
  await page.getByRole('button', { name: 'Delete study' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('How sure')).toHaveCount(0);
});
