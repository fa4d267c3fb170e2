/**
 * A project that came from somebody else may hold links, pipes and folders where files of ours belong. Opening it reads, writes and
 * removes nothing that they lead to, never waits for ever, and says what it cannot use.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenProject } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-strange-'));
const whole = join(folder, 'whole.atelier');
const path = join(folder, 'p.atelier');
const other = join(folder, 'other');
beforeAll(async () => {
  const project = await OpenProject.create(whole, undefined, 'test');
  await project.addClass('mine');
  await project.change((database) =>
    database.prepare("INSERT INTO meta (key, value) VALUES ('deleted:run-7', '')").run(),
  );
  await project.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const made of [path, other]) rmSync(made, { recursive: true, force: true });
  cpSync(whole, path, { recursive: true });
  // All that a project removes unasked where it is its own.
  for (const made of ['f'.repeat(32), 'run-7', 'run-8.deleted', 'import-0123456789ab.part'])
    mkdirSync(join(other, made), { recursive: true });
  writeFileSync(join(other, 'notes.txt'), 'mine');
});

const put = (name: string, target: string) => {
  rmSync(join(path, name), { recursive: true, force: true });
  symlinkSync(target, join(path, name));
};
const open = async () => {
  const project = await OpenProject.open(path, 'test');
  const names = project.classes().map(({ name }) => name);
  await project.addClass('more');
  await project.step('undo');
  await project.close();
  return names;
};

it.each(['packs', 'runs', 'uploads', 'exports'])(
  'removes nothing through a link in place of %s',
  async (name) => {
    put(name, other);
    const before = readdirSync(other);
    expect(await open()).toEqual(['mine']);
    expect(readdirSync(other)).toEqual(before);
  },
);

it.each(['lock.json', 'lock.sqlite'])('writes nothing through a link in place of %s', async (name) => {
  put(name, join(other, 'notes.txt'));
  expect(await open()).toEqual(['mine']);
  expect(readFileSync(join(other, 'notes.txt'), 'utf8')).toBe('mine');
  put(name, join(other, 'not-there'));
  await open();
  expect(existsSync(join(other, 'not-there'))).toBe(false);
});

it.each(['-wal', '-shm', '-journal'])('opens no database with a link in place of its %s', async (end) => {
  for (const target of ['notes.txt', 'not-there']) {
    put(`project.sqlite${end}`, join(other, target));
    await expect(open()).rejects.toMatchObject({
      code: 'PROJECT_DAMAGED',
      message: expect.stringContaining(`project.sqlite${end}, where a folder, a link`) as string,
    });
  }
  expect(readFileSync(join(other, 'notes.txt'), 'utf8')).toBe('mine');
  expect(existsSync(join(other, 'not-there'))).toBe(false);
});

it.each(['packs', 'runs', 'uploads', 'exports'])('says where no folder is in place of %s', async (name) => {
  const refused = { code: 'FILE_NOT_WRITABLE', message: expect.stringContaining(join(path, name)) as string };
  for (const target of ['notes.txt', 'not-there']) {
    put(name, join(other, target));
    await expect(open()).rejects.toMatchObject(refused);
  }
  put(name, join(path, name));
  await expect(open()).rejects.toMatchObject(refused);
});

it('makes a lock of its own where something else is in its file', async () => {
  writeFileSync(join(path, 'lock.sqlite'), 'no database '.repeat(100));
  expect(await open()).toEqual(['mine']);
});

it('removes half-written packs of its own, and no file of somebody else', async () => {
  const [ours, theirs] = [
    ['import-0123456789ab.part', 'import-0123456789ab.journal.part', 'tensor-0123.u8.7.part'],
    ['download.part', 'images.tar.part'],
  ];
  for (const name of [...ours, ...theirs]) writeFileSync(join(path, 'packs', name), 'half');
  await open();
  expect(readdirSync(join(path, 'packs')).sort()).toEqual(theirs);
});

describe.skipIf(process.platform === 'win32')('pipes', () => {
  const pipe = (name: string) => {
    rmSync(join(path, name), { force: true });
    execFileSync('mkfifo', [join(path, name)]);
  };
  it.each(['lock.json', 'lock.sqlite', 'lock.sqlite-journal', 'lock.sqlite-wal'])(
    'are not waited for in place of %s',
    async (name) => {
      pipe(name);
      expect(await open()).toEqual(['mine']);
    },
  );

  it('are not waited for where somebody else holds the project', async () => {
    const first = await OpenProject.open(path, 'test');
    pipe('lock.json');
    await expect(OpenProject.open(path, 'test')).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
    await first.close();
  });

  it.each(['-wal', '-shm', '-journal'])('are not waited for in place of project.sqlite%s', async (end) => {
    pipe(`project.sqlite${end}`);
    await expect(open()).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
  });

  it('are no database, and no failing disk', async () => {
    pipe('project.sqlite');
    await expect(open()).rejects.toMatchObject({
      code: 'PROJECT_DAMAGED',
      message: expect.stringContaining('where a folder, a pipe or a device is') as string,
    });
  });
});
