/** Why, in Judge: top losses, error slices and their images, heat over one image, the nearest training images, a corruption sweep. */
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './command-line.ts';
import { enter, findings } from './rooms.ts';
import { expect, test } from './studio.ts';

test('errors lead to images, an image to its heat and its nearest training images, and corruptions to curves', async ({
  open,
  trained,
}) => {
  const { page } = await open({ project: trained });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await enter(page, 'Judge');
  await page.getByRole('tab', { name: 'Errors' }).click();
  // Both are computed because somebody looks.
  const slices = page.getByRole('table', { name: 'Error slices' });
  await expect(slices).toContainText('Class Shirt', { timeout: 120_000 });
  await expect(page.getByText(/of \d+ slices with 20 images or more that were tried/)).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Top losses, the greatest first' })).toBeVisible({
    timeout: 120_000,
  });
  const losses = page.getByRole('region', { name: 'Images of the errors' });
  await expect(losses).toContainText(/\d+ images?; .+ → .+, \d+\s% → \d+\s%, \d+\.\d\d loss/);

  await slices.getByRole('button', { name: 'Class Shirt' }).click();
  const grid = page.getByRole('grid', { name: 'Class Shirt' });
  await expect(losses).toContainText('50 images');
  await grid.getByRole('gridcell').first().dblclick();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Shift+W');
  const why = dialog.getByRole('region', { name: 'Why' });
  await expect(why.getByLabel('Legend of the heat')).toBeVisible();
  const heat = dialog.locator('canvas[data-heat]');
  const colours = async () => {
    const { data } = await sharp(await heat.screenshot())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    let coloured = 0;
    for (let at = 0; at < data.length; at += 3)
      if (
        Math.max(data[at]!, data[at + 1]!, data[at + 2]!) -
          Math.min(data[at]!, data[at + 1]!, data[at + 2]!) >
        60
      )
        coloured += 1;
    return coloured / (data.length / 3);
  };
  // The image is grey: what has a colour is the heat.
  await expect.poll(colours).toBeGreaterThan(0.02);
  await why.getByRole('slider', { name: 'Opacity' }).fill('0');
  await expect.poll(colours).toBe(0);
  await why.getByRole('slider', { name: 'Opacity' }).fill('0.7');
  await why.getByRole('tab', { name: 'Occlusion' }).click();
  await why.getByLabel('For the class').selectOption({ index: 9 });
  await expect(why).toContainText(/patch of 7 × 7 pixels|Covering any place leaves/);
  const near = why.getByRole('list', { name: 'Nearest training images' });
  await expect(near.getByRole('listitem')).toHaveCount(8, { timeout: 120_000 });
  expect(await findings(page)).toEqual([]);
  const name = (await near.getByRole('button').first().getAttribute('title'))!.split(',')[0]!;
  await near.getByRole('button').first().click();
  await expect(page.getByRole('link', { name: 'Data', exact: true })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('gridcell', { name: new RegExp(`^${name}`) }).first()).toBeVisible();

  await enter(page, 'Judge');
  await page.getByRole('tab', { name: 'Robustness' }).click();
  await page.getByRole('button', { name: 'Begin the sweep' }).click();
  const table = page.getByRole('table', { name: 'Accuracy by corruption and severity' });
  await expect(table.getByRole('row')).toHaveCount(11, { timeout: 180_000 });
  await expect(page.getByText('Mean corruption accuracy')).toBeVisible();

  await enter(page, 'Ship');
  await page.getByLabel('Image to classify').setInputFiles(join(root, 'e2e', 'fixtures', 'sneaker.png'));
  await page.getByRole('button', { name: /^Why…/ }).click();
  await expect(
    page.getByRole('img', { name: 'sneaker.png with heat where the evidence lies' }),
  ).toBeVisible();
  await expect(page.getByText(/^Evidence for .+ \(Grad-CAM\)$/)).toBeVisible();
  expect(errors).toEqual([]);
});
