/** What is taken away of a project and what stays, whatever else lies there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fillWithFashion } from '../testing.ts';
import { OpenProject } from './project.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-leftovers-'));
  path = join(folder, 'p.atelier');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('takes a project away that nothing came into, and no more than what was made of it', async () => {
  const project = await OpenProject.create(path, undefined, 'test');
  writeFileSync(join(path, 'packs', 'import-x.part'), 'half');
  await project.discard();
  expect(readdirSync(folder)).toEqual([]);

  mkdirSync(path);
  await (await OpenProject.create(path, undefined, 'test')).discard();
  expect(readdirSync(path)).toEqual([]);

  const other = await OpenProject.create(path, undefined, 'test');
  writeFileSync(join(path, 'notes.txt'), 'mine');
  await other.discard();
  expect(readdirSync(path)).toEqual(['notes.txt']);
});

it('takes nothing away that holds something, or that was opened', async () => {
  const project = await OpenProject.create(path, undefined, 'test');
  await project.addClass('mine');
  await expect(project.discard()).rejects.toMatchObject({ code: 'CONFLICT' });
  await project.step('undo');
  await expect(project.discard()).rejects.toMatchObject({ code: 'CONFLICT' });
  await project.close();
  rmSync(path, { recursive: true });

  await (await OpenProject.create(path, undefined, 'test')).close();
  const opened = await OpenProject.open(path, 'test');
  await expect(opened.discard()).rejects.toMatchObject({ code: 'CONFLICT' });
  await opened.close();
  expect(existsSync(join(path, 'project.sqlite'))).toBe(true);
});

it('removes uploads of imports that were killed, and keeps those that sources are read from', async () => {
  const project = await OpenProject.create(path, undefined, 'test');
  await fillWithFashion(path);
  const [used, unused] = ['a'.repeat(32), 'b'.repeat(32)];
  for (const name of [used, unused, 'mine']) mkdirSync(join(path, 'uploads', name));
  await project.change((database) =>
    database.prepare('UPDATE sources SET root = ?').run(join('uploads', used)),
  );
  await project.removeSource(1).catch(() => undefined);
  await project.close();
  await (await OpenProject.open(path, 'test')).close();
  // Removing a source can be undone, and its files are the only copy.
  expect(readdirSync(join(path, 'uploads')).sort()).toEqual([used, 'mine']);
});
