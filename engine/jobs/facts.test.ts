/** Facts of images through the contract: real pictures, a real worker; what is kept, and what ranges let through. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { type ImageFactRange, imageFactKeys, readFactValues } from '#contract/image-facts.ts';
import { readItemList } from '#contract/item-list.ts';
import { resources } from '#contract/resources.ts';
import { factsFile } from '../project/facts-file.ts';
import { buildWorker, fillWithFashion, openTestStudio, type TestStudio, writePicture } from '../testing.ts';

let studio: TestStudio;
let client: TestStudio['client'];
let path: string;
const colours = {
  dark: { r: 20, g: 10, b: 10 },
  red: { r: 220, g: 40, b: 40 },
  white: { r: 250, g: 250, b: 250 },
};
const bytesAt = async (address: string) => {
  const { body } = await studio.studio.resources({ method: 'GET', path: address, headers: {}, body: null });
  return Uint8Array.from(body).buffer;
};
const named = async (...facts: ImageFactRange[]) =>
  (await client.items.list({ filter: { facts }, offset: 0, limit: 100 })).items
    .map(({ name }) => name)
    .sort();
const pictures = () => join(studio.folder, 'pictures');

beforeAll(async () => {
  await buildWorker();
  studio = await openTestStudio();
  client = studio.client;
  for (const [name, colour] of Object.entries(colours))
    for (const at of [0, 1])
      await writePicture(join(pictures(), name, `${name}-${at}.png`), colour, { seed: at });
  ({ path } = await client.project.create({ path: join(studio.folder, 'p') }));
  await followJob(client, () => client.sources.import({ source: { kind: 'path', path: pictures() } }));
});
afterAll(() => studio.close());

test('none are known at first, and a range lets nothing through', async () => {
  expect(await client.facts.get()).toEqual({ facts: null, missing: 6, jobId: null });
  expect(await named({ fact: 'brightness', least: 0 })).toEqual([]);
});

test('a job computes them of the thumbnails, whatever became of the originals; ranges filter', async () => {
  rmSync(join(pictures(), 'white', 'white-1.png'));
  await followJob(client, () => client.facts.start());
  // The last word comes after the job's end.
  const told = await studio.when((each) => each.event === 'facts.changed' && each.state.facts && each.state);
  expect(told).toMatchObject({ facts: { images: 6 }, missing: 0, jobId: null });
  expect(await named({ fact: 'brightness', below: 60 })).toEqual(['dark/dark-0.png', 'dark/dark-1.png']);
  expect(await named({ fact: 'brightness', least: 60 }, { fact: 'saturation', least: 50 })).toEqual([
    'red/red-0.png',
    'red/red-1.png',
  ]);
  expect(await named({ fact: 'brightness', least: 60, below: 60 })).toEqual([]);
  const { facts } = await client.facts.get();
  const values = readFactValues(await bytesAt(resources.facts(facts!.id)))!;
  const { itemIds } = readItemList(await bytesAt(resources.itemList({})))!;
  expect([...values.itemIds]).toEqual([...itemIds]);
  const first = await client.items.get({ itemId: itemIds[0]! });
  expect([values.values[imageFactKeys.indexOf('width') * 6], values.classIds.length]).toEqual([
    first.width,
    3,
  ]);
  expect(readFactValues((await bytesAt(resources.facts(facts!.id))).slice(4))).toBeNull();
});

test('a list is sorted by a fact, and a sample sheet has the first of each class', async () => {
  const { items } = await client.items.list({
    filter: { sort: { by: 'brightness', descending: true } },
    offset: 0,
    limit: 10,
  });
  expect(items.map(({ name }) => name.split('/')[0])).toEqual([
    ...['white', 'white', 'red', 'red', 'dark', 'dark'],
  ]);
  const picture = await sharp(Buffer.from(await bytesAt(resources.sampleSheet({ filter: {}, perClass: 1 }))))
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Three rows of words and one picture each, in the order of the classes.
  const { data, info } = picture;
  const colourAt = (x: number, y: number) => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  const near = ([red = 0, green = 0, blue = 0]: number[], { r, g, b }: { r: number; g: number; b: number }) =>
    Math.abs(red - r) + Math.abs(green - g) + Math.abs(blue - b) < 120;
  const names = (await client.project.current())!.classes.map(({ name }) => name);
  names.forEach((name, row) =>
    expect(near(colourAt(64, 16 + row * 132 + 28 + 48), colours[name as keyof typeof colours])).toBe(true),
  );
  await expect(bytesAt(resources.sampleSheet({ filter: { text: 'nothing' } }))).rejects.toMatchObject({
    code: 'NOT_ENOUGH_DATA',
  });
  await expect(bytesAt(resources.sampleSheet({ filter: { finding: 'dark' } }))).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('views are saved under names, replaced and deleted, and there when the project is opened again', async () => {
  await client.views.save({ name: 'b', filter: { sort: { by: 'width' } } });
  await client.views.save({ name: 'a', filter: { text: 'x' } });
  expect(await client.views.save({ name: 'b', filter: { noted: true } })).toEqual([
    { name: 'a', filter: { text: 'x' } },
    { name: 'b', filter: { noted: true } },
  ]);
  await client.project.close();
  await client.project.open({ path });
  expect(await client.views.list()).toHaveLength(2);
  expect(await client.views.delete({ name: 'a' })).toEqual([{ name: 'b', filter: { noted: true } }]);
  await expect(client.views.delete({ name: 'a' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('grey pixels of IDX sources have facts too; what was computed before is then incomplete until it is again', async () => {
  await client.project.close();
  await fillWithFashion(path);
  await client.project.open({ path });
  const before = await client.facts.get();
  expect(before).toMatchObject({ facts: { images: 6 }, missing: 2500 });
  await followJob(client, () => client.facts.start());
  expect(await client.facts.get()).toMatchObject({ facts: { images: 2506 }, missing: 0 });
  await expect(bytesAt(resources.facts(before.facts!.id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a file that is not whole is none, and a cancelled job leaves what was there', async () => {
  const whole = readFileSync(factsFile(path));
  const again = async () => {
    await client.project.close();
    await client.project.open({ path });
    return client.facts.get();
  };
  writeFileSync(factsFile(path), whole.subarray(0, whole.length - 1));
  expect(await again()).toMatchObject({ facts: null });
  writeFileSync(factsFile(path), whole);
  const { facts } = await again();
  expect(facts?.images).toBe(2506);
  const job = await client.facts.start();
  expect((await client.facts.start()).id).toBe(job.id);
  await client.jobs.cancel({ jobId: job.id });
  await studio.when(
    (event) => event.event === 'job.changed' && event.job.id === job.id && event.job.state === 'cancelled',
  );
  expect(await client.facts.get()).toMatchObject({ facts, jobId: null });
});
