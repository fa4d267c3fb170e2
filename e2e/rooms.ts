/** What several specs do in the window, in the words of its rooms. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './studio.ts';

export const roomNames = ['Data', 'Label', 'Train', 'Judge', 'Ship'] as const;
export type RoomName = (typeof roomNames)[number];

export async function enter(page: Page, name: RoomName): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
  await link.click();
  await expect(link).toHaveAttribute('aria-current', 'page');
}

/** Makes the preset `quick` with this many epochs the next recipe. */
export async function draft(page: Page, epochs: number): Promise<void> {
  await enter(page, 'Train');
  await page.getByRole('radio', { name: /quick/i }).check();
  const settings = page.getByRole('button', { name: 'All settings' });
  if ((await settings.getAttribute('aria-expanded')) !== 'true') await settings.click();
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('epochs');
  const field = page.getByLabel('Epochs', { exact: true });
  await field.fill(String(epochs));
  await field.press('Enter');
}

/** Starts the preset `quick` with this many epochs. Returns when the run is shown. */
export async function train(page: Page, epochs: number): Promise<void> {
  await draft(page, epochs);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeVisible();
}

/** The cells of the confusion matrix as numbers, and their places. */
export async function readMatrix(
  page: Page,
): Promise<{ actual: string; predicted: string; count: number }[]> {
  const cells = page.getByRole('grid', { name: 'Confusion matrix' }).getByRole('gridcell');
  // It may be on its way still.
  await expect(cells.first()).toBeVisible();
  const labels = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label') ?? ''));
  return labels.map((label) => {
    const [, actual = '', predicted = '', count = ''] =
      /^actual (.*), predicted (.*): ([\d,]+) images?$/.exec(label) ?? [];
    return { actual, predicted, count: Number(count.replaceAll(',', '')) };
  });
}

/** Waits until an image is really there, not only its element. */
export async function expectDrawn(page: Page, accessibleName: string | RegExp): Promise<void> {
  const image = page.getByRole('img', { name: accessibleName });
  await expect(async () => {
    expect(
      await image.first().evaluate((element) => (element as HTMLImageElement).naturalWidth),
    ).toBeGreaterThan(0);
  }).toPass();
}

/** What axe finds in the window as it is, each with its first place and how many there are. */
export async function findings(page: Page): Promise<string[]> {
  // Legacy mode: the other opens a second page, which the window refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} (${nodes.length})`);
}

/** Waits until the fonts are there and nothing moves that comes to an end: colours are then what they are to be. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)));
  });
}
