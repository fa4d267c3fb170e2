/** Runs in the window: notes, side by side, taken away as pictures and logs, gone on from, looked into. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { fixture } from './command-line.ts';
import { dropFile } from './drop.ts';
import { enter, expectDrawn, findings, readMatrix, train } from './rooms.ts';
import { expect, test } from './studio.ts';

const { step } = test;

test('a note is on the disk when it says so; two runs stand side by side', async ({ open, trained }) => {
  const { page, app, home } = await open({ project: trained });
  await enter(page, 'Train');

  await step('the note', async () => {
    await page.getByLabel('Note', { exact: true }).fill('First try.\nShirts are hard.');
    await expect(page.getByRole('status', { name: 'Note state' })).toHaveText('Saved');
    await page.reload();
    await enter(page, 'Train');
    await expect(page.getByLabel('Note', { exact: true })).toHaveValue('First try.\nShirts are hard.');
    // The window goes before the note has saved itself.
    await page.getByLabel('Note', { exact: true }).fill('Shirts are hard.');
    await page.reload();
    await enter(page, 'Train');
    await expect(page.getByLabel('Note', { exact: true })).toHaveValue('Shirts are hard.');
  });

  await step('a second run, and both side by side', async () => {
    await train(page, 1);
    await expect(page.getByText('Finished after 1 epoch ')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    // The run that was shown is the first of them; the other is chosen by key.
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
    await page.getByRole('checkbox', { checked: false }).focus();
    await page.keyboard.press('Space');
    await expect(
      page.getByRole('img', { name: /^Loss: A .* after 1 epochs, B .* after 8 epochs/ }),
    ).toBeVisible();
    const table = page.getByRole('table', { name: 'Runs side by side' });
    await expect(table.getByRole('row', { name: /^Validation accuracy/ })).toContainText(/[+−]\d+\.\d\d/);
    const differing = table.getByRole('rowgroup', { name: 'Recipe differences' }).getByRole('row');
    await expect(differing).toHaveText([/differ/, /Epochs\s*1\s*8/]);
    const verdicts = page.getByRole('region', { name: 'Compared with the baseline' });
    await expect(verdicts.getByRole('listitem')).toHaveText([
      /No difference|is better by \d+\.\d\d points \(95 % interval/,
    ]);
    expect(await findings(page)).toEqual([]);
    // The settings lie over them and go again; one run that is opened ends it.
    await page.getByRole('button', { name: 'All settings' }).click();
    await page.getByRole('button', { name: 'Close settings' }).click();
    await expect(table).toBeVisible();
    await page.getByRole('button', { name: 'All settings' }).click();
    await page
      .getByRole('checkbox', { name: /^Compare /, checked: true })
      .last()
      .uncheck();
    await expect(page.getByText('Choose runs to compare')).toBeVisible();
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('checkbox', { name: /^Compare / })).toHaveCount(0);
  });

  await step('curves are zoomed by key, and saved as a picture and a table', async () => {
    await page.getByRole('list', { name: 'Runs' }).getByRole('button').last().click();
    const curve = page.getByRole('group', { name: /^Loss:/ });
    const reset = page.getByRole('button', { name: 'Loss: show all epochs' });
    await curve.focus();
    await expect(reset).toBeDisabled();
    await page.keyboard.press('+');
    await expect(reset).toBeEnabled();
    await page.keyboard.press('0');
    await expect(reset).toBeDisabled();
    // In Electron the system asks where to; the page's part is the same.
    if (app) return;
    for (const [choice, file] of [
      ['Picture on white (PNG)', 'curves.png'],
      ['Values as a table (CSV)', 'curves.csv'],
    ] as const) {
      await page.getByRole('button', { name: 'Save Loss' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: choice }).click(),
      ]);
      await download.saveAs(`${home.folder}/${file}`);
    }
    const { data, info } = await sharp(`${home.folder}/curves.png`)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThanOrEqual(1280);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
    const rows = readFileSync(`${home.folder}/curves.csv`, 'utf8').trim().split('\r\n');
    expect(rows[0]).toBe('line,epoch,loss');
    expect(rows.filter((row) => row.startsWith('Validation,'))).toHaveLength(8);
  });

  await step('logs for TensorBoard', async () => {
    await page.getByRole('button', { name: 'Export logs for TensorBoard' }).click();
    const dialog = page.getByRole('dialog', { name: 'Logs exported' });
    const path = (await dialog.locator('code').first().textContent()) ?? '';
    expect(existsSync(path)).toBe(true);
    expect(readdirSync(path, { recursive: true }).some((name) => String(name).includes('tfevents'))).toBe(
      true,
    );
    await expect(dialog).toContainText(`tensorboard --logdir "${path}"`);
    await page.keyboard.press('Escape');
  });

  await step('the next run begins with the weights of this one', async () => {
    await page.getByRole('button', { name: 'Go on from this run' }).click();
    await page.getByRole('menuitem', { name: /^Fine-tune/ }).click();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expect(page.getByText(/^Fine-tunes/)).toBeVisible();
    await page.getByRole('button', { name: 'Cancel training' }).click();
    await expect(page.getByText(/Cancelled after \d+ epochs?/)).toBeVisible({ timeout: 30_000 });
  });
});

test('a run is looked into, layer by layer', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Train');
  const tab = (name: string) => page.getByRole('tab', { name, exact: true });
  await tab('Curves').focus();
  for (const [key, name] of [
    ['ArrowRight', 'Look inside'],
    ['ArrowLeft', 'Curves'],
    ['ArrowRight', 'Look inside'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(tab(name)).toBeFocused();
    await expect(tab(name)).toHaveAttribute('aria-selected', 'true');
  }
  await page.getByRole('grid', { name: 'Images to look at' }).getByRole('gridcell').first().click();
  const layers = page.getByRole('list', { name: 'Layers' }).getByRole('listitem');
  await expect(layers.first()).toContainText('Convolution', { timeout: 60_000 });
  expect(await layers.count()).toBeGreaterThan(4);
  await expectDrawn(page, /^Activations of/);
  await expectDrawn(page, /^Filters of/);

  await page
    .getByRole('button', { name: /^Activations of/ })
    .first()
    .click();
  const large = page.getByRole('dialog');
  await expect(large).toContainText(/1 of \d+/);
  await page.keyboard.press('ArrowRight');
  await expect(large).toContainText(/2 of \d+/);
  await page.keyboard.press('Escape');

  await dropFile(page, fixture('bag.png'));
  await expect(page.getByRole('img', { name: 'bag.png' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Layers' })).not.toHaveClass(/stale/);
  // It was looked into where it was dropped, not taken to Ship.
  await expect(page.getByRole('tab', { name: 'Look inside', selected: true })).toBeVisible();
});

test('a run is also evaluated with test-time augmentation', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Judge');
  const headline = page.getByLabel('Headline');
  await expect(headline).toContainText(/Top-3 accuracy\s*\d/);
  await page.getByLabel('Test-time augmentation').selectOption('flip');
  await expect(headline).toContainText(/TTA: mirror image\s*\d+\.\d+/, { timeout: 60_000 });
  const [plain, varied] = (await headline.textContent())!
    .match(/(\d+\.\d+)\s*% to/g)!
    .map((text) => Number.parseFloat(text));
  expect(Math.abs(plain! - varied!)).toBeLessThan(15);
  await expect(headline).toContainText('Accuracy without TTA');
});

test('how sure figures are is computed where somebody looks, by keys', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Judge');
  const views = page.getByRole('tablist', { name: 'What is shown' });
  await views.getByRole('tab', { name: 'Matrix' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByLabel(/^ROC curve of /)).toBeVisible({ timeout: 60_000 });
  const worst = page.getByLabel('Class of the curves');
  await worst.selectOption({ index: 2 });
  const name = (await worst.locator('option').nth(2).textContent())!.split(' · ')[0]!;
  await expect(page.getByLabel(`ROC curve of ${name}`)).toBeVisible();
  await views.getByRole('tab', { name: 'Curves' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/expected calibration error [\d.]+\s%/)).toBeVisible();
  const curve = page.getByRole('slider', { name: /^Error of the images that are answered/ });
  await curve.focus();
  for (const key of ['Home', 'PageDown', 'Enter']) await page.keyboard.press(key);
  await expect(page.getByRole('status').filter({ hasText: 'Answering only where' })).toBeVisible();
  await page.getByRole('button', { name: /more metrics/ }).click();
  await expect(page.getByLabel('More metrics')).toContainText(/Macro ROC AUC\s*[\d.]+\s*[\d.]+ to [\d.]+/);
});

test('a run says that it is not sure, or that it knows nothing like an image', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Judge');
  await page
    .getByRole('tablist', { name: 'What is shown' })
    .getByRole('tab', { name: 'Calibration' })
    .click();
  const rule = page.getByRole('region', { name: 'Answer rule' });
  await expect(rule).toContainText('Answers always', { timeout: 60_000 });
  const curve = page.getByRole('slider', { name: /^Error of the images that are answered/ });
  await curve.focus();
  for (const key of ['Home', 'Enter']) await page.keyboard.press(key);
  await rule.getByRole('button', { name: 'Use this threshold' }).click();
  await expect(rule).toContainText(/Of [\d,]+ validation images .* unlike all training images/, {
    timeout: 60_000,
  });
  await expect(rule).toContainText(
    /With 95 % confidence, at most [\d.]+ % of images like the validation images/,
  );
  await expect(page.getByText(/before always\.$/)).toBeVisible();

  await enter(page, 'Ship');
  const strange = await sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 128, sigma: 90 },
    },
  })
    .png()
    .toBuffer();
  await page
    .getByLabel('Image to classify')
    .setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: strange });
  const classified = page.getByRole('region', { name: 'Classify an image' });
  await expect(classified.getByRole('heading', { name: 'Unknown' })).toBeVisible({ timeout: 60_000 });
  await expect(classified).toContainText('Unlike all training images. Closest:');

  await enter(page, 'Judge');
  await page.getByRole('tab', { name: 'Calibration' }).click();
  await rule.getByRole('button', { name: 'Answer always' }).click();
  await expect(rule).toContainText('Answers always');
});

test('a run is replayed, and comes out equal', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Train');
  await page.getByRole('button', { name: 'Replay this run' }).click();
  await expect(page.getByText(/Trained once more .*equal to the last bit/)).toBeVisible({ timeout: 120_000 });
});

test('the confusion matrix is ordered, chosen from by keys and saved', async ({
  open,
  trained,
  home,
  runtime,
}) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Judge');
  const grid = page.getByRole('grid', { name: 'Confusion matrix' });
  const before = await readMatrix(page);
  await page.getByLabel('Order of the classes').selectOption('By errors');
  const worst = await grid.getByRole('rowheader').first().innerText();
  const missed = (name: string) =>
    before
      .filter(({ actual, predicted }) => actual === name && predicted !== name)
      .reduce((sum, { count }) => sum + count, 0);
  expect(missed(worst)).toBe(Math.max(...before.map(({ actual }) => missed(actual))));
  const after = await readMatrix(page);
  const sorted = (cells: typeof after) => cells.map((cell) => JSON.stringify(cell)).sort();
  expect(sorted(after)).toEqual(sorted(before));

  // Four cells as one range, then a whole class, by keys alone.
  await grid.getByRole('gridcell').first().focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Enter');
  const side = Math.sqrt(after.length);
  const four = [0, 1, side, side + 1].reduce((sum, at) => sum + after[at]!.count, 0);
  const behind = page.getByRole('region', { name: 'Images behind the cell' });
  await expect(behind).toContainText('2 classes, predicted as 2 classes');
  await expect(behind.getByText(`${four} images`, { exact: true })).toBeVisible();
  await grid.getByRole('rowheader').first().click();
  const all = after.filter(({ actual }) => actual === worst).reduce((sum, { count }) => sum + count, 0);
  await expect(behind).toContainText(`${worst}, whatever was predicted`);
  await expect(behind.getByText(`${all} images`, { exact: true })).toBeVisible();

  // The system's save dialog cannot be driven.
  if (runtime === 'electron') return;
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the confusion matrix' }).click();
  await page.getByRole('menuitem', { name: 'Save the confusion matrix as a table (CSV)' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toMatch(/ test confusion matrix\.csv$/);
  await saved.saveAs(`${home.folder}/matrix.csv`);
  const first = after.slice(0, side).map(({ count }) => count);
  expect(readFileSync(`${home.folder}/matrix.csv`, 'utf8').split('\r\n')[1]).toBe(
    [worst, ...first].join(','),
  );
});
