/** Error slices through the studio: a slice that was planted, its images in the grid, and what becomes of it when the part is evaluated again. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { sliceWords } from '#contract/slices.ts';
import { presets } from '#recipe/presets.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from '../testing.ts';

let test: TestStudio;
let runId: string;
const [perClass, tested, dark] = [60, 60, 30];

beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  const { client, folder } = test;
  const source = join(folder, 'images');
  const colours = { red: { r: 200, g: 60, b: 60 }, green: { r: 60, g: 200, b: 60 } };
  const other = { red: 'green', green: 'red' } as const;
  for (const name of ['red', 'green'] as const) {
    for (let seed = 0; seed < perClass; seed += 1)
      await writePicture(join(source, 'train', name, `${seed}.png`), colours[name], { seed });
    for (let seed = 0; seed < tested; seed += 1) {
      // The dark ones of the test part lie in the wrong folder.
      const isDark = seed < dark / 2;
      const { r, g, b } = colours[name];
      const colour = isDark ? { r: r / 3, g: g / 3, b: b / 3 } : { r, g, b };
      const place = isDark ? other[name] : name;
      await writePicture(join(source, 'test', place, `${name}-${seed}.png`), colour, { seed: 100 + seed });
    }
  }
  await client.project.create({ path: join(folder, 'P.atelier') });
  await followJob(client, () => client.sources.import({ source: { kind: 'path', path: source } }));
  const { recipe } = presets.quick;
  const run = await client.runs.start({
    recipe: {
      ...recipe,
      augmentation: [],
      preprocessing: {
        ...recipe.preprocessing,
        height: 16,
        width: 16,
        channels: 3,
        normalisation: { kind: 'measured' },
      },
      training: { ...recipe.training, epochs: 8, batchSize: 16 },
    },
  });
  runId = run.id;
  await test.when(
    (event) => event.event === 'run.changed' && event.run.id === runId && event.run.state === 'finished',
  );
});
afterAll(() => test.close());

it('finds the planted slice first, shows its images, and forgets it when the part is evaluated again', async () => {
  const { client } = test;
  const asked = { runId, split: 'test' } as const;
  await followJob(client, () => client.evaluations.start(asked));
  const evaluation = (await client.evaluations.get(asked))!;
  // The run tells red from green; what it has wrong is of what was planted: the half that it takes for what their folder does not say, or all.
  expect(evaluation.count - evaluation.correct).toBeGreaterThanOrEqual(dark * 0.4);
  expect(evaluation.count - evaluation.correct).toBeLessThanOrEqual(dark + 4);
  expect(await client.slices.get(asked)).toBeNull();

  await followJob(client, () => client.slices.start(asked));
  expect(test.events).toContainEqual({ event: 'slices.finished', ...asked });
  const found = (await client.slices.get(asked))!;
  const [first] = found.slices;
  expect(sliceWords(first!.condition)).toMatch(/^Dark images: brightness below \d+/);
  expect(first).toMatchObject({ found: true, id: '1' });
  expect(first!.wrong / first!.images).toBeGreaterThan(0.3);
  expect(first!.rest.wrong / first!.rest.images).toBeLessThan(0.15);

  const filter = { errors: { ...asked, list: '1' } };
  const { total, items } = await client.items.list({ filter, offset: 0, limit: 1000 });
  expect(total).toBe(first!.images);
  const planted = items.filter(({ name }) => Number(/-(\d+)\.png$/.exec(name)![1]) < dark / 2);
  expect(planted.length).toBeGreaterThanOrEqual(Math.min(dark, first!.images) * 0.9);

  await expect(
    client.items.list({ filter: { errors: { ...asked, list: '99' } }, offset: 0, limit: 1 }),
  ).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  await followJob(client, () => client.evaluations.start(asked));
  expect(await client.slices.get(asked)).toBeNull();
});

it('names the nearest training images of a test image, and says how many were not looked at yet', async () => {
  const { client } = test;
  const { items } = await client.items.list({
    filter: { splits: ['test'], text: 'green-50' },
    offset: 0,
    limit: 1,
  });
  const image = { kind: 'item', itemId: items[0]!.id } as const;
  const before = await client.explanations.nearest({ runId, image, count: 5 });
  expect(before.missing).toBe(before.images);
  await followJob(client, () => client.explanations.startNearest({ runId }));
  const { missing, images, nearest } = await client.explanations.nearest({ runId, image, count: 5 });
  expect([missing, nearest.length]).toEqual([0, 5]);
  expect(images).toBeGreaterThanOrEqual(perClass);
  expect(nearest.map(({ item }) => [item.split, /green/.test(item.name)])).toEqual(
    Array.from({ length: 5 }, () => ['train', true]),
  );
});
