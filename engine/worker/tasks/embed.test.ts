/** Task `embed` on real pictures and the real backbone: what is missing is computed, what is there stays, whatever ends it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenProject } from '../../project/project.ts';
import { fillWithFolder, writePicture } from '../../testing.ts';
import type { EmbeddingInput, StepDone } from '../protocol.ts';
import { embed } from './embed.ts';

const images = 150;
let folder: string;
let input: EmbeddingInput;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-embed-'));
  for (let index = 0; index < images; index += 1) {
    const colour = { r: index, g: 255 - index, b: index % 2 === 0 ? 40 : 200 };
    await writePicture(join(folder, 'pictures', `c${index % 2}`, `${index}.png`), colour, { seed: index });
  }
  const project = await OpenProject.create(join(folder, 'p'), undefined, 'test');
  const { path } = project;
  await project.close();
  await fillWithFolder(path, join(folder, 'pictures'));
  input = {
    project: path,
    origin: { kind: 'backbone', name: 'efficientnet-lite0', side: 32 },
    lastItemId: images,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packs = () => readdirSync(join(input.project, 'packs')).filter((name) => name.startsWith('features-'));
const content = () => readFileSync(join(input.project, 'packs', packs()[0]!));

/** @param stopAt cancels when so many are done */
async function run(stopAt = Infinity) {
  const events: StepDone[] = [];
  const controller = new AbortController();
  const result = embed(input, {
    signal: controller.signal,
    emit(event) {
      events.push(event);
      if (event.done >= stopAt) controller.abort();
    },
  });
  return result.then(
    (found) => ({ found, events }),
    (error: unknown) => ({ error, events }),
  );
}

test('cancelled, it keeps what was computed, and goes on from there to the same bytes', async () => {
  const cancelled = await run(80);
  expect(cancelled).toMatchObject({ error: { code: 'CANCELLED' } });
  const resumed = await run();
  expect(resumed).toMatchObject({ found: { done: images, total: images, skipped: 0 } });
  // The first two groups of 64, at least one of which was kept.
  const begun = resumed.events[0]!.done;
  expect(begun).toBeGreaterThanOrEqual(64);
  expect(begun).toBeLessThan(images);
  expect(resumed.events.map(({ done }) => done)).toEqual(
    [...resumed.events.map(({ done }) => done)].sort((a, b) => a - b),
  );
  const kept = content();
  const again = await run();
  expect(again.events).toEqual([{ kind: 'step', done: images, total: images, unit: 'images' }]);
  expect(content().equals(kept)).toBe(true);

  rmSync(join(input.project, 'packs', packs()[0]!));
  expect(await run()).toMatchObject({ found: { done: images } });
  expect(content().equals(kept)).toBe(true);
});

test('a damaged record is computed anew', async () => {
  await run();
  const kept = content();
  const damaged = Buffer.from(kept);
  damaged[Math.floor(kept.length / 2)]! ^= 1;
  writeFileSync(join(input.project, 'packs', packs()[0]!), damaged.subarray(0, kept.length - 4000));
  const { events } = await run();
  expect(events[0]!.done).toBe(images - 2);
  expect(content().equals(kept)).toBe(true);
});

test('images that cannot be read any more are skipped and counted; where none can, that is told', async () => {
  rmSync(join(input.project, 'packs', packs()[0]!));
  rmSync(join(folder, 'pictures', 'c0', '0.png'));
  writeFileSync(join(folder, 'pictures', 'c1', '1.png'), 'no picture');
  expect(await run()).toMatchObject({ found: { done: images - 2, total: images, skipped: 2 } });
  expect(await run()).toMatchObject({ error: { code: 'ORIGINAL_CHANGED' } });
  rmSync(join(input.project, 'packs', packs()[0]!));
  rmSync(join(folder, 'pictures'), { recursive: true });
  const { error } = (await run()) as { error: { code: string; message: string } };
  expect(error.code).toBe('ORIGINAL_MISSING');
  expect(error.message).toContain('relink');
});
