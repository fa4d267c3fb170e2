/**
 * `npm run bench:map`: how long the map of embeddings of many images takes to draw, and how smoothly a real browser without a GPU
 * moves, zooms and lassoes it. Images of noise, whose embeddings lie around ten centres. Prints seconds and milliseconds.
 */
// What is handed to the page looks at its document.
/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { followJob } from '#contract/follow.ts';
import { makeEmbeddings, makeGreyProject } from './made-project.ts';
import { machine, openStudio, quantile, temporaryFolder } from './own-studio.ts';
import { launchBrowser, serve } from './served-studio.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '70000' },
    /** A project with a map, to look at instead. */
    project: { type: 'string' },
    size: { type: 'string', default: '1280x800' },
    /** Whether the browser may use a GPU. */
    gpu: { type: 'boolean', default: false },
  },
});
const root = positionals[0]!;
const [width, height] = options.size.split('x').map(Number) as [number, number];
const { folder, remove } = temporaryFolder('map');
const frames = 120;
const classes = Array.from({ length: 10 }, (_, index) => `class ${index}`);

/** Makes the project and draws its map by the studio, as a window asks for it. */
async function draw(images: number): Promise<string> {
  const path = join(folder, 'map.atelier');
  await makeGreyProject(path, images, 28, classes);
  await makeEmbeddings(path, images, classes.length);
  const { client, close } = openStudio();
  try {
    await client.project.open({ path });
    await followJob(client, () =>
      client.embeddings.start({ by: { kind: 'backbone', name: 'efficientnet-lite0' } }),
    );
    const begun = performance.now();
    let [unit, since] = ['opening', begun];
    await followJob(
      client,
      () => client.map.start(),
      (event) => {
        if (event.event !== 'job.changed' || event.job.kind !== 'map') return;
        const next = event.job.progress.unit;
        if (next === unit || next === '') return;
        console.log(`  ${unit}: until ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        [unit, since] = [next, performance.now()];
      },
    );
    console.log(`  ${unit}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
    const { map } = await client.map.get();
    console.log(
      `map of ${images} images, ${map?.laidOut} laid out`.padEnd(48),
      `${((performance.now() - begun) / 1000).toFixed(1)} s`,
    );
  } finally {
    await close();
  }
  return path;
}

function tell(what: string, values: readonly number[]): void {
  const text = [0.5, 0.95, 1].map((at) => quantile(values, at).toFixed(1));
  console.log(`${what.padEnd(48)} median ${text[0]} ms, 95 % ${text[1]} ms, longest ${text[2]} ms`);
}

/** From frame to frame, while each has the pointer do something over the map; and until all points stand where they belong after. */
const act = (page: Page, what: 'rest' | 'pan' | 'zoom' | 'lasso' | 'hover') =>
  page.evaluate(
    ([what, frames]) =>
      new Promise<{ times: number[]; settled: number }>((resolve) => {
        const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-points]')!;
        // A pointer of a script cannot be captured.
        canvas.setPointerCapture = () => undefined;
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const at = (turn: number, radius: number) => ({
          ...{ bubbles: true, cancelable: true, pointerId: 7, button: 0, buttons: 1 },
          clientX: left + width * (0.5 + radius * Math.cos(turn)),
          clientY: top + height * (0.5 + radius * Math.sin(turn)),
        });
        const point = (kind: string, turn: number, radius: number, shiftKey = false) =>
          canvas.dispatchEvent(new PointerEvent(kind, { ...at(turn, radius), shiftKey }));
        const dragging = what === 'pan' || what === 'lasso';
        if (dragging) point('pointerdown', 0, what === 'lasso' ? 0.2 : 0.4, what === 'pan');
        const times: number[] = [];
        let before = 0;
        const step = (now: number) => {
          if (before) times.push(now - before);
          before = now;
          const done = times.length;
          if (done === frames) {
            if (dragging) point('pointerup', 0, 0.2);
            const rested = () => {
              if (canvas.dataset.still !== 'false') resolve({ times, settled: performance.now() - now });
              else requestAnimationFrame(rested);
            };
            return rested();
          }
          const turn = (2 * Math.PI * done) / frames;
          if (what === 'zoom')
            canvas.dispatchEvent(
              new WheelEvent('wheel', { ...at(0, 0), deltaY: done < frames / 2 ? -60 : 60 }),
            );
          else if (what !== 'rest') point('pointermove', turn, what === 'lasso' ? 0.2 : 0.4, what === 'pan');
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [what, frames] as const,
  );

/** From letting go of a lasso until the grid lists what is within and the map shows it. */
const filter = (page: Page) =>
  page.evaluate(async () => {
    const begun = performance.now();
    const listed = () =>
      /^([\d,]+) images?$/.exec(document.querySelector('.room-bar [role=status]')?.textContent ?? '')?.[1];
    const before = listed();
    document
      .querySelector<HTMLElement>('[role=application]')!
      .dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await new Promise<void>((resolve) => {
      const look = () => {
        const now = listed();
        if (now !== undefined && now !== before) resolve();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    return { within: before, all: listed(), milliseconds: performance.now() - begun };
  });

void (async () => {
  console.log(machine());
  const browser = await launchBrowser(...(options.gpu ? [] : ['--disable-gpu']));
  try {
    const path =
      options.project && existsSync(options.project) ? options.project : await draw(Number(options.images));
    const { address, end } = await serve(root, path);
    const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
    await page.goto(address);
    await page.getByRole('navigation').getByText('Data', { exact: true }).click();
    const begun = performance.now();
    await page.getByRole('button', { name: 'Map of embeddings' }).click();
    await page.locator('canvas[data-drawn=true]').waitFor({ timeout: 120_000 });
    console.log(`${'opening the map'.padEnd(48)} ${(performance.now() - begun).toFixed(0)} ms`);
    const renderer = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      const about = gl?.getExtension('WEBGL_debug_renderer_info');
      return gl && about ? String(gl.getParameter(about.UNMASKED_RENDERER_WEBGL)) : 'unknown';
    });
    console.log(`drawn by ${renderer}, ${options.size}`);
    for (const what of ['rest', 'pan', 'zoom', 'hover', 'lasso'] as const) {
      const { times, settled } = await act(page, what);
      tell(`a frame: ${what}`, times);
      if (what === 'pan' || what === 'zoom')
        console.log(`${`all points after: ${what}`.padEnd(48)} ${settled.toFixed(0)} ms`);
    }
    await page.waitForTimeout(2000);
    const { within, all, milliseconds } = await filter(page);
    console.log(`lasso: ${within} of ${all} images; all listed again after ${milliseconds.toFixed(0)} ms`);
    await end();
  } finally {
    await browser.close();
    remove();
  }
})();
