/**
 * Browsing a large data set in a real browser without a GPU, served as people have it: how long frames take while the grid
 * scrolls, and how long after a jump every picture in sight is drawn. With a peer, another built checkout, both take turns
 * in the same run. Prints milliseconds. The engine takes no part.
 */
// What is handed to the page looks at its document.
/// <reference lib="dom" />
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import sharp from 'sharp';
import { originalFiles } from '#engine/images/storage/original-files.ts';
import { makeProject } from './made-project.ts';
import { quantile, temporaryFolder } from './own-studio.ts';
import { launchBrowser, serve } from './served-studio.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** A project to browse, such as the 70,000 images of Fashion-MNIST. */
    project: { type: 'string' },
    /** How many photographs to make otherwise. */
    images: { type: 'string', default: '100000' },
    /** A checkout of another version, built. */
    peer: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1280x800' },
  },
});
const root = positionals[0]!;
const [width, height] = options.size.split('x').map(Number) as [number, number];
const { folder, remove } = temporaryFolder('grid');

/** Pixels that the grid moves between two frames: a slow wheel, a fast one, a thumb that is dragged. */
const speeds = [40, 120, 600];
const frames = 240;
const jumps = 12;

/** Milliseconds after which a jump is called off: something that will not come. */
const patience = 10_000;

interface Measured {
  /** Frames while nothing moves: what the machine leaves. */
  still: number[];
  frames: Map<number, number[]>;
  /** Of all processes of the browser, for one frame: what other work on the machine changes least. */
  work: Map<number, number[]>;
  jumps: number[];
}

function tell(what: string, values: readonly number[]): void {
  const text = [0.5, 0.95, 1].map((at) => quantile(values, at).toFixed(1));
  console.log(`${what.padEnd(48)} median ${text[0]} ms, 95 % ${text[1]} ms, longest ${text[2]} ms`);
}

/** Thumbnails like those of photographs, each used by every 4,096th image. */
async function makeThumbnails(): Promise<Buffer[]> {
  const made: Buffer[] = [];
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let number = 0; number < 4096; number++) {
    // A few coarse pixels made large, and fine noise over them: about the 4 kB of a photograph's thumbnail.
    const coarse = Buffer.from(Array.from({ length: 8 * 6 * 3 }, () => random() * 255));
    const smooth = await sharp(coarse, { raw: { width: 8, height: 6, channels: 3 } })
      .resize(128, 96, { kernel: 'cubic' })
      .raw()
      .toBuffer();
    for (let at = 0; at < smooth.length; at++)
      smooth[at] = Math.max(0, Math.min(255, smooth[at]! + (random() - 0.5) * 40));
    const raw = { width: 128, height: 96, channels: 3 as const };
    made.push(await sharp(smooth, { raw }).jpeg({ quality: 85 }).toBuffer());
  }
  return made;
}

async function makePhotographs(count: number): Promise<string> {
  const path = join(folder, 'photographs.atelier');
  const thumbnails = await makeThumbnails();
  const starts: number[] = [];
  for (let at = 0, start = 0; at < thumbnails.length; start += thumbnails[at++]!.length) starts.push(start);
  const classes = Array.from({ length: 10 }, (_, index) => `class ${index}`);
  const source = { storage: originalFiles, classes };
  await makeProject(path, Buffer.concat(thumbnails), source, count, (index) => ({
    name: `photographs/${String(index).padStart(6, '0')}.jpg`,
    className: classes[index % classes.length]!,
    width: 500,
    height: 375,
    position: starts[index % starts.length]!,
    length: thumbnails[index % thumbnails.length]!.length,
  }));
  const bytes = thumbnails.reduce((sum, { length }) => sum + length, 0) / thumbnails.length;
  console.log(`${count} thumbnails of 128×96, ${(bytes / 1000).toFixed(1)} kB each`);
  return path;
}

async function measure(browser: Browser, checkout: string, path: string): Promise<Measured> {
  const { address, end } = await serve(checkout, path);
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('navigation').getByText('Data', { exact: true }).click();
  await page
    .getByRole('grid', { name: 'Images' })
    .getByRole('gridcell')
    .first()
    .waitFor({ timeout: 120_000 });
  await jump(page, 0.003);
  const measured: Measured = { still: [], frames: new Map(), work: new Map(), jumps: [] };
  measured.still = await scroll(page, 0);
  for (let at = 0; at < jumps; at++) {
    measured.jumps.push(await jump(page, ((at * 5 + 1) % 13) / 13.37));
    // A person looks; what is read ahead is read.
    await page.waitForTimeout(500);
  }
  for (const speed of speeds) {
    const before = await processorTime(browser);
    measured.frames.set(speed, await scroll(page, speed));
    measured.work.set(speed, [((await processorTime(browser)) - before) / frames]);
  }
  await context.close();
  await end();
  return measured;
}

/** Milliseconds that the browser has worked so far, on all processors together. */
async function processorTime(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
}

/** From frame to frame, while each moves the grid by `speed` pixels. */
const scroll = (page: Page, speed: number) =>
  page.evaluate(
    ([speed, frames]) =>
      new Promise<number[]>((resolve) => {
        const grid = document.querySelector<HTMLElement>('[role=grid]')!;
        const times: number[] = [];
        let before = 0;
        const step = (now: number) => {
          if (before) times.push(now - before);
          before = now;
          if (times.length === frames) return resolve(times);
          grid.scrollTop += speed;
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [speed, frames] as const,
  );

/**
 * From setting the place until the frame after the last picture in sight is there. The grid says so itself; one of elements
 * has it in its images.
 */
const jump = (page: Page, share: number) =>
  page.evaluate(
    ([share, patience]) =>
      new Promise<number>((resolve) => {
        const grid = document.querySelector<HTMLElement>('[role=grid]')!;
        const box = grid.getBoundingClientRect();
        const inSight = (element: Element) => {
          const { top, bottom } = element.getBoundingClientRect();
          return bottom > box.top && top < box.bottom;
        };
        const shown = () => {
          if (grid.dataset['complete'] !== undefined) return grid.dataset['complete'] === 'true';
          const cells = Array.from(grid.querySelectorAll('[role=gridcell]')).filter(inSight);
          return cells.every((cell) => {
            const image = cell.querySelector('img');
            return image !== null && image.complete && image.naturalWidth > 0;
          });
        };
        const begun = performance.now();
        grid.scrollTop = Math.round((grid.scrollHeight - box.height) * share);
        const look = () => {
          const spent = performance.now() - begun;
          if (!shown() && spent < patience) return requestAnimationFrame(look);
          requestAnimationFrame(() => resolve(performance.now() - begun));
        };
        // The grid hears of its new place before the next frame.
        requestAnimationFrame(look);
      }),
    [share, patience] as const,
  );

function tellAll(name: string, all: readonly Measured[]): void {
  tell(
    `${name}: a frame, nothing moves`,
    all.flatMap((one) => one.still),
  );
  for (const speed of speeds) {
    tell(
      `${name}: a frame, ${speed} pixels further each`,
      all.flatMap((one) => one.frames.get(speed)!),
    );
    tell(
      `${name}:   work of the browser for it`,
      all.flatMap((one) => one.work.get(speed)!),
    );
  }
  tell(
    `${name}: a jump, until all is drawn`,
    all.flatMap((one) => one.jumps),
  );
}

void (async () => {
  const load = () =>
    loadavg()
      .map((value) => value.toFixed(1))
      .join(' ');
  console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, ${options.size}, load ${load()}`);
  const browser = await launchBrowser('--disable-gpu');
  try {
    const path = options.project ?? (await makePhotographs(Number(options.images)));
    const [own, peer]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < Number(options.rounds); round++) {
      if (options.peer) peer.push(await measure(browser, options.peer, path));
      own.push(await measure(browser, root, path));
    }
    if (options.peer) tellAll('peer', peer);
    tellAll('this', own);
    console.log(`load ${load()} at the end`);
  } finally {
    await browser.close();
    remove();
  }
})();
