/** A flat folder of photographs through the studio: imported without a class, labelled, trained on, evaluated. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { presets } from '#recipe/presets.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from './testing.ts';

let test: TestStudio;
beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
});
afterAll(() => test.close());

it('a flat folder is labelled and trained on; what is left without a class is counted and left out', async () => {
  const { client } = test;
  const flat = join(test.folder, 'flat');
  for (let at = 0; at < 30; at++)
    await writePicture(
      join(flat, `${String(at).padStart(2, '0')}.png`),
      at % 2 ? { r: 200, g: 20, b: 20 } : { r: 20, g: 20, b: 200 },
      { seed: at },
    );
  await client.project.create({ path: join(test.folder, 'p.atelier') });
  const job = await followJob(client, () => client.sources.import({ source: { kind: 'path', path: flat } }));
  expect(await client.sources.report({ jobId: job.id })).toMatchObject({
    imported: 30,
    warnings: [{ code: 'UNLABELLED' }],
  });
  expect(await client.project.current()).toMatchObject({
    classes: [],
    counts: { total: 30, train: 0, unlabelled: 30 },
  });

  // What nobody labelled yet has a size and colours all the same.
  const offered = await client.recipes.presets();
  const quick = offered.presets.find(({ preset }) => preset === 'quick')!;
  expect(quick.recipe.preprocessing).toMatchObject({ channels: 3 });
  expect(offered.presets.every(({ about }) => !about.includes('grey pixels'))).toBe(true);

  const recipe = { ...presets.seed.recipe, training: { ...presets.seed.recipe.training, epochs: 1 } };
  await expect(client.runs.start({ recipe })).rejects.toMatchObject({
    data: {
      code: 'NOT_ENOUGH_DATA',
      message:
        'Expected training images of at least two classes, and validation images; received 0 such classes, 0 training and 0 validation images. 30 images are unlabelled: give some of them a class.',
    },
  });

  const [red, blue] = [await client.classes.add({ name: 'red' }), await client.classes.add({ name: 'blue' })];
  const { items } = await client.items.list({ filter: { classIds: [null] }, offset: 0, limit: 100 });
  const idsOf = (odd: number) => items.filter((_, at) => at % 2 === odd && at < 24).map(({ id }) => id);
  const change = await client.items.relabel({ itemIds: idsOf(1), classId: red.id });
  expect(change).toMatchObject({
    classes: [{ id: red.id, counts: { total: 12 } }],
    counts: { unlabelled: 18 },
  });
  await client.items.relabel({ itemIds: idsOf(0), classId: blue.id });
  const { counts } = (await client.project.current())!;
  expect(counts).toMatchObject({ total: 30, unlabelled: 6, relabelled: 0 });
  expect(counts.train + counts.validation + counts.test).toBe(24);
  expect(counts.validation * counts.test).toBeGreaterThan(0);

  const { id: runId } = await client.runs.start({ recipe });
  await test.when(
    (event) => event.event === 'run.changed' && event.run.id === runId && event.run.state === 'finished',
  );
  const run = await client.runs.get({ runId });
  expect(run.notices).toContain('6 images are unlabelled and left out.');
  expect(await client.evaluations.get({ runId, split: 'test' })).toMatchObject({
    count: counts.test,
    leftOut: [],
  });
  const left = items.slice(24).map(({ id }) => id);
  expect(await client.evaluations.predictions({ runId, itemIds: left })).toEqual(left.map(() => null));
  const prediction = await client.predictions.predict({ runId, image: { kind: 'item', itemId: left[0]! } });
  expect(prediction.classes.map(({ name }) => name)).toEqual(['red', 'blue']);

  // A test image that loses its label is asked about no more.
  const { items: tested } = await client.items.list({ filter: { splits: ['test'] }, offset: 0, limit: 1 });
  await client.items.relabel({ itemIds: [tested[0]!.id], classId: null });
  await followJob(client, () => client.evaluations.start({ runId, split: 'test' }));
  expect(await client.evaluations.get({ runId, split: 'test' })).toMatchObject({ count: counts.test - 1 });
});
