/** An import of photographs draws their parts so that look-alikes are on one side; of small pictures it does not look for any. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { unlookedWords } from '#contract/splits.ts';
import { generator } from '#learning/random-numbers.ts';
import { buildWorker, openTestStudio, type TestStudio } from '../testing.ts';

let studio: TestStudio;
beforeAll(async () => {
  await buildWorker();
  studio = await openTestStudio();
});
afterAll(() => studio.close());

const scenes = 30;
const side = 96;

/** Scenes of coarse random patches, each twice: as it is, and encoded anew. */
async function photographs(folder: string, width: number): Promise<void> {
  for (let scene = 0; scene < scenes; scene += 1) {
    const random = generator(scene, 7);
    const patches = Buffer.from(Array.from({ length: 6 * 6 * 3 }, () => Math.floor(256 * random())));
    const place = join(folder, scene % 2 === 0 ? 'even' : 'odd');
    await mkdir(place, { recursive: true });
    const picture = await sharp(patches, { raw: { width: 6, height: 6, channels: 3 } })
      .resize(width, width, { kernel: 'cubic' })
      .png()
      .toBuffer();
    // Names without a number, so that no sequence joins them.
    const name = String.fromCharCode(97 + (scene % 26), 97 + Math.floor(scene / 26));
    await sharp(picture).toFile(join(place, `${name}.png`));
    await sharp(picture)
      .jpeg({ quality: 70 })
      .toFile(join(place, `${name}x.jpg`));
  }
}

async function imported(name: string, width: number) {
  const { client } = studio;
  const folder = join(studio.folder, name);
  await photographs(folder, width);
  await client.project.create({ path: join(studio.folder, `${name}-p`) });
  await followJob(client, () => client.sources.import({ source: { kind: 'path', path: folder } }));
  return { state: await client.splits.get(), project: (await client.project.current())! };
}

test('photographs and their copies are in one part, in a step that can be undone', async () => {
  const { state, project } = await imported('photographs', side);
  expect(state.groups).toMatchObject({ seenBy: 'pictures and embeddings', later: 0 });
  expect(state.groups!.images).toBeGreaterThanOrEqual(2 * scenes - 2);
  expect(state.leaks).toMatchObject({ validation: { leaked: 0 }, test: { leaked: 0 } });
  expect([project.counts.validation > 0, project.counts.test > 0]).toEqual([true, true]);
  expect(unlookedWords(state, project.counts)).toBeNull();
  expect(project.undo).toMatch(/^Redraw test/);
});

test('small pictures are imported at once, and that nobody looked is said', async () => {
  const { state, project } = await imported('small', 32);
  expect([state.groups, project.undo]).toEqual([null, null]);
  expect(unlookedWords(state, project.counts)).toMatch(/^Nobody has looked for look-alikes/);
});
