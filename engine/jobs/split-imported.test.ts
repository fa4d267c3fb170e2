/** An import draws its parts so that look-alikes are on one side, by embeddings or by small pictures, and leaves alone what somebody said. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { leakWarnings, unlookedWords } from '#contract/splits.ts';
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

/** How a picture of a scene is written. */
const original = { as: 'png', mark: '' };
const copy = { as: 'jpg', mark: 'x' };
const secondCopy = { as: 'jpg', mark: 'y' };

/** Scenes of coarse random patches, in two classes or, with parts, as a source that says them; each written in each of these ways. */
async function photographs(
  folder: string,
  width: number,
  ways: readonly (typeof original)[] = [original, copy],
  partOf: (scene: number) => string = () => '',
): Promise<void> {
  for (let scene = 0; scene < scenes; scene += 1) {
    const random = generator(scene, 7);
    const patches = Buffer.from(Array.from({ length: 6 * 6 * 3 }, () => Math.floor(256 * random())));
    const place = join(folder, partOf(scene), scene % 2 === 0 ? 'even' : 'odd');
    await mkdir(place, { recursive: true });
    const picture = await sharp(patches, { raw: { width: 6, height: 6, channels: 3 } })
      .resize(width, width, { kernel: 'cubic' })
      .png()
      .toBuffer();
    // Names without a number, so that no sequence joins them.
    const name = String.fromCharCode(97 + (scene % 26), 97 + Math.floor(scene / 26));
    for (const { as, mark } of ways) {
      const written = sharp(picture);
      await (as === 'jpg' ? written.jpeg({ quality: mark === 'y' ? 60 : 70 }) : written.png()).toFile(
        join(place, `${name}${mark}.${as}`),
      );
    }
  }
}

const importOf = (folder: string) =>
  followJob(studio.client, () => studio.client.sources.import({ source: { kind: 'path', path: folder } }));
const present = async () => ({
  state: await studio.client.splits.get(),
  project: (await studio.client.project.current())!,
});

async function imported(name: string, ...how: [number, (typeof original)[]?, ((scene: number) => string)?]) {
  const folder = join(studio.folder, name);
  await photographs(folder, ...how);
  await studio.client.project.create({ path: join(studio.folder, `${name}-p`) });
  await importOf(folder);
  return present();
}

const noneLeaks = { validation: { leaked: 0 }, test: { leaked: 0 } };

test('photographs and their copies are in one part, in a step that can be undone', async () => {
  const { state, project } = await imported('photographs', side);
  expect(state.groups).toMatchObject({ seenBy: 'pictures and embeddings', later: 0 });
  expect(state.groups!.images).toBeGreaterThanOrEqual(2 * scenes - 2);
  expect(state.leaks).toMatchObject(noneLeaks);
  expect([project.counts.validation > 0, project.counts.test > 0]).toEqual([true, true]);
  expect(unlookedWords(state, project.counts)).toBeNull();
  expect(project.undo).toMatch(/^Redraw test/);
});

test('so are small pictures and theirs, which no backbone looks at, and those that a later import brings', async () => {
  const small = await imported('small', 32);
  expect(small.state.groups).toMatchObject({ seenBy: 'pictures', groups: scenes, images: 2 * scenes });
  expect(small.state.leaks).toMatchObject(noneLeaks);
  expect(small.project.undo).toMatch(/^Redraw test/);
  await photographs(join(studio.folder, 'more'), 32, [secondCopy]);
  await importOf(join(studio.folder, 'more'));
  const { state, project } = await present();
  expect(project.counts.total).toBe(3 * scenes);
  expect(state.groups).toMatchObject({ groups: scenes, images: 3 * scenes, later: 0 });
  expect(state.leaks).toMatchObject({
    validation: { leaked: 0, images: project.counts.validation },
    test: { leaked: 0, images: project.counts.test },
  });
});

test('of a few small pictures nobody looks, and that is said', async () => {
  const { state, project } = await imported('few', 32, [original]);
  expect([state.groups, project.undo, project.counts.total]).toEqual([null, null, scenes]);
  expect(unlookedWords(state, project.counts)).toMatch(/^Nobody has looked for look-alikes/);
});

test('parts that the source says stay, and a person who moved an image is not overruled', async () => {
  const fixed = await imported('fixed', 32, [original, copy], (scene) => (scene < 8 ? 'test' : 'train'));
  expect([fixed.state.groups, fixed.project.undo]).toEqual([null, null]);
  expect(fixed.project.counts).toMatchObject({ test: 16, fixed: 16 });

  await imported('moved', 32);
  const before = await present();
  const { items } = await studio.client.items.list({
    filter: { splits: ['train'] },
    offset: 0,
    limit: 1,
  });
  await studio.client.labels.apply({ rows: [{ row: 2, path: items[0]!.name, split: 'validation' }] });
  await photographs(join(studio.folder, 'after'), 32, [secondCopy]);
  await importOf(join(studio.folder, 'after'));
  const { state, project } = await present();
  expect(project.undo).toMatch(/^Take over labels/);
  expect(project.counts.test).toBeGreaterThanOrEqual(before.project.counts.test);
  expect(leakWarnings(state)).toContainEqual(
    `${scenes} images came after look-alikes were looked for: nobody has looked for theirs yet.`,
  );
});
