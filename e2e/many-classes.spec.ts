/** Many small classes: found by typing, made only as far as they are in sight, and divided into parts anew. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { atelier } from './command-line.ts';
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

const classes = 60;

/** Two pictures a class, each of its own shade. */
async function writeClasses(folder: string): Promise<void> {
  for (let index = 0; index < classes; index++) {
    const place = join(folder, `class ${String(index).padStart(2, '0')}`);
    mkdirSync(place, { recursive: true });
    for (const second of [0, 1]) {
      const background = { r: index * 4, g: second * 200, b: 90 };
      await sharp({ create: { width: 12, height: 12, channels: 3, background } }).toFile(
        join(place, `${second}.png`),
      );
    }
  }
}

test('a class is found by typing, and parts are drawn anew', async ({ open, home }) => {
  const folder = join(home.folder, 'pictures');
  await writeClasses(folder);
  const project = join(home.folder, 'Many.atelier');
  await atelier(home, 'new', project, '--from', folder);
  const { page } = await open({ project });

  const facts = page.getByRole('region', { name: 'Project in figures' });
  await expect(facts).toContainText('60 classes');
  await expect(facts.getByRole('list', { name: 'Warnings' })).toContainText('There is no test part');

  await enter(page, 'Label');
  const palette = page.getByRole('complementary', { name: 'Classes and keys' });
  const rows = palette.getByRole('button', { name: /Label as/ });
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(40);
  const first = page.getByRole('grid', { name: 'Images to label' }).getByRole('gridcell').first();
  await expect(first).toHaveAccessibleName(/class 00/);
  await first.click();
  await page.keyboard.press('/');
  await page.keyboard.type('57');
  await expect(palette.getByText('Enter labels “class 57”')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(first).toHaveAccessibleName(/class 57/);
  await expect(page.getByRole('status', { name: 'Saved state' })).toContainText('All changes saved');
  // It stands in front now, with its count.
  await expect(rows.first()).toHaveAccessibleName(/class 57/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await expect(first).toHaveAccessibleName(/class 00/);

  await enter(page, 'Data');
  await page.getByRole('button', { name: 'Redraw parts' }).click();
  const dialog = page.getByRole('dialog', { name: 'Redraw parts' });
  await dialog.getByLabel('Seed').fill('7');
  await dialog.getByLabel('Seed').press('Tab');
  await dialog.getByRole('button', { name: 'Redraw' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Undo' }).first()).toBeEnabled();
});
