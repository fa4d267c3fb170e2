/**
 * The confusion matrix in a real browser without a GPU, served as people have it: how long from 10,000 images to be evaluated to a
 * drawn matrix, and how long frames take while one of many classes is hovered, zoomed and moved. Prints milliseconds. What the
 * network answers does not matter: it is trained for a moment on pixels that say the class now and then.
 */
// What is handed to the page looks at its document.
/// <reference lib="dom" />
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { followRun } from '#contract/follow.ts';
import { Recipe } from '#recipe/recipe.ts';
import { makeGreyProject } from './made-project.ts';
import { machine, openStudio, quantile, temporaryFolder } from './own-studio.ts';
import { launchBrowser, serve } from './served-studio.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    classes: { type: 'string', default: '1000' },
    /** Predictions behind the large matrix. */
    images: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '1280x800' },
  },
});
const root = positionals[0]!;
const [width, height] = options.size.split('x').map(Number) as [number, number];
const { folder, remove } = temporaryFolder('matrix');
const frames = 240;
const within = { timeout: 300_000 };

function tell(what: string, values: readonly number[]): void {
  const text = [0.5, 0.95, 1].map((at) => quantile(values, at).toFixed(1));
  console.log(`${what.padEnd(56)} median ${text[0]} ms, 95 % ${text[1]} ms, longest ${text[2]} ms`);
}

const recipeOf = (side: number): Recipe =>
  Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Bench',
    preprocessing: {
      height: side,
      width: side,
      channels: 1,
      fit: 'letterbox',
      normalisation: { kind: 'measured' },
    },
    augmentation: [],
    model: {
      parameterBudget: 10_000_000,
      layers: [
        { kind: 'conv', filters: 16 },
        { kind: 'max-pool' },
        { kind: 'conv', filters: 48 },
        { kind: 'flatten' },
      ],
    },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 2e-3,
      schedule: { kind: 'constant' },
      batchSize: 128,
      epochs: 8,
    },
  });

/** A project with a run that is evaluated on its test images. */
async function judged(name: string, classes: number, images: { train: number; test: number }, side: number) {
  const path = join(folder, `${name}.atelier`);
  const names = Array.from({ length: classes }, (_, index) => `class ${String(index).padStart(4, '0')}`);
  await makeGreyProject(path, images.train + images.test, side, names, images.test);
  const { client, close } = openStudio();
  try {
    await client.project.open({ path });
    await followRun(client, () => client.runs.start({ recipe: recipeOf(side) }));
  } finally {
    await close();
  }
  return path;
}

const matrixOn = (page: Page) => page.getByRole('grid', { name: 'Confusion matrix' });

async function openPage(browser: Browser, address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('navigation').getByText('Judge', { exact: true }).waitFor(within);
  return page;
}

/** From the click until the frame after an element is there for the first time, or anew. */
async function until(page: Page, click: () => Promise<void>, there: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await click();
  await there();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  return performance.now() - begun;
}

/** Evaluates 10,000 images again and again. */
async function measureEvaluation(browser: Browser): Promise<void> {
  const path = await judged('ten', 10, { train: 2000, test: 10_000 }, 28);
  const { address, end } = await serve(root, path, true);
  const page = await openPage(browser, address);
  await page.getByRole('navigation').getByText('Judge', { exact: true }).click();
  await matrixOn(page).waitFor(within);
  const times: number[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const again = page.getByRole('button', { name: /^Evaluate again/ });
    times.push(
      await until(
        page,
        () => again.click(),
        // It is busy, and then free once the new matrix stands.
        async () => {
          await page.getByRole('button', { name: 'Evaluating…' }).waitFor(within);
          await again.waitFor(within);
        },
      ),
    );
  }
  tell('10,000 images, from the click to the matrix', times);
  await page.context().close();
  await end();
}

/** Milliseconds that the browser has worked so far, on all processors together. */
async function processorTime(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
}

type Motion = 'nothing' | 'hover' | 'zoom' | 'move';
/** From frame to frame, while each has its own event of the pointer or the wheel. */
const move = (page: Page, motion: Motion) =>
  page.evaluate(
    ([motion, frames]) =>
      new Promise<number[]>((resolve) => {
        const canvas = document.querySelector('[role=grid] canvas')!;
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const at = (share: number) => ({
          clientX: left + 110 + (width - 120) * share,
          clientY: top + 110 + (height - 120) * share,
          bubbles: true,
          cancelable: true,
        });
        const times: number[] = [];
        let before = 0;
        const step = (now: number) => {
          if (before) times.push(now - before);
          before = now;
          const frame = times.length;
          if (frame === frames) return resolve(times);
          const share = 0.5 + 0.45 * Math.sin(frame / 20);
          if (motion === 'hover') canvas.dispatchEvent(new PointerEvent('pointermove', at(share)));
          if (motion === 'zoom') {
            // In over 60 frames, out over the next.
            const deltaY = frame % 120 < 60 ? -20 : 20;
            canvas.dispatchEvent(new WheelEvent('wheel', { ...at(0.4), deltaY, ctrlKey: true }));
          }
          if (motion === 'move') {
            const deltaX = frame % 120 < 60 ? 40 : -40;
            canvas.dispatchEvent(new WheelEvent('wheel', { ...at(0.4), deltaX }));
          }
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [motion, frames] as const,
  );

async function measureLarge(browser: Browser): Promise<void> {
  const [classes, test] = [Number(options.classes), Number(options.images)];
  const path = await judged('many', classes, { train: classes * 20, test }, 8);
  const { address, end } = await serve(root, path);
  const page = await openPage(browser, address);
  const judge = page.getByRole('navigation').getByText('Judge', { exact: true });
  const times = [
    await until(
      page,
      () => judge.click(),
      () => matrixOn(page).waitFor(within),
    ),
  ];
  tell(`${classes} classes, ${test} predictions: from Judge to the matrix`, times);
  await page.getByLabel('Order of the classes').selectOption('By confusion');
  const tellFrames = async (what: string, motion: Motion) => {
    const before = await processorTime(browser);
    tell(`a frame, ${what}`, await move(page, motion));
    console.log(
      `  work of the browser for it: ${(((await processorTime(browser)) - before) / frames).toFixed(1)} ms`,
    );
  };
  await tellFrames('nothing moves', 'nothing');
  await tellFrames('the pointer moves over cells', 'hover');
  await tellFrames('zoomed in and out', 'zoom');
  await matrixOn(page).focus();
  for (let presses = 0; presses < 6; presses++) await page.keyboard.press('+');
  await tellFrames('moved, cells of some pixels', 'move');
  for (let presses = 0; presses < 6; presses++) await page.keyboard.press('+');
  await tellFrames('moved, cells with values', 'move');
  const top = page.getByRole('region', { name: 'Top confusions' }).getByRole('button').first();
  const images = page.getByRole('grid', { name: /^Images labelled/ }).getByRole('gridcell');
  const behind = await until(
    page,
    () => top.click(),
    () => images.first().waitFor(within),
  );
  tell('from a click to the images behind a cell, the first', [behind]);
  await page.context().close();
  await end();
}

void (async () => {
  console.log(`${machine()}, ${options.size}`);
  const browser = await launchBrowser('--disable-gpu');
  try {
    await measureEvaluation(browser);
    await measureLarge(browser);
    console.log(machine());
  } finally {
    await browser.close();
    remove();
  }
})();
