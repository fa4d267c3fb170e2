/**
 * `npm run bench:labels`: what labelling costs with 70,000 images of 1,002 classes: the work of one label in the studio,
 * and the window's Label room in a real browser, served as people have it. Prints milliseconds. The engine takes no part.
 */
// What is handed to the page looks at its document.
/// <reference lib="dom" />
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { makeGreyProject } from './made-project.ts';
import { openStudio, quantile, temporaryFolder } from './own-studio.ts';
import { launchBrowser, serve } from './served-studio.ts';

const images = Number(process.env['BENCH_IMAGES'] ?? 70_000);
const classes = Number(process.env['BENCH_CLASSES'] ?? 1002);
const side = 28;
const root = process.argv[2]!;
const { folder, remove } = temporaryFolder('labels');

const tell = (what: string, values: number[]) =>
  console.log(
    `${what.padEnd(58)} median ${quantile(values, 0.5).toFixed(1)} ms, worst ${quantile(values, 1).toFixed(1)} ms`,
  );

/** Every image has pixels of its own and a class by its number. */
async function fill(): Promise<string> {
  const path = join(folder, 'p.atelier');
  const names = Array.from({ length: classes }, (_, index) => `class ${String(index).padStart(4, '0')}`);
  await makeGreyProject(path, images, side, names);
  return path;
}

/** The whole way of a label through the studio: schema, transaction with its fsync, counts, event, answer. */
async function studioPart(path: string): Promise<void> {
  const { client, close } = openStudio();
  const events = await client.studio.events();
  let bytes = 0;
  void (async () => {
    for await (const event of events) bytes += JSON.stringify(event).length;
  })();
  const project = await client.project.open({ path });
  const times: number[] = [];
  const work: number[] = [];
  const rounds = 200;
  let answers = 0;
  bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const classId = project.classes[(round * 7) % classes]!.id;
    const [begun, busy] = [performance.now(), process.cpuUsage()];
    answers += JSON.stringify(await client.items.relabel({ itemIds: [1 + round * 37], classId })).length;
    times.push(performance.now() - begun);
    const used = process.cpuUsage(busy);
    work.push((used.user + used.system) / 1000);
  }
  tell('a label in the studio, until acknowledged', times);
  tell('  of it work of the processor', work);
  console.log(
    `  bytes told a label: ${Math.round(answers / rounds)} answered, ${Math.round(bytes / rounds)} in events`,
  );
  await close();
}

async function browserPart(path: string): Promise<void> {
  const { address, end } = await serve(root, path);
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(address);
  await page.getByText('Many classes').first().waitFor({ timeout: 120_000 });
  const opening: number[] = [];
  for (let round = 0; round < 5; round++) {
    await goTo(page, 'Data');
    await page.getByRole('region', { name: 'Filter by class' }).waitFor({ timeout: 120_000 });
    opening.push(await timed(page, () => goTo(page, 'Label'), 'aside[aria-label="Classes and keys"] button'));
  }
  tell(`opening the Label room (first ${opening[0]!.toFixed(0)} ms)`, opening);
  const pressed: number[] = [];
  for (let round = 0; round < 20; round++) {
    const before = await headingOf(page);
    const begun = await page.evaluate(() => performance.now());
    await page.keyboard.press(String(1 + (round % 9)));
    await page.waitForFunction(
      ([was, current]) =>
        document.querySelector('aside[aria-label="Current image"] p')?.textContent !== was &&
        !document.body.textContent?.includes(current!),
      [before, 'Saving'] as const,
      { polling: 'raf', timeout: 60_000 },
    );
    pressed.push((await page.evaluate(() => performance.now())) - begun);
  }
  tell('a key, until the next image is shown', pressed);
  await browser.close();
  await end();
}

const headingOf = (page: Page) =>
  page.evaluate(() => document.querySelector('aside[aria-label="Current image"] p')?.textContent ?? '');
const goTo = (page: Page, room: string) =>
  page.getByRole('navigation').getByText(room, { exact: true }).click();

/** From the click until two frames after `selector` is there. */
async function timed(page: Page, act: () => Promise<void>, selector: string): Promise<number> {
  const begun = await page.evaluate(() => performance.now());
  await act();
  await page.waitForSelector(selector, { state: 'attached', timeout: 120_000 });
  return (
    (await page.evaluate(
      () =>
        new Promise<number>((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))),
        ),
    )) - begun
  );
}

void (async () => {
  console.log(`${cpus()[0]?.model.trim()}, ${images} images of ${classes} classes`);
  try {
    const path = await fill();
    await studioPart(path);
    await browserPart(path);
  } finally {
    remove();
  }
})();
