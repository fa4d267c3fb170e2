/** Findings through the contract: real pictures with known faults, a real worker, real embeddings. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FindingEntry, FindingKind, Findings } from '#contract/findings.ts';
import { followJob } from '#contract/follow.ts';
import { splitNames } from '#contract/project.ts';
import { findingsFile } from '../project/finding-store.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from '../testing.ts';
import { writeScene } from '../testing-scenes.ts';

const ofClass = 40;
const colours = { red: [230, 40, 40], green: [40, 220, 60] } as const;
/** Labelled with the other class: red ones among the green, and green ones among the red. */
const flipped = ['green/red-3.png', 'green/red-17.png', 'red/green-8.png'];

let studio: TestStudio;
let client: TestStudio['client'];
let project: string;

beforeAll(async () => {
  await buildWorker();
  studio = await openTestStudio();
  client = studio.client;
  const at = (name: string) => join(studio.folder, 'pictures', name);
  for (const [place, colour] of (['red', 'green'] as const).entries())
    for (let index = 0; index < ofClass; index += 1) {
      const name = `${colour}-${index}.png`;
      const wrong = flipped.find((path) => path.endsWith(name));
      await writeScene(at(wrong ?? `${colour}/${name}`), {
        seed: 1000 * place + index,
        colour: colours[colour],
      });
    }
  copyFileSync(at('red/red-0.png'), at('red/same.png'));
  await writeScene(at('green/darker.png'), { seed: 1001, colour: colours.green, brightness: 0.85 });
  await writePicture(at('red/black.png'), { r: 0, g: 0, b: 0 }, { width: 96, height: 96 });
  ({ path: project } = await client.project.create({ path: join(studio.folder, 'p') }));
  await followJob(client, () =>
    client.sources.import({ source: { kind: 'path', path: join(studio.folder, 'pictures') } }),
  );
});
afterAll(() => studio.close());

const find = (asked: { audit?: true; runId?: string } = {}) =>
  followJob(client, () => client.findings.start(asked));
const get = async () => (await client.findings.get())!;
const kindOf = ({ kinds }: Findings, kind: FindingKind) => kinds.find((each) => each.kind === kind)!;
const listed = async (kind: FindingKind) =>
  (await client.items.list({ filter: { finding: kind }, offset: 0, limit: 1000 })).items;
const named = async (kind: FindingKind) => (await listed(kind)).map(({ name }) => name);
async function clusters(): Promise<string[][]> {
  const names = new Map((await listed('duplicates')).map(({ id, name }) => [id, name]));
  return (await client.findings.entries({ kind: 'duplicates' })).map(({ itemIds }) =>
    itemIds.map((id) => names.get(id)!).sort(),
  );
}

test('there are none before they were looked for', async () => {
  expect(await client.findings.get()).toBeNull();
  expect(await client.findings.entries({ kind: 'duplicates' })).toEqual([]);
  expect(await listed('duplicates')).toEqual([]);
});

test('without embeddings what needs them says so, and the rest is found', async () => {
  await find();
  const found = await get();
  expect(found).toMatchObject({
    images: 83,
    unreadable: 0,
    embedded: null,
    labelEvidence: null,
    audit: null,
  });
  for (const kind of ['label-errors', 'outliers', 'unsafe-augmentations'] as const)
    expect(kindOf(found, kind)).toMatchObject({ entries: 0, missing: { needs: 'embeddings' } });
  expect(await clusters()).toEqual(
    expect.arrayContaining([
      ['red/red-0.png', 'red/same.png'],
      ['green/darker.png', 'green/green-1.png'],
    ]),
  );
  expect(await named('dark')).toEqual(['red/black.png']);
  // The picture of one colour is told by the same rule for any data set.
  expect(kindOf(found, 'duplicates').threshold).toContain('Without embeddings');
});

describe('with embeddings', () => {
  beforeAll(async () => {
    await followJob(client, () => client.embeddings.start());
    const [first] = (await client.items.list({ filter: {}, offset: 0, limit: 1 })).items;
    await client.items.setNote({ itemIds: [first!.id], note: 'looked at' });
    await find({ audit: true });
  });

  test('label errors are found, by what is said, and the audit counts what it planted', async () => {
    const found = await get();
    expect(found).toMatchObject({
      embedded: 83,
      labelEvidence: { by: 'head', folds: 5, neighbours: 15 },
      changedSince: false,
      newImages: 0,
    });
    const suspects = await named('label-errors');
    expect(suspects).toEqual(expect.arrayContaining(flipped));
    expect(suspects.length).toBeLessThan(3 * flipped.length);
    // What the classes are told apart by is no shape.
    const shortcuts = await client.findings.entries({ kind: 'shortcuts' });
    expect(shortcuts).toContainEqual(expect.objectContaining({ fact: 'border colour' }));
    // Each with images of which it alone tells the class, and what it is of them.
    const names = new Map((await listed('shortcuts')).map(({ id, name }) => [id, name]));
    for (const entry of shortcuts as Extract<FindingEntry, { measured: 'shortcut' }>[]) {
      expect(entry.itemIds.length).toBeGreaterThan(0);
      expect(entry.each).toHaveLength(entry.itemIds.length);
      expect(entry.usual).toHaveLength(2);
      if (entry.fact !== 'border colour') continue;
      entry.each.forEach(({ value, share }, at) => {
        const [red, green] = value as number[];
        expect([names.get(entry.itemIds[at]!), red! > green!]).toEqual([
          names.get(entry.itemIds[at]!),
          names.get(entry.itemIds[at]!)!.startsWith('red/'),
        ]);
        expect(share).toBeGreaterThan(0.8);
      });
    }
    const shown = shortcuts.flatMap(({ itemIds }) => itemIds);
    expect(new Set(shown).size).toBe(shown.length);
    const { flips, copies } = found.audit!;
    expect(flips!.planted).toBe(8);
    // Beside three that are wrong already, of 83.
    expect(flips!.found).toBeGreaterThanOrEqual(4);
    expect(flips!.suspects).toBeGreaterThanOrEqual(flips!.found);
    expect(copies!.planted).toBe(8);
    expect(copies!.found).toBeGreaterThanOrEqual(3);
    expect(copies!.found).toBeLessThanOrEqual(8);
    // What was planted is nowhere: neither among the images nor in what is kept.
    expect((await client.project.current())!.counts.total).toBe(83);
    expect(JSON.parse(readFileSync(join(project, findingsFile), 'utf8'))).toMatchObject({ images: 83 });
  });

  test('accepting a suggestion leaves one less, says that labels changed, and undo brings all back', async () => {
    const before = await get();
    const { left } = kindOf(before, 'label-errors');
    const entries = await client.findings.entries({ kind: 'label-errors' });
    const entry = entries[0] as Extract<FindingEntry, { measured: 'label' }>;
    await client.findings.apply({ kind: 'label-errors', action: 'relabel', itemIds: entry.itemIds });
    expect((await client.items.get({ itemId: entry.itemIds[0]! })).classId).toBe(entry.suggested);
    const after = await get();
    expect(after.changedSince).toBe(true);
    expect(kindOf(after, 'label-errors')).toMatchObject({ left: left - 1, entries: entries.length });
    // The list stays as it was found, so that what was done can be seen.
    expect(await listed('label-errors')).toHaveLength(entries.length);
    await client.journal.undo();
    expect(await get()).toEqual(before);
  });

  test('what is dismissed is left no more, when the project is opened again too, until undo', async () => {
    const before = await get();
    const { left } = kindOf(before, 'duplicates');
    const [entry] = await client.findings.entries({ kind: 'duplicates' });
    await client.findings.apply({
      kind: 'duplicates',
      action: 'dismiss',
      itemIds: entry!.itemIds.slice(0, 1),
    });
    const after = await get();
    expect(kindOf(after, 'duplicates').left).toBe(left - 1);
    // Another finding of the same images is another question, and nothing of the images changed.
    expect(kindOf(after, 'leaks')).toEqual(kindOf(before, 'leaks'));
    expect((await client.items.get({ itemId: entry!.itemIds[0]! })).excluded).toBeNull();
    await client.project.close();
    await client.project.open({ path: project });
    expect(kindOf(await get(), 'duplicates').left).toBe(left - 1);
    await expect(
      client.findings.apply({ kind: 'label-errors', action: 'dismiss', itemIds: entry!.itemIds }),
    ).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
    await client.journal.undo();
    expect(kindOf(await get(), 'duplicates').left).toBe(left);
  });

  test('images of a shortcut are excluded or dismissed; the recipe is not the project’s to change', async () => {
    const [entry] = await client.findings.entries({ kind: 'shortcuts' });
    const { left } = kindOf(await get(), 'shortcuts');
    const acted = { kind: 'shortcuts', itemIds: entry!.itemIds } as const;
    await client.findings.apply({ ...acted, action: 'exclude' });
    expect((await client.items.get({ itemId: entry!.itemIds[0]! })).excluded).toBe('Shortcuts');
    // Nothing of what carries it is left.
    expect(kindOf(await get(), 'shortcuts').left).toBe(left - 1);
    await client.journal.undo();
    await client.findings.apply({ ...acted, itemIds: entry!.itemIds.slice(0, 1), action: 'dismiss' });
    expect(kindOf(await get(), 'shortcuts').left).toBe(left - 1);
    await client.journal.undo();
    expect(kindOf(await get(), 'shortcuts').left).toBe(left);
    await expect(
      client.findings.apply({ ...acted, action: 'change-recipe' as 'dismiss' }),
    ).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
  });

  test('of a cluster all but one are excluded, and it is left no more', async () => {
    const [cluster] = await client.findings.entries({ kind: 'duplicates' });
    const { left } = kindOf(await get(), 'duplicates');
    const kept = cluster!.itemIds[1]!;
    const acted = { kind: 'duplicates', action: 'exclude-copies' } as const;
    await client.findings.apply({ ...acted, itemIds: [kept] });
    const reasons = await Promise.all(cluster!.itemIds.map((itemId) => client.items.get({ itemId })));
    expect(reasons.map(({ id, excluded }) => [id, excluded])).toEqual(
      cluster!.itemIds.map((id) => [id, id === kept ? null : 'Duplicate']),
    );
    await expect(client.findings.apply({ ...acted, itemIds: [9999] })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
    await expect(
      client.findings.apply({ ...acted, action: 'relabel', itemIds: [kept] }),
    ).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
    expect(kindOf(await get(), 'duplicates').left).toBe(left - 1);
    await client.journal.undo();
    expect(kindOf(await get(), 'duplicates').left).toBe(left);
  });

  test('a change that took the number of one undone is seen', async () => {
    expect((await get()).changedSince).toBe(false);
    await client.journal.undo();
    const [first] = await listed('label-errors');
    await client.items.exclude({ itemIds: [first!.id], reason: 'odd' });
    expect((await get()).changedSince).toBe(true);
    await client.journal.undo();
  });

  test('copies in two parts are a leak until they are moved into one', async () => {
    const same = (await listed('duplicates')).filter(({ name }) => /red-0|same/.test(name));
    const before = (await client.project.current())!.undo;
    await client.labels.apply({
      rows: same.map(({ name }, at) => ({ row: at + 1, path: name, split: splitNames[at]! })),
    });
    await find();
    const leak = (await client.findings.entries({ kind: 'leaks' })).find(({ itemIds }) =>
      itemIds.includes(same[0]!.id),
    );
    expect(leak?.itemIds).toEqual(same.map(({ id }) => id));
    const { left } = kindOf(await get(), 'leaks');
    const project = await client.findings.apply({
      ...{ kind: 'leaks', action: 'move-copies', itemIds: [same[0]!.id] },
    });
    expect(project.undo).toBe('Move 1 image to the validation part');
    expect(kindOf(await get(), 'leaks').left).toBe(left - 1);
    expect((await client.items.get({ itemId: same[0]!.id })).split).toBe('validation');
    await client.journal.undo();
    await client.journal.undo();
    expect((await client.project.current())!.undo).toBe(before);
    expect((await client.items.get({ itemId: same[0]!.id })).split).toBe(same[0]!.split);
  });

  test('cancelled, those of before stay; two at once are refused', async () => {
    const before = await get();
    const job = await client.findings.start({ audit: true });
    await expect(client.findings.start()).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    await client.jobs.cancel({ jobId: job.id });
    await studio.when(
      (event) => event.event === 'job.changed' && event.job.id === job.id && event.job.state === 'cancelled',
    );
    expect(await get()).toEqual(before);
  });

  test('a run that was evaluated nowhere is refused by name, and so is one that is not there', async () => {
    await expect(client.findings.start({ runId: 'run-9' })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
  });

  test('findings of an earlier version are read, and shortcuts are to be looked for again', async () => {
    const path = join(project, findingsFile);
    const whole = readFileSync(path, 'utf8');
    const kept = JSON.parse(whole) as { format: string; kinds: { kind: string; entries: object[] }[] };
    kept.format = 'atelier-findings/1';
    for (const { kind, entries } of kept.kinds)
      if (kind === 'shortcuts') for (const entry of entries) Object.assign(entry, { each: undefined });
    const before = await get();
    writeFileSync(path, JSON.stringify(kept));
    await client.project.close();
    await client.project.open({ path: project });
    const read = await get();
    expect(kindOf(read, 'shortcuts')).toMatchObject({ entries: 0, left: 0, missing: { needs: 'look' } });
    expect(kindOf(read, 'label-errors')).toEqual(kindOf(before, 'label-errors'));
    writeFileSync(path, whole);
    await client.project.close();
    await client.project.open({ path: project });
    expect(await get()).toEqual(before);
  });

  test('findings by embeddings of another network say so', async () => {
    const path = join(project, findingsFile);
    const whole = readFileSync(path, 'utf8');
    expect(await get()).toMatchObject({
      embeddedBy: { kind: 'backbone', name: 'efficientnet-lite0' },
      otherEmbeddings: false,
    });
    writeFileSync(path, whole.replace('"name":"efficientnet-lite0"', '"name":"efficientnet-lite2"'));
    await client.project.close();
    await client.project.open({ path: project });
    expect((await get()).otherEmbeddings).toBe(true);
    writeFileSync(path, whole);
    await client.project.close();
    await client.project.open({ path: project });
  });

  test('what a hand has written into the file counts as none', async () => {
    const path = join(project, findingsFile);
    const whole = readFileSync(path);
    for (const broken of [whole.subarray(0, whole.length - 40), Buffer.from('{"format":"other"}')]) {
      writeFileSync(path, broken);
      await client.project.close();
      await client.project.open({ path: project });
      expect(await client.findings.get()).toBeNull();
    }
    writeFileSync(path, whole);
    await client.project.close();
    await client.project.open({ path: project });
    expect(await client.findings.get()).not.toBeNull();
  });
});
