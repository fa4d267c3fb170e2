/** What a studio answers where there is no project, to a folder that is dropped, and at addresses that lead nowhere. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { resources, uploadPathHeader } from '#contract/resources.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from './testing.ts';

let test: TestStudio;
let red: string;
let blue: string;
const get = (path: string) => test.studio.resources({ method: 'GET', path, headers: {}, body: null });

beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  [red, blue] = [join(test.folder, 'red.png'), join(test.folder, 'blue.png')];
  await writePicture(red, { r: 190, g: 40, b: 40 });
  await writePicture(blue, { r: 40, g: 40, b: 190 });
});
afterAll(() => test.close());

describe('without a project', () => {
  it('says so, in the one shape', async () => {
    expect(await test.client.project.current()).toBeNull();
    await expect(test.client.items.list({ filter: {}, offset: 0, limit: 10 })).rejects.toMatchObject({
      data: { code: 'NO_PROJECT' },
    });
    await expect(test.client.sources.import({ source: { kind: 'path', path: red } })).rejects.toMatchObject({
      data: { code: 'NO_PROJECT' },
    });
  });
});

describe('a dropped folder', () => {
  beforeAll(() => test.client.project.create({ path: join(test.folder, 'Colours') }));

  it('is uploaded file by file and becomes part of the project', async () => {
    const post = (path: string, name: string, body: Buffer) =>
      test.studio.resources({
        method: 'POST',
        path,
        headers: { [uploadPathHeader]: encodeURIComponent(name) },
        body,
      });
    const first = await post(resources.uploads, 'set/warm/1.png', readFileSync(red));
    const { uploadId } = JSON.parse(Buffer.from(first.body).toString()) as { uploadId: string };
    await post(resources.upload(uploadId), 'set/cold ❄/2.png', readFileSync(blue));
    for (const name of ['../../evil.png', '/etc/evil.png', 'a/../../evil.png', 'c:\\evil.png', ''])
      await expect(post(resources.upload(uploadId), name, readFileSync(red)), name).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });

    const job = await followJob(test.client, () =>
      test.client.sources.import({ source: { kind: 'upload', uploadId } }),
    );
    expect(await test.client.sources.report({ jobId: job.id })).toMatchObject({
      imported: 2,
      source: { location: 'set' },
    });
    const { total, items } = await test.client.items.list({
      filter: { text: 'COLD ❄' },
      offset: 0,
      limit: 10,
    });
    expect(total).toBe(1);
    expect((await get(resources.item(items[0]!.id, 'full'))).status).toBe(200);
  });

  it('without pictures is refused, and leaves the project as it was', async () => {
    const before = await test.client.project.current();
    const empty = join(test.folder, 'without pictures');
    mkdirSync(join(empty, 'a'), { recursive: true });
    writeFileSync(join(empty, 'a', 'notes.txt'), 'no picture');
    await expect(
      followJob(test.client, () => test.client.sources.import({ source: { kind: 'path', path: empty } })),
    ).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    await expect(
      test.client.sources.import({ source: { kind: 'path', path: join(test.folder, 'nowhere') } }),
    ).rejects.toMatchObject({ data: { code: 'SOURCE_NOT_FOUND' } });
    expect(await test.client.project.current()).toEqual(before);
  });
});

describe('addresses', () => {
  it.each([
    '/images/items/1/../../x',
    '/images/previews/../../../etc/passwd',
    '/uploads/..%2f..',
    '/exports/../x.zip',
    '/nothing',
  ])('%s leads nowhere', async (path) => {
    await expect(get(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
