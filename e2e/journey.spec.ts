/**
 * The whole path of a person's first hour, in one go: sample, train, judge, relabel, drop a picture, export.
 * Runs in the browser and in Electron alike.
 */
import { join } from 'node:path';
import { fixture } from './command-line.ts';
import { dropFile } from './drop.ts';
import { enter, expectDrawn, readMatrix, train } from './rooms.ts';
import { expect, test } from './studio.ts';
import { entriesOf } from './zip.ts';

const { step } = test;

test('from the sample to an exported classifier', async ({ open }) => {
  const { page, app, home } = await open();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));

  await step('open the sample: real images, counted', async () => {
    await page.getByRole('button', { name: /Open sample/ }).click();
    const facts = page.getByRole('region', { name: 'Project in figures' });
    await expect(facts).toContainText('2,500 images');
    await expect(facts).toContainText('10 classes');
    const cells = page.getByRole('grid', { name: 'Images' }).getByRole('gridcell');
    await expect(cells.first()).toHaveAccessibleName(/Ankle boot/);
    // Virtual: only what is in sight exists.
    expect(await cells.count()).toBeLessThan(600);
    await expect(page.getByRole('grid', { name: 'Images' })).toHaveAttribute('data-complete', 'true');
  });

  await step('filter by class and split', async () => {
    await page
      .getByRole('region', { name: 'Filter by class' })
      .getByRole('button', { name: /^Trouser/ })
      .click();
    await page.getByRole('tab', { name: /Test/ }).click();
    await expect(page.getByText('50 images', { exact: true })).toBeVisible();
    await expect(
      page.getByRole('grid', { name: 'Images' }).getByRole('gridcell').first(),
    ).toHaveAccessibleName(/Trouser/);
  });

  await step('train: the curve moves while it learns', async () => {
    await train(page, 12);
    const chart = page.getByRole('img', { name: /^Loss:/ });
    // Which epoch is seen first depends on the machine; that a later one changes the picture does not.
    await expect(chart).toHaveAccessibleName(/after [1-9]\d* epochs/, { timeout: 60_000 });
    const epochs = async () =>
      Number(/after (\d+) epochs/.exec((await chart.getAttribute('aria-label')) ?? '')?.[1]);
    const seen = await epochs();
    const early = await chart.screenshot();
    await expect(page.getByText('Time left')).toBeVisible();
    await expect.poll(epochs, { timeout: 60_000 }).toBeGreaterThan(seen + 1);
    expect((await chart.screenshot()).equals(early)).toBe(false);
    await expect(page.getByRole('table', { name: 'Epochs' }).locator('tbody tr')).toHaveCount(12, {
      timeout: 90_000,
    });
    await expect(page.getByText(/Finished after 12 epochs.*TensorFlow 2\.\d+/)).toBeVisible();
  });

  await step('judge: the matrix, and the images behind a cell', async () => {
    await page.getByRole('button', { name: 'Judge this run' }).click();
    await expect(page.getByRole('grid', { name: 'Confusion matrix' })).toBeVisible();
    const matrix = await readMatrix(page);
    expect(matrix).toHaveLength(100);
    const total = (cells: typeof matrix) => cells.reduce((sum, { count }) => sum + count, 0);
    expect(total(matrix)).toBe(500);
    const right = total(matrix.filter(({ actual, predicted }) => actual === predicted));
    // Far better than the 10 % of guessing: something was learned.
    expect(right).toBeGreaterThan(250);
    await expect(page.getByLabel('Headline')).toContainText(`${((100 * right) / 500).toFixed(2)}`);
    await expect(page.getByLabel('Headline')).toContainText(`${500 - right}`);

    const worst = matrix
      .filter(({ actual, predicted }) => actual !== predicted)
      .sort((a, b) => b.count - a.count)[0]!;
    await page
      .getByRole('gridcell', { name: `actual ${worst.actual}, predicted ${worst.predicted}:` })
      .click();
    const behind = page.getByRole('grid', {
      name: `Images labelled ${worst.actual}, predicted ${worst.predicted}`,
    });
    await expect(behind).toHaveAttribute('aria-rowcount', /[1-9]/);
    await expect(
      page.getByText(worst.count === 1 ? '1 image' : `${worst.count} images`, { exact: true }),
    ).toBeVisible();
    await expect(behind.getByRole('gridcell').first()).toHaveAccessibleName(
      new RegExp(`\\d % ${worst.predicted}`, 'u'),
    );

    await behind.getByRole('gridcell').first().dblclick();
    const large = page.getByRole('dialog');
    const list = large.getByRole('list', { name: 'Class probabilities' }).getByRole('listitem');
    await expect(list).toHaveCount(10);
    await expect(list.first()).toContainText(worst.predicted);
    const shares = (await list.allTextContents()).map((text) => Number(/([\d.]+)\s*%/.exec(text)?.[1]));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
    await page.keyboard.press('Escape');
    await expect(large).toBeHidden();
  });

  await step('label: a key gives another class, undo takes it back', async () => {
    await enter(page, 'Label');
    const first = page.getByRole('grid', { name: 'Images to label' }).getByRole('gridcell').first();
    await expect(first).toHaveAccessibleName(/Ankle boot/);
    await first.click();
    const key = await page
      .getByRole('button', { name: 'Label as Trouser' })
      .first()
      .getAttribute('aria-keyshortcuts');
    await page.keyboard.press(key ?? '');
    await expect(first).toHaveAccessibleName(/Trouser/);
    await expect(page.getByRole('status', { name: 'Saved state' })).toContainText('All changes saved');
    await page.keyboard.press('Control+z');
    await expect(first).toHaveAccessibleName(/Ankle boot/);
    await expect(page.getByRole('button', { name: 'Redo' })).toBeEnabled();
  });

  await step('ship: a dropped picture is classified', async () => {
    await dropFile(page, fixture('trouser.png'));
    const prediction = page.getByRole('region', { name: 'Classify an image' });
    await expect(prediction.getByRole('heading', { name: 'Trouser' })).toBeVisible();
    await expect(
      prediction.getByRole('list', { name: 'Class probabilities' }).getByRole('listitem').first(),
    ).toContainText('Trouser');
    await expectDrawn(page, 'trouser.png as the network saw it');
  });

  await step('ship: a chosen picture is classified', async () => {
    await page.getByLabel('Image to classify').setInputFiles(fixture('bag.png'));
    await expect(
      page.getByRole('region', { name: 'Classify an image' }).getByRole('heading', { name: 'Bag' }),
    ).toBeVisible();
    await expect(page.getByRole('region', { name: 'Classified before' }).getByRole('listitem')).toHaveCount(
      2,
    );
  });

  await step('export: proved elsewhere, then a zip to take away', async () => {
    const saved = join(home.folder, 'taken-away.zip');
    // The system's dialog cannot be driven; its answer can be given.
    await app?.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, saved);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const proof = page.getByRole('region', { name: 'Parity check' });
    await expect(proof).toContainText('Predictions match the studio’s', { timeout: 60_000 });
    await expect(proof).toContainText(/Largest difference\s*(0|\d\.\de-\d)/);
    await expect(proof).toContainText(/Label flips\s*0/);
    if (!app) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download' }).click(),
      ]);
      await download.saveAs(saved);
    }
    const entries = await entriesOf(saved);
    expect([...entries.keys()]).toEqual(expect.arrayContaining(['model.onnx', 'labels.json', 'recipe.json']));
    expect([...entries.keys()].some((name) => name.endsWith('.safetensors'))).toBe(true);
    expect(entries.get('model.onnx')).toBeGreaterThan(100_000);
  });

  await step('nothing went wrong in the page', () => expect(faults).toEqual([]));
});
