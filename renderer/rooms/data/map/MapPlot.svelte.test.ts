/** The map in a real browser: points are drawn in their colours, and lasso, click and keys ask for what they should. */
import { tick } from 'svelte';
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { writeItemList } from '#contract/item-list.ts';
import { writeMapPoints } from '#contract/map-points.ts';
import { resources } from '#contract/resources.ts';
import { withinPolygon } from '#contract/polygon.ts';
import { expectAccessible, show } from '../../../parts/testing.svelte.ts';
import { ImageBrowser } from '../../../state/browser.svelte.ts';
import { classOf, itemOf, projectOf, TestStudio } from '../../../state/testing.ts';
import { studio as shared } from '../../../stores.ts';
import { Listing } from '../listing.svelte.ts';
import { MapStore } from './map.svelte.ts';
import MapPlot from './MapPlot.svelte';

const mapId = '00000000000000aa';
/** Two images far apart: the first to the left and above. */
const coordinates = Float32Array.of(-5, 5, 5, -5);

async function plot() {
  const project = projectOf({ classes: [{ ...classOf(1), colour: '#ff0000' }], counts: { total: 2 } });
  shared.project = project;
  const studio = new TestStudio(
    {
      items: { list: async () => ({ total: 2, items: [itemOf(1), itemOf(2)] }) },
      map: {
        get: async () => ({
          map: { id: mapId, by: { kind: 'run', runId: 'run-1' }, computedAt: '', points: 2, laidOut: 2 },
          ...{ missing: 0, outdated: false, jobId: null },
        }),
      },
    },
    project,
  );
  const browser = new ImageBrowser(studio, 'test');
  const fetchBytes = async (address: string) => {
    const bytes =
      address === resources.map(mapId)
        ? writeMapPoints({ itemIds: Int32Array.of(1, 2), coordinates })
        : writeItemList({ itemIds: Int32Array.of(1, 2), classIds: Int32Array.of(1, 0) });
    return Uint8Array.from(bytes).buffer;
  };
  const map = new MapStore(studio, browser, new Listing(browser, fetchBytes), fetchBytes);
  await browser.show({});
  map.toggle();
  await vi.waitUntil(() => map.contents && map.listing.listed);
  const onunable = vi.fn();
  const { target } = show(MapPlot, { map, browser, tool: 'lasso', onunable });
  Object.assign(target.style, { width: '400px', height: '400px' });
  const surface = page.getByRole('application', { name: 'Map of embeddings' });
  const canvas = target.querySelector('canvas')!;
  await expect.poll(() => canvas.width).toBeGreaterThan(300);
  expect(onunable).not.toHaveBeenCalled();
  return { browser, map, surface, canvas };
}

/** Red, green and blue at a share of the sides, as a person sees it: what is drawn is gone from the canvas after its frame. */
async function pixelAt(canvas: HTMLCanvasElement, x: number, y: number): Promise<number[]> {
  const base64 = await page.elementLocator(canvas).screenshot({ save: false });
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const copy = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!;
  copy.drawImage(picture, 0, 0);
  const { data } = copy.getImageData(Math.round(x * picture.width), Math.round(y * picture.height), 1, 1);
  return [...data.subarray(0, 3)];
}

const drag = (canvas: HTMLCanvasElement, corners: [number, number][], options: PointerEventInit = {}) => {
  canvas.setPointerCapture = () => undefined;
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const point = (kind: string, [x, y]: [number, number]) =>
    canvas.dispatchEvent(
      new PointerEvent(kind, {
        ...{ bubbles: true, pointerId: 1, button: 0, clientX: left + x * width, clientY: top + y * height },
        ...options,
      }),
    );
  point('pointerdown', corners[0]!);
  for (const corner of corners) point('pointermove', corner);
  point('pointerup', corners.at(-1)!);
};

/** Around the first image. */
const corner: [number, number][] = [
  [0.01, 0.01],
  [0.3, 0.01],
  [0.3, 0.3],
  [0.01, 0.3],
];

it('is named, told of by words, and passes axe', async () => {
  const { surface } = await plot();
  await expect.element(surface).toHaveAccessibleDescription(/Arrow keys move the map/);
  await expectAccessible();
});

it('draws each point in the colour of its class', async () => {
  const { canvas } = await plot();
  await expect
    .poll(async () => {
      const [red = 0, green = 0, blue = 0] = await pixelAt(canvas, 24 / 400, 24 / 400);
      return red > 200 && green < 90 && blue < 90;
    })
    .toBe(true);
  // The other has no class, and in the middle there is nothing.
  const [red = 0, green = 0, blue = 0] = await pixelAt(canvas, 1 - 24 / 400, 1 - 24 / 400);
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(40);
  expect(Math.min(...(await pixelAt(canvas, 0.5, 0.5)))).toBeGreaterThan(220);
});

it('moves what is drawn with the pointer, and draws it where it then is once it rests', async () => {
  const { canvas } = await plot();
  const red = async (x: number) => {
    const [r = 0, g = 0] = await pixelAt(canvas, x, 24 / 400);
    return r > 200 && g < 90;
  };
  await expect.poll(() => red(24 / 400)).toBe(true);
  drag(
    canvas,
    [
      [0.5, 0.5],
      [0.6, 0.5],
      [0.7, 0.5],
    ],
    { shiftKey: true },
  );
  await tick();
  expect(canvas.dataset.still).toBe('false');
  await expect.poll(() => canvas.dataset.still).toBe('true');
  expect([await red(24 / 400 + 0.2), await red(24 / 400)]).toEqual([true, false]);
});

it('a lasso lists what lies within, on the map as it is seen', async () => {
  const { browser, canvas } = await plot();
  drag(canvas, corner);
  const { region } = browser.filter;
  expect(region?.mapId).toBe(mapId);
  const within = withinPolygon(region!.polygon);
  expect([within(-5, 5), within(5, -5)]).toEqual([true, false]);
  // With Shift the same drag moves the map.
  await browser.show({});
  drag(canvas, corner, { shiftKey: true });
  expect(browser.filter.region).toBeUndefined();
});

it('a click goes to the image in the grid, and a lasso of one point to none', async () => {
  const { browser, canvas } = await plot();
  expect(browser.selection.cursor).toBe(0);
  drag(canvas, [[1 - 24 / 400, 1 - 24 / 400]]);
  expect(browser.selection.cursor).toBe(1);
  expect(browser.filter).toEqual({});
});

it('by keys: what is in view is listed, and all again', async () => {
  const { browser, surface } = await plot();
  (surface.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => browser.filter.region?.polygon.length).toBe(4);
  const within = () => {
    const inside = withinPolygon(browser.filter.region!.polygon);
    return [inside(-5, 5), inside(5, -5)];
  };
  expect(within()).toEqual([true, true]);
  await userEvent.keyboard('+{ArrowLeft}{ArrowLeft}{ArrowUp}{ArrowUp}{Enter}');
  await expect.poll(within).toEqual([true, false]);
  await userEvent.keyboard('0{Enter}');
  await expect.poll(within).toEqual([true, true]);
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => browser.filter.region).toBeUndefined();
});
