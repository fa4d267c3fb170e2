/** Sources whose files are edited, moved, deleted or added after the import: seen, told, taken over. Everything real. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { type SourceChanges, type Take, usualTake } from '#contract/sources.ts';
import { loadPack } from './images/packs/pack.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from './testing.ts';

let test: TestStudio;
let pictures: string;
let project: string;

beforeAll(buildWorker);
beforeEach(async () => {
  test = await openTestStudio();
  pictures = join(test.folder, 'pictures');
  for (let seed = 0; seed < 6; seed++) {
    await writePicture(join(pictures, 'red', `${seed}.png`), { r: 200, g: 0, b: 0 }, { seed });
    await writePicture(join(pictures, 'blue', `${seed}.png`), { r: 0, g: 0, b: 200 }, { seed });
  }
  project = (await test.client.project.create({ path: join(test.folder, 'p') })).path;
  await importFrom(pictures);
});
afterEach(() => test.close());

const importFrom = async (path: string) => {
  const job = await followJob(test.client, () =>
    test.client.sources.import({ source: { kind: 'path', path } }),
  );
  return test.client.sources.report({ jobId: job.id });
};
const rescan = async (path?: string) => {
  const { sources } = test.client;
  const job = await followJob(test.client, () =>
    path === undefined ? sources.rescan({ sourceId: 1 }) : sources.relink({ sourceId: 1, path }),
  );
  return { jobId: job.id, found: await sources.changes({ jobId: job.id }) };
};
const update = async (jobId: string, take: Take = usualTake) => {
  const job = await followJob(test.client, () => test.client.sources.update({ jobId, take }));
  return test.client.sources.updated({ jobId: job.id });
};
const counts = ({ same, added, changed, moved, gone, returned }: SourceChanges) =>
  [same, added.count, changed.count, moved.count, gone.count, returned.count].join(' ');
const items = async () =>
  (await test.client.items.list({ filter: {}, offset: 0, limit: 1000 })).items.map(
    ({ id, name, classId, split }) => ({ id, name, classId, split }),
  );
const itemNamed = async (name: string) => (await items()).find((item) => item.name === name)!;
const file = (name: string) => join(pictures, name);

it('tells the path of an image that is a file', async () => {
  const { id } = await itemNamed('red/3.png');
  expect(await test.client.items.path({ itemId: id })).toBe(file('red/3.png'));
  await expect(test.client.items.path({ itemId: 1000 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('a source whose files changed', () => {
  beforeEach(async () => {
    await test.client.items.relabel({ itemIds: [(await itemNamed('red/0.png')).id], classId: 1 });
    await writePicture(file('red/0.png'), { r: 0, g: 250, b: 0 });
    renameSync(file('red/1.png'), file('blue/from-red.png'));
    rmSync(file('blue/5.png'));
    await writePicture(file('green/new.png'), { r: 0, g: 200, b: 0 }, { seed: 77 });
    writeFileSync(file('green/broken.png'), 'no picture');
  });

  it('is told what is added, changed, moved and gone, before anything counts', async () => {
    const before = await items();
    const { found } = await rescan();
    expect(counts(found)).toBe('9 2 1 1 1 0');
    expect(found).toMatchObject({
      relink: false,
      otherClass: 1,
      changed: { examples: [{ name: 'red/0.png' }] },
      moved: { examples: [{ name: 'red/1.png', to: 'blue/from-red.png' }] },
      gone: { examples: [{ name: 'blue/5.png' }] },
    });
    expect(await items()).toEqual(before);
  });

  it('does not take for gone what is there and cannot be read, nor what lies in a folder that cannot', async () => {
    rmSync(file('red/4.png'));
    symlinkSync('4.png', file('red/4.png'));
    renameSync(file('blue'), file('away'));
    symlinkSync('blue', file('blue'));
    for (const name of ['a', 'b', 'c']) writeFileSync(file(`red/${name}.txt`), 'no picture');
    const { jobId, found } = await rescan();
    expect(found).toMatchObject({ gone: { count: 0 }, changed: { count: 1 } });
    expect(found.skipped[0]).toEqual({
      reason: 'Cannot be read: its link leads back to itself.',
      count: 2,
      examples: ['blue', 'red/4.png'],
    });
    await update(jobId, ['changed', 'gone']);
    expect((await items()).filter(({ name }) => /^blue|4/.test(name))).toHaveLength(7);
  });

  it('takes all of it over, keeping labels and parts, and undoes it as one step', async () => {
    const before = await items();
    const red = await itemNamed('red/0.png');
    const moved = await itemNamed('red/1.png');
    const { jobId } = await rescan();
    expect(await update(jobId)).toMatchObject({
      ...{ added: 1, changed: 1, moved: 1, gone: 1, returned: 0, labels: 0 },
      skippedFiles: [{ path: 'green/broken.png' }],
    });
    const after = await items();
    expect(after).toHaveLength(12);
    const anew = after.find(({ name }) => name === 'red/0.png')!;
    expect(anew).toEqual({ ...red, id: anew.id });
    expect(anew.id).toBeGreaterThan(12);
    expect(after).toContainEqual({ ...moved, name: 'blue/from-red.png' });
    const { pixels } = await loadPack(project, { height: 1, width: 1, channels: 3, fit: 'stretch' }, 1e6);
    // The row of the new item is green.
    const at = (anew.id - 1) * 3;
    expect(pixels[at + 1]! > pixels[at]!).toBe(true);
    const thumbnail = await test.studio.resources({
      method: 'GET',
      path: `/images/items/${anew.id}/thumbnail`,
      headers: {},
      body: null,
    });
    expect(thumbnail.status).toBe(200);
    // Nothing more to tell, also not of the file that no one can read.
    const again = await rescan();
    expect(counts(again.found)).toBe('12 0 0 0 0 0');
    expect(again.found.skipped).toMatchObject([{ count: 1, examples: ['green/broken.png'] }]);

    expect((await test.client.journal.undo()).counts.total).toBe(12);
    expect(await items()).toEqual(before);
    expect((await test.client.journal.redo()).counts.total).toBe(12);
    expect(await items()).toEqual(after);
    await test.client.project.close();
    await test.client.project.open({ path: project });
    expect(await items()).toEqual(after);
  });

  it('takes over only what was chosen, and the class of the new folder where that is', async () => {
    const moved = await itemNamed('red/1.png');
    const { jobId } = await rescan();
    expect(await update(jobId, ['moved', 'labels'])).toMatchObject({
      moved: 1,
      labels: 1,
      added: 0,
      gone: 0,
    });
    const blue = (await itemNamed('blue/0.png')).classId;
    expect((await items()).find(({ id }) => id === moved.id)).toEqual({
      ...moved,
      name: 'blue/from-red.png',
      classId: blue,
    });
    // What was taken over cannot be taken over twice.
    await expect(update(jobId, ['moved'])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('brings images back that were removed, with their labels', async () => {
    const { jobId } = await rescan();
    await update(jobId, ['gone']);
    await writePicture(file('blue/5.png'), { r: 0, g: 0, b: 200 }, { seed: 5 });
    const { jobId: second, found } = await rescan();
    expect(found.returned).toEqual({ count: 1, examples: [{ name: 'blue/5.png' }] });
    expect(await update(second, ['returned'])).toMatchObject({ returned: 1 });
    expect(await itemNamed('blue/5.png')).toBeDefined();
  });

  it('is said to whoever imports the folder again, and moved files are not taken for new ones', async () => {
    expect(await importFrom(pictures)).toMatchObject({ imported: 1, alreadyThere: 11, changed: 1, moved: 1 });
    await expect(importFrom(pictures)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(
        '1 has other content now, and 1 lies under another name now',
      ) as string,
    });
  });
});

it('never hands a run that began before the content that was taken anew: it is told to start anew', async () => {
  const red = await itemNamed('red/0.png');
  const framing = { height: 2, width: 2, channels: 3, fit: 'stretch' } as const;
  await writePicture(file('red/0.png'), { r: 0, g: 250, b: 0 });
  await update((await rescan()).jobId);
  await expect(loadPack(project, framing, 12, { rows: [red.id - 1] })).rejects.toMatchObject({
    code: 'ORIGINAL_CHANGED',
    message: expect.stringContaining('taken anew, after this was begun') as string,
  });
});

describe('a folder that moved', () => {
  let moved: string;
  beforeEach(() => {
    moved = join(test.folder, 'elsewhere');
    renameSync(pictures, moved);
  });

  it('is relinked by content: same items, labels and undo', async () => {
    const before = await items();
    await expect(rescan()).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining('relink') as string,
    });
    // Names differ too: another folder around them.
    const wrapped = join(test.folder, 'around', 'set');
    mkdirSync(join(test.folder, 'around'));
    renameSync(moved, wrapped);
    const { jobId, found } = await rescan(wrapped);
    expect([found.relink, counts(found)]).toEqual([true, '12 0 0 0 0 0']);
    expect(await test.client.project.current()).toMatchObject({ sources: [{ location: pictures }] });
    await update(jobId);
    expect(await test.client.project.current()).toMatchObject({ sources: [{ location: wrapped }] });
    expect(await items()).toEqual(before);
    await loadPack(project, { height: 3, width: 3, channels: 3, fit: 'stretch' }, 1e6);
    await test.client.journal.undo();
    expect(await test.client.project.current()).toMatchObject({ sources: [{ location: pictures }] });
  });

  it('is not imported as new images, but named', async () => {
    await expect(importFrom(moved)).rejects.toMatchObject({
      code: 'SOURCE_MOVED',
      message: expect.stringMatching(/12 of the 12 .* relink 1 /) as string,
    });
    expect((await test.client.project.current())!.counts.total).toBe(12);
    await test.client.sources.remove({ sourceId: 1 });
    expect(await importFrom(moved)).toMatchObject({ imported: 12 });
  });

  it('is not mistaken for another: a folder with other images is refused', async () => {
    const other = join(test.folder, 'other');
    await writePicture(join(other, 'red', '0.png'), { r: 200, g: 0, b: 0 }, { seed: 0 });
    await writePicture(join(other, 'red', '1.png'), { r: 9, g: 9, b: 9 });
    await expect(rescan(other)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('only 1 of its 12 images') as string,
    });
  });
});

it('leaves originals as they are, whatever is removed', async () => {
  const before = readFileSync(file('red/0.png'));
  await test.client.items.remove({ itemIds: (await items()).map(({ id }) => id) });
  expect((await test.client.project.current())!).toMatchObject({ counts: { total: 0 }, sources: [] });
  expect(readFileSync(file('red/0.png'))).toEqual(before);
});
