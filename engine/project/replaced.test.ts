/** What the studio tells where the project's files are taken away, damaged, or locked by others. Many ways: torture/. */
import { closeSync, cpSync, openSync, readdirSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { presets } from '#recipe/presets.ts';
import { fillWithFashion, openTestStudio, type TestStudio } from '../testing.ts';
import { openBare } from './database.ts';
import { OpenProject } from './project.ts';

let test: TestStudio;
let path: string;
beforeEach(async () => {
  test = await openTestStudio();
  path = join(test.folder, 'p.atelier');
  await (await OpenProject.create(path, undefined, 'test')).close();
  await fillWithFashion(path);
});
afterEach(() => test.close());

it('tells everybody that the folder was replaced, refuses all changes, and goes on with what is there once it is opened again', async () => {
  const { client } = test;
  const copy = join(test.folder, 'copy.atelier');
  cpSync(path, copy, { recursive: true });
  await client.project.open({ path });
  await client.items.relabel({ itemIds: [1], classId: 5 });
  renameSync(path, join(test.folder, 'moved.atelier'));
  renameSync(copy, path);
  const refused = {
    data: {
      code: 'PROJECT_REPLACED',
      message: expect.stringContaining('This change was not saved') as string,
    },
  };
  await expect(client.items.relabel({ itemIds: [2], classId: 5 })).rejects.toMatchObject(refused);
  const told = await test.when((event) => event.event === 'project.changed' && event.project?.readOnly);
  expect(told).toMatchObject({ code: 'PROJECT_REPLACED' });
  await expect(client.items.relabel({ itemIds: [2], classId: 5 })).rejects.toMatchObject(refused);
  await expect(client.classes.add({ name: 'New' })).rejects.toMatchObject(refused);
  await expect(client.runs.start({ recipe: presets.quick.recipe })).rejects.toMatchObject(refused);
  // What was acknowledged can still be looked at, and is where it was written.
  expect((await client.items.get({ itemId: 1 })).classId).toBe(5);
  expect((await client.project.open({ path })).readOnly).toBeNull();
  expect((await client.items.get({ itemId: 1 })).classId).not.toBe(5);
  await client.items.relabel({ itemIds: [2], classId: 5 });
  await client.project.open({ path: join(test.folder, 'moved.atelier') });
  expect((await client.items.get({ itemId: 1 })).classId).toBe(5);
});

it('opens again what had only its database replaced, and keeps the old log aside', async () => {
  const { client } = test;
  const copy = join(test.folder, 'project.sqlite');
  cpSync(join(path, 'project.sqlite'), copy);
  await client.project.open({ path });
  await client.items.relabel({ itemIds: [1], classId: 5 });
  renameSync(copy, join(path, 'project.sqlite'));
  await expect(client.journal.undo()).rejects.toMatchObject({ data: { code: 'PROJECT_REPLACED' } });
  expect(readdirSync(path)).toContain('project.sqlite-wal-of-replaced-1');
  await client.project.open({ path });
  await client.items.relabel({ itemIds: [1], classId: 5 });
});

it('says that a damaged page is damaged, and not that the project is safe', async () => {
  const file = join(path, 'project.sqlite');
  const pages = Math.floor(statSync(file).size / 4096);
  const handle = openSync(file, 'r+');
  for (let page = 3; page < pages; page++) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(handle);
  await expect(test.client.project.open({ path })).rejects.toMatchObject({
    data: { code: 'PROJECT_DAMAGED', message: expect.stringMatching(/is damaged \(SQLite 11/) as string },
  });
});

it('waits for a lock that another program holds, and goes on with its other work', async () => {
  const project = await OpenProject.open(path, 'test');
  const other = openBare(join(path, 'project.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  let settled = false;
  const labelled = project.relabel([1], 5).then(() => (settled = true));
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  expect(settled).toBe(false);
  other.exec('ROLLBACK');
  await labelled;
  other.close();
  await project.close();
});

it('refuses a change after a while, with the word for it, and closes without waiting', async () => {
  const terms = { waitMilliseconds: 1 };
  const project = await OpenProject.open(path, 'test', terms);
  const other = openBare(join(path, 'project.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  await expect(project.relabel([1], 5)).rejects.toMatchObject({
    code: 'PROJECT_LOCKED',
    message: expect.stringContaining('Nothing was changed') as string,
  });
  // For ever, were it not for the closing.
  terms.waitMilliseconds = Infinity;
  const waiting = expect(project.relabel([1], 5)).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
  await project.close();
  await waiting;
  other.close();
});
