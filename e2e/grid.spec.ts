/** The grid's canvases show the image that each cell is named after: in any list, wherever one has scrolled or jumped to. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import sharp from 'sharp';
import { atelier } from './command-line.ts';
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

const images = 900;
const colourOf = (number: number) => ({
  r: (number * 7) % 256,
  g: (number * 3) % 256,
  b: number % 4 < 2 ? 40 : 220,
});

/** Small ones, kept as PNG, and every ninth a large one, kept as JPEG. Two classes in turn. */
async function writePictures(folder: string): Promise<void> {
  for (const name of ['even', 'odd']) mkdirSync(join(folder, name), { recursive: true });
  for (let number = 0; number < images; number += 1) {
    const [width, height] = number % 9 === 0 ? [200, 150] : [12, 12];
    const file = `${String(number).padStart(4, '0')}.${number % 9 === 0 ? 'jpg' : 'png'}`;
    await sharp({ create: { width, height, channels: 3, background: colourOf(number) } }).toFile(
      join(folder, number % 2 === 0 ? 'even' : 'odd', file),
    );
  }
}

interface Seen {
  name: string;
  colour: number[] | null;
}

/** Name of each cell in sight, and the colour in the middle of its place on the canvas. */
const cellsOf = (grid: Locator) =>
  grid.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const canvases = Array.from(element.querySelectorAll('canvas')).map((canvas) => ({
      canvas,
      place: canvas.getBoundingClientRect(),
    }));
    return Array.from(element.querySelectorAll('[role=gridcell]')).flatMap((cell): Seen[] => {
      const { left, top, width } = cell.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + width / 2];
      if (y < box.top || y > box.bottom) return [];
      const under = canvases.find(
        ({ place }) => x > place.left && x < place.right && y > place.top && y < place.bottom,
      );
      if (!under) return [{ name: cell.getAttribute('aria-label') ?? '', colour: null }];
      const scale = under.canvas.width / under.place.width;
      const pixel = under.canvas
        .getContext('2d')!
        .getImageData((x - under.place.left) * scale, (y - under.place.top) * scale, 1, 1).data;
      return [{ name: cell.getAttribute('aria-label') ?? '', colour: Array.from(pixel) }];
    });
  });

/** The grid hears of its new place with the next frame: looked at until it is so. */
async function expectPictures(grid: Locator, count: number): Promise<void> {
  await expect(async () => {
    await expect(grid).toHaveAttribute('data-complete', 'true');
    const cells = await cellsOf(grid);
    expect(cells.length).toBeGreaterThanOrEqual(count);
    for (const { name, colour } of cells) {
      const { r, g, b } = colourOf(Number(/(\d{4})\.(png|jpg)/.exec(name)?.[1]));
      for (const [at, value] of [r, g, b, 255].entries())
        expect(Math.abs(colour![at]! - value), `${name}: ${colour?.join()}, not ${r},${g},${b}`).toBeLessThan(
          5,
        );
    }
  }).toPass();
}

const jump = (grid: Locator, share: number) =>
  grid.evaluate((element, part) => {
    element.scrollTop = Math.round((element.scrollHeight - element.clientHeight) * part);
  }, share);

async function scrollThrough(page: Page, grid: Locator): Promise<void> {
  await grid.hover();
  for (let turn = 0; turn < 30; turn += 1) await page.mouse.wheel(0, 90);
}

test('each cell lies over its own image', async ({ open, home }) => {
  const folder = join(home.folder, 'pictures');
  await writePictures(folder);
  const project = join(home.folder, 'Colours.atelier');
  await atelier(home, 'new', project, '--from', folder);
  const { page } = await open({ project });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const grid = page.getByRole('grid', { name: 'Images' });

  await expectPictures(grid, 50);
  for (const place of [1, 0.37, 0.9, 0]) {
    await jump(grid, place);
    await expectPictures(grid, 50);
  }
  await scrollThrough(page, grid);
  await expectPictures(grid, 50);

  // A list of scattered images, smaller cells and larger ones, a narrower window.
  await page.getByRole('combobox', { name: 'Find images' }).fill('7.png');
  await expect(page.getByText(/^\d+ images$/).last()).not.toHaveText('900 images');
  await expectPictures(grid, 40);
  const density = page.getByRole('slider');
  for (const key of ['Home', 'End']) {
    await density.focus();
    await page.keyboard.press(key);
    await expectPictures(grid, 5);
  }
  if (page.viewportSize()) await page.setViewportSize({ width: 1000, height: 640 });
  await expectPictures(grid, 5);

  // The cells take the clicks, not what is drawn below; dark mode draws anew.
  await enter(page, 'Label');
  const labelled = page.getByRole('grid', { name: 'Images to label' });
  await expectPictures(labelled, 20);
  await labelled.getByRole('gridcell').nth(2).click();
  await expect(labelled.getByRole('gridcell').nth(2)).toHaveCSS('cursor', 'default');
  await expect(labelled).toHaveAttribute('aria-activedescendant', /-2$/);
  await page.getByRole('button', { name: 'Use dark colours' }).click();
  await expectPictures(labelled, 20);
  expect(errors).toEqual([]);
});
