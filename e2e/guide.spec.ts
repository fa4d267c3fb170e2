/**
 * The pictures of the five rooms in light and dark. They go to test-results/guide; with ATELIER_GUIDE=1 into docs/guide,
 * which the README shows. ATELIER_GUIDE_PROJECT names a project to show instead of the small sample.
 */
import type { Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fixture, root } from './command-line.ts';
import { dropFile } from './drop.ts';
import { atRest, enter, readMatrix, type RoomName, roomNames } from './rooms.ts';
import { expect, test } from './studio.ts';

const folder =
  process.env.ATELIER_GUIDE === '1' ? join(root, 'docs', 'guide') : join(root, 'test-results', 'guide');

/** Brings a room into the state that tells most. */
const prepare: Record<RoomName, (page: Page) => Promise<void>> = {
  Data: async (page) =>
    expect(page.getByRole('grid', { name: 'Images' }).getByRole('gridcell').first()).toBeVisible(),
  Label: async (page) => {
    await page.getByRole('grid', { name: 'Images to label' }).getByRole('gridcell').nth(4).click();
  },
  Train: async (page) =>
    expect(page.getByRole('img', { name: /^Loss:/ })).toHaveAccessibleName(/after \d+ epochs/),
  Judge: async (page) => {
    await expect(page.getByRole('grid', { name: 'Confusion matrix' })).toBeVisible();
    const wrong = (await readMatrix(page)).filter(({ actual, predicted }) => actual !== predicted);
    const { actual, predicted } = wrong.sort((a, b) => b.count - a.count)[0]!;
    await page.getByRole('gridcell', { name: `actual ${actual}, predicted ${predicted}:` }).click();
    await expect(
      page.getByRole('region', { name: 'Images behind the cell' }).getByRole('gridcell').first(),
    ).toBeVisible();
  },
  Ship: async (page) => {
    for (const name of ['trouser', 'bag', 'sneaker']) {
      await dropFile(page, fixture(`${name}.png`));
      await expect(page.getByRole('img', { name: `${name}.png as the network saw it` })).toBeVisible();
    }
    await page.getByRole('button', { name: /^Export( again)?$/ }).click();
    await expect(page.getByRole('region', { name: 'Parity check' })).toBeVisible({ timeout: 60_000 });
  },
};

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pictures of the five rooms, ${colorScheme}`, async ({ open, trained }) => {
    const { page } = await open({ project: process.env.ATELIER_GUIDE_PROJECT ?? trained, colorScheme });
    mkdirSync(folder, { recursive: true });
    for (const name of roomNames) {
      await enter(page, name);
      await prepare[name](page);
      await page.mouse.move(640, 795);
      await expect(page.getByRole('progressbar', { name: /Evaluat|Export/ })).toHaveCount(0);
      await atRest(page);
      const picture = await page.screenshot({ animations: 'disabled' });
      const path = join(folder, `${name.toLowerCase()}-${colorScheme}.png`);
      const { width, height } = await sharp(picture).png({ palette: true, effort: 10 }).toFile(path);
      expect([width, height]).toEqual([1280, 800]);
    }
  });
}
