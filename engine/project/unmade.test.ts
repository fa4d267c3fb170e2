/** A project is made where another attempt was killed, whatever that left, and never where anything could be lost. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { OpenProject } from './project.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-unmade-'));
  path = join(folder, 'p.atelier');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const parts = ['packs', 'runs', 'exports', 'uploads'];
const makeParts = () => parts.forEach((part) => mkdirSync(join(path, part), { recursive: true }));
const put = (name: string, text = '') => writeFileSync(join(path, name), text);
/** The folder as it is after `kill -9` while `work` has the project open. */
async function killedWith(work: (project: OpenProject) => Promise<unknown> = async () => undefined) {
  const other = join(folder, 'other.atelier');
  const project = await OpenProject.create(other, 'first', 'test');
  await work(project);
  cpSync(other, path, { recursive: true });
  await project.close();
}

it.each<[string, () => unknown]>([
  ['a folder', () => mkdirSync(path)],
  ['one folder in it', () => mkdirSync(join(path, 'packs'), { recursive: true })],
  ['all folders', makeParts],
  ['a lock', () => (makeParts(), put('lock.sqlite'), put('lock.json', '{"pid":1}'))],
  ['an empty database', () => (makeParts(), put('lock.sqlite'), put('project.sqlite'))],
  [
    'a database without a schema',
    () => (makeParts(), openDatabase(join(path, 'project.sqlite'), { create: true }).close()),
  ],
  ['a whole project that nothing came into', () => killedWith()],
  [
    'a first import under way',
    async () => {
      await killedWith();
      put('packs/import-0123456789ab.part', 'half');
      put('packs/import-0123456789ab.journal.part', 'half');
      mkdirSync(join(path, 'uploads', 'a'.repeat(32)));
      put(`uploads/${'a'.repeat(32)}/a.png`, 'unpacked');
    },
  ],
])('takes over what a killed attempt left: %s', async (_name, leave) => {
  await leave();
  const project = await OpenProject.create(path, 'second', 'test');
  expect(project.summary()).toMatchObject({ name: 'second', problems: [], readOnly: null });
  for (const part of parts) expect(readdirSync(join(path, part))).toEqual([]);
  await project.addClass('mine');
  await project.close();
  const again = await OpenProject.open(path, 'test');
  expect(again.classes()).toMatchObject([{ name: 'mine' }]);
  await again.close();
});

const ownBlank = async () => (await OpenProject.create(path, 'first', 'test')).close();
it.each<[string, () => unknown]>([
  ['a blank project that was closed', ownBlank],
  [
    'a project that was opened since it was killed',
    async () => {
      await killedWith();
      // Killed again: not closed.
      const opened = await OpenProject.open(path, 'test');
      cpSync(path, join(folder, 'copy'), { recursive: true });
      await opened.close();
      rmSync(path, { recursive: true });
      cpSync(join(folder, 'copy'), path, { recursive: true });
    },
  ],
  ['a class', () => killedWith((project) => project.addClass('mine'))],
  [
    'a class that was taken back',
    () => killedWith(async (project) => (await project.addClass('mine'), project.step('undo'))),
  ],
  ['a file of somebody', async () => (await killedWith(), put('notes.txt', 'mine'))],
  ['an exported file', async () => (await killedWith(), put('exports/run-1.zip', 'mine'))],
  ['a folder of a run', async () => (await killedWith(), mkdirSync(join(path, 'runs', 'run-1')))],
  ['packs without their database', () => (makeParts(), put('packs/images-1', 'mine'))],
  [
    'packs with an emptied database',
    () => (makeParts(), put('project.sqlite'), put('packs/images-1', 'mine')),
  ],
  ['a link in place of a folder', () => (mkdirSync(path), symlinkSync(folder, join(path, 'packs')))],
  [
    'a link in place of the database',
    () => (mkdirSync(path), put('../x'), symlinkSync('../x', join(path, 'project.sqlite'))),
  ],
  ['a damaged database', () => (makeParts(), put('project.sqlite', 'x'.repeat(5000)))],
  ['a file in place of the folder', () => writeFileSync(path, 'mine')],
])('makes none, and changes nothing, where there is %s', async (_name, there) => {
  await there();
  const before = contentOf(folder);
  await expect(OpenProject.create(path, 'second', 'test')).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
  expect(contentOf(folder)).toEqual(before);
});

it('says that a name is too long, and makes nothing', async () => {
  await expect(OpenProject.create(join(folder, 'x'.repeat(255)), undefined, 'test')).rejects.toMatchObject({
    code: 'FILE_NOT_WRITABLE',
    message: expect.stringContaining('too long') as string,
  });
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves the project of another who makes one at the same time', async () => {
  const first = await OpenProject.create(path, 'first', 'test');
  await expect(OpenProject.create(path, 'second', 'test')).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
  await first.addClass('mine');
  await first.close();
  const again = await OpenProject.open(path, 'test');
  expect([again.summary().name, again.classes().length]).toEqual(['first', 1]);
  await again.close();
});

/** What is in the files, but for those by which SQLite's readers agree. */
function contentOf(at: string): [string, string][] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const below = join(at, entry.name);
    if (entry.isDirectory()) return [[below, 'folder'], ...contentOf(below)];
    if (entry.isSymbolicLink()) return [[below, 'link']];
    return /-(shm|wal)$/.test(entry.name) ? [] : [[below, readFileSync(below, 'latin1')]];
  });
}
