/** Embeddings, neighbours and suggestions through the contract: real pictures, real workers, the real backbone. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from '../testing.ts';

const colours = [
  { r: 220, g: 30, b: 30 },
  { r: 30, g: 200, b: 40 },
];
const truth = (name: string): number => (name.includes('red') ? 0 : 1);

let studio: TestStudio;
let client: TestStudio['client'];
const classIds: number[] = [];

async function write(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const name = index % 2 === 0 ? 'red' : 'green';
    await writePicture(join(studio.folder, 'pictures', `${name}-${index}.png`), colours[index % 2]!, {
      seed: index,
    });
  }
}

const importAll = () =>
  followJob(client, () =>
    client.sources.import({
      source: { kind: 'path', path: join(studio.folder, 'pictures') },
      options: { layout: 'unlabelled' },
    }),
  );

beforeAll(async () => {
  await buildWorker();
  studio = await openTestStudio();
  client = studio.client;
  await write(0, 20);
  await client.project.create({ path: join(studio.folder, 'p') });
  await importAll();
  for (const name of ['red', 'green']) classIds.push((await client.classes.add({ name })).id);
});
afterAll(() => studio.close());

const items = async () => (await client.items.list({ filter: {}, offset: 0, limit: 1000 })).items;

test('without embeddings there are no suggestions, and neighbours say what to do', async () => {
  expect(await client.embeddings.get()).toMatchObject({ by: null, state: 'missing', done: 0, total: 20 });
  expect(await client.suggestions.stats()).toMatchObject({ state: 'no-embeddings', labelled: 0, left: 20 });
  expect(await client.suggestions.list({ order: 'certain', offset: 0, limit: 10 })).toMatchObject({
    total: 0,
  });
  await expect(client.embeddings.neighbours({ itemId: 1, count: 3 })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND', message: expect.stringContaining('atelier embed') as string },
  });
});

test('a job computes them, by a backbone at a small input for small pictures', async () => {
  await followJob(client, () => client.embeddings.start());
  expect(await client.embeddings.get()).toMatchObject({
    by: { kind: 'backbone', name: 'efficientnet-lite0' },
    state: 'complete',
    done: 20,
    jobId: null,
  });
  expect(
    studio.events.some(
      (each) => each.event === 'embeddings.changed' && each.embeddings.state === 'computing',
    ),
  ).toBe(true);
  // The last word comes after the job's end.
  expect(studio.events.filter(({ event }) => event === 'embeddings.changed').at(-1)).toMatchObject({
    embeddings: { state: 'complete', jobId: null },
  });
  const [first] = await items();
  const found = await client.embeddings.neighbours({ itemId: first!.id, count: 9 });
  expect(found).toHaveLength(9);
  expect(found.every(({ item }) => truth(item.name) === truth(first!.name))).toBe(true);
  expect(found.map(({ similarity }) => similarity)).toEqual(
    found.map(({ similarity }) => similarity).sort((a, b) => b - a),
  );
  await expect(client.embeddings.neighbours({ itemId: 999, count: 3 })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
});

describe('labels', () => {
  test('are learned from as they are given, and suggestions are accepted as one step', async () => {
    expect(await client.suggestions.stats()).toMatchObject({ state: 'few-labels', left: 20 });
    const all = await items();
    const oneOf = (index: number) => all.find(({ name }) => truth(name) === index)!;
    for (const index of [0, 1])
      await client.items.relabel({ itemIds: [oneOf(index).id], classId: classIds[index]! });
    const stats = await client.suggestions.stats();
    expect(stats).toMatchObject({ state: 'ready', labelled: 2, left: 18, confirmed: 0, right: 0 });
    expect(stats.suggested.reduce((sum, { count }) => sum + count, 0)).toBe(18);
    await studio.when(
      (event) => event.event === 'suggestions.changed' && event.stats.revision === stats.revision,
    );

    const page = await client.suggestions.list({
      order: 'certain',
      classId: classIds[0]!,
      offset: 0,
      limit: 5,
    });
    expect(page).toMatchObject({ total: 9, revision: stats.revision });
    for (const { item, classId, certainty, similarity } of page.suggestions) {
      expect([truth(item.name), classId, similarity]).toEqual([0, classIds[0], null]);
      expect(certainty).toBeGreaterThan(0.5);
    }
    const accepted = page.suggestions.map(({ item, classId }) => ({ itemId: item.id, classId: classId! }));
    // One of them as the person saw that it was: not as suggested.
    accepted[4] = { itemId: accepted[4]!.itemId, classId: classIds[1]! };
    const change = await client.suggestions.accept({ suggestions: accepted });
    expect(change.undo).toBe('Label 5 images as suggested (2 classes)');
    expect(change.counts.unlabelled).toBe(13);
    expect(await client.suggestions.stats()).toMatchObject({
      labelled: 7,
      left: 13,
      confirmed: 5,
      right: 4,
      lately: { confirmed: 5, right: 4 },
    });
    const labelled = (await items()).filter(({ classId }) => classId !== null);
    expect(labelled).toHaveLength(7);
    expect(labelled.every(({ split }) => split !== null)).toBe(true);

    await client.journal.undo();
    expect(await client.suggestions.stats()).toMatchObject({ labelled: 2, left: 18, confirmed: 0, right: 0 });
    expect((await items()).filter(({ split }) => split !== null)).toHaveLength(2);
    await client.journal.redo();
    expect(await client.suggestions.stats()).toMatchObject({ labelled: 7, confirmed: 5 });
  });

  test('a label that is corrected later says that the suggestion was wrong', async () => {
    const { confirmed, right } = await client.suggestions.stats();
    const { suggestions } = await client.suggestions.list({ order: 'certain', offset: 0, limit: 1 });
    const [{ item, classId }] = suggestions as [(typeof suggestions)[0]];
    await client.suggestions.accept({ suggestions: [{ itemId: item.id, classId: classId! }] });
    expect(await client.suggestions.stats()).toMatchObject({ confirmed: confirmed + 1, right: right + 1 });
    await client.items.relabel({ itemIds: [item.id], classId: classIds.find((id) => id !== classId)! });
    expect(await client.suggestions.stats()).toMatchObject({ confirmed: confirmed + 1, right });
    await client.items.relabel({ itemIds: [item.id], classId: null });
    expect(await client.suggestions.stats()).toMatchObject({ confirmed, right });
  });

  test('the order similar names its image, and the others none', async () => {
    const [first] = await items();
    const { suggestions } = await client.suggestions.list({
      order: 'similar',
      itemId: first!.id,
      offset: 0,
      limit: 3,
    });
    expect(
      suggestions.every(
        ({ item, similarity }) => similarity !== null && truth(item.name) === truth(first!.name),
      ),
    ).toBe(true);
    for (const wrong of [{ order: 'similar' as const }, { order: 'certain' as const, itemId: first!.id }])
      await expect(client.suggestions.list({ ...wrong, offset: 0, limit: 3 })).rejects.toMatchObject({
        data: { code: 'BAD_REQUEST' },
      });
  });
});

test('images that come later are missing until they are asked for, and only those are computed', async () => {
  await write(20, 26);
  await importAll();
  const { total } = await client.embeddings.get();
  expect(await client.embeddings.get()).toMatchObject({ state: 'partial', done: 20 });
  expect(total).toBeGreaterThan(20);
  const seen: number[] = [];
  await followJob(
    client,
    () => client.embeddings.start(),
    (event) => {
      if (event.event === 'job.changed' && event.job.kind === 'embed' && event.job.progress.total !== null)
        seen.push(event.job.progress.done);
    },
  );
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(20);
  expect(await client.embeddings.get()).toMatchObject({ state: 'complete', done: total });
  const stats = await client.suggestions.stats();
  expect(stats.suggested.reduce((sum, { count }) => sum + count, 0)).toBe(stats.left);
});

test('excluded images are not suggested for, and are still neighbours', async () => {
  const { suggestions, total } = await client.suggestions.list({ order: 'certain', offset: 0, limit: 1 });
  const itemId = suggestions[0]!.item.id;
  const { left } = await client.suggestions.stats();
  await client.items.exclude({ itemIds: [itemId], reason: 'blurred' });
  expect(await client.suggestions.list({ order: 'certain', offset: 0, limit: 1 })).toMatchObject({
    total: total - 1,
  });
  expect(await client.suggestions.stats()).toMatchObject({ left: left - 1 });
  const [first] = await items();
  const found = await client.embeddings.neighbours({ itemId: first!.id, count: 1000 });
  expect(found.some(({ item }) => item.id === itemId)).toBe(true);
  await client.journal.undo();
  expect(await client.suggestions.stats()).toMatchObject({ left });
});

test('removed images are neither neighbours nor suggested, and count no more', async () => {
  const [first, second] = await items();
  const { total } = await client.embeddings.get();
  await client.items.remove({ itemIds: [second!.id] });
  expect(await client.embeddings.get()).toMatchObject({
    state: 'complete',
    done: total - 1,
    total: total - 1,
  });
  const found = await client.embeddings.neighbours({ itemId: first!.id, count: 1000 });
  expect(found).toHaveLength(total - 2);
  expect(found.some(({ item }) => item.id === second!.id)).toBe(false);
  await client.journal.undo();
  expect(await client.embeddings.neighbours({ itemId: first!.id, count: 1000 })).toHaveLength(total - 1);
});

test('what was lost on the disk is told when it is asked for, and computed again', async () => {
  const { path } = (await client.project.current())!;
  const { total } = await client.embeddings.get();
  await client.project.close();
  const packs = join(path, 'packs');
  for (const name of readdirSync(packs)) if (name.startsWith('features-')) rmSync(join(packs, name));
  await client.project.open({ path });
  expect(await client.suggestions.stats()).toMatchObject({ state: 'no-embeddings' });
  expect(await client.embeddings.get()).toMatchObject({ state: 'missing', done: 0, total });
  await followJob(client, () => client.embeddings.start());
  expect(await client.embeddings.get()).toMatchObject({ state: 'complete', done: total });
  expect(await client.suggestions.stats()).toMatchObject({ state: 'ready' });
});

test('a project that is opened again has its embeddings, and learns from its labels', async () => {
  const before = await client.suggestions.stats();
  const { path } = (await client.project.current())!;
  await client.project.close();
  rmSync(join(studio.folder, 'pictures'), { recursive: true });
  await client.project.open({ path });
  expect(await client.embeddings.get()).toMatchObject({ state: 'complete' });
  const after = await client.suggestions.stats();
  expect(after).toMatchObject({ state: 'ready', labelled: before.labelled, left: before.left, confirmed: 0 });
});
