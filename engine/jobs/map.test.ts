/** The map of embeddings through the contract: real pictures, real workers, the real backbone; what it is of, and what is within. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { readItemList } from '#contract/item-list.ts';
import { readMapPoints } from '#contract/map-points.ts';
import type { ItemFilter } from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import { mapFile } from '../project/map-file.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from '../testing.ts';

let studio: TestStudio;
let client: TestStudio['client'];
const images = 24;

const write = (index: number) =>
  writePicture(
    join(studio.folder, 'pictures', index % 2 === 0 ? 'red' : 'green', `${index}.png`),
    index % 2 === 0 ? { r: 220, g: 30, b: 30 } : { r: 30, g: 200, b: 40 },
    { seed: index },
  );
const importAll = () =>
  followJob(client, () =>
    client.sources.import({ source: { kind: 'path', path: join(studio.folder, 'pictures') } }),
  );
const bytesAt = async (path: string) => {
  const { body } = await studio.studio.resources({ method: 'GET', path, headers: {}, body: null });
  return Uint8Array.from(body).buffer;
};
const idsOf = async (filter: ItemFilter) => [
  ...readItemList(await bytesAt(resources.itemList(filter)))!.itemIds,
];
let path: string;

beforeAll(async () => {
  await buildWorker();
  studio = await openTestStudio();
  client = studio.client;
  for (let index = 0; index < images; index += 1) await write(index);
  ({ path } = await client.project.create({ path: join(studio.folder, 'p') }));
  await importAll();
});
afterAll(() => studio.close());

test('without embeddings there is none, and what to do is said', async () => {
  expect(await client.map.get()).toEqual({ map: null, missing: images, outdated: false, jobId: null });
  await expect(client.map.start()).rejects.toMatchObject({
    data: { code: 'NOT_FOUND', message: expect.stringContaining('atelier embed') as string },
  });
});

test('it is drawn after the embeddings that are being computed, and told when it stands', async () => {
  await client.embeddings.start();
  const job = await followJob(client, () => client.map.start());
  expect(job).toMatchObject({ kind: 'map', state: 'finished' });
  const state = await client.map.get();
  expect(state).toMatchObject({
    map: { points: images, laidOut: images, by: { kind: 'backbone' } },
    missing: 0,
    outdated: false,
    jobId: null,
  });
  expect(await studio.when((each) => each.event === 'map.changed' && each.state)).toMatchObject({
    map: null,
    jobId: job.id,
  });
  // The last word comes after the job's end.
  expect(await studio.when((each) => each.event === 'map.changed' && each.state.map && each.state)).toEqual(
    state,
  );
});

test('its points are handed out as bytes, and a region lists what lies within, beside other conditions', async () => {
  const { map } = await client.map.get();
  const { itemIds, coordinates } = readMapPoints(await bytesAt(resources.map(map!.id)))!;
  expect([...itemIds]).toEqual(await idsOf({}));
  const all = (await client.items.list({ filter: {}, offset: 0, limit: 100 })).items;
  const isRed = (itemId: number) => all.find(({ id }) => id === itemId)!.name.startsWith('red');
  // Each image's nearest on the map is of its colour.
  itemIds.forEach((itemId, at) => {
    const square = (other: number) =>
      [0, 1].reduce(
        (sum, axis) => sum + (coordinates[2 * at + axis]! - coordinates[2 * other + axis]!) ** 2,
        0,
      );
    const others = [...itemIds.keys()].filter((other) => other !== at);
    const nearest = others.reduce((best, other) => (square(other) < square(best) ? other : best));
    expect(isRed(itemIds[nearest]!)).toBe(isRed(itemId));
  });

  const [x, y] = [coordinates[0]!, coordinates[1]!];
  const around = (side: number): [number, number][] => [
    [x - side, y - side],
    [x + side, y - side],
    [x + side, y + side],
    [x - side, y + side],
  ];
  const region = (side: number, mapId = map!.id) => ({ mapId, polygon: around(side) });
  expect(await idsOf({ region: region(1e-4) })).toEqual([itemIds[0]]);
  expect(await idsOf({ region: region(1000) })).toHaveLength(images);
  const list = await client.items.list({
    filter: { region: region(1000), text: 'red' },
    offset: 0,
    limit: 100,
  });
  expect(list.total).toBe(images / 2);
  expect(await idsOf({ region: region(1000, '0123456789abcdef') })).toEqual([]);
});

test('another map has another address, and images that come later are missing on it until it is drawn anew', async () => {
  const before = (await client.map.get()).map!;
  await write(images);
  await importAll();
  expect(await client.map.get()).toMatchObject({ map: { id: before.id }, missing: 1 });
  await followJob(client, () => client.embeddings.start());
  await followJob(client, () => client.map.start());
  const after = await client.map.get();
  expect(after).toMatchObject({ map: { points: images + 1 }, missing: 0 });
  expect(after.map!.id).not.toBe(before.id);
  await expect(bytesAt(resources.map(before.id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('it is kept with the project; a file that is not whole is no map, and nothing else is lost', async () => {
  const { map } = await client.map.get();
  const again = async () => {
    await client.project.close();
    await client.project.open({ path });
    return client.map.get();
  };
  expect((await again()).map).toEqual(map);
  const whole = readFileSync(mapFile(path));
  for (const damaged of [whole.subarray(0, whole.length - 1), Buffer.alloc(0), Buffer.from('no map')]) {
    writeFileSync(mapFile(path), damaged);
    expect(await again()).toMatchObject({ map: null, missing: images + 1 });
  }
  await followJob(client, () => client.map.start());
  expect((await client.map.get()).map?.points).toBe(images + 1);
});

test('cancelled, the one before stays', async () => {
  const { map } = await client.map.get();
  const job = await client.map.start();
  expect((await client.map.start()).id).toBe(job.id);
  await client.jobs.cancel({ jobId: job.id });
  await studio.when(
    (event) => event.event === 'job.changed' && event.job.id === job.id && event.job.state === 'cancelled',
  );
  expect(await client.map.get()).toMatchObject({ map, jobId: null });
});
