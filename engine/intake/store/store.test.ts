/** What the project takes of a source that it has a part of already. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenProject } from '../../project/project.ts';
import { originalFiles } from '../../images/storage/original-files.ts';
import type { ReadItem, ReadSource } from '../importer.ts';
import { storeSource } from './store.ts';

let folder: string;
let project: OpenProject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-store-'));
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The source as it is read when its training folder holds so many images. */
function sourceWith(training: number): ReadSource {
  const pack = join(folder, 'pack.part');
  writeFileSync(pack, '');
  const item = (part: ReadItem['part'], index: number): ReadItem => ({
    name: `${part}/${index}.png`,
    className: String(index % 2),
    part,
    width: 1,
    height: 1,
    hash: (index + (part === 'test' ? 5000 : 0)).toString(16).padStart(32, '0'),
    position: 0,
    length: 0,
  });
  const many = (part: ReadItem['part'], count: number) =>
    Array.from({ length: count }, (_, index) => item(part, index));
  return {
    storage: originalFiles,
    classes: ['0', '1'],
    items: [...many('pool', training), ...many('test', 20)],
    skippedFiles: [],
    pack,
  };
}

it('keeps new training images out of the test part that the source fixed, also when it is imported again', async () => {
  for (const training of [100, 200]) {
    const origin = { location: 'x', root: 'x', startedAt: Date.now() };
    (await storeSource(project.path, sourceWith(training), origin)).commit();
  }
  await project.followImport();
  expect(project.columns.counts().all).toMatchObject({ test: 20, validation: 40, train: 160 });
});

it('puts images of a group where those are that the project has of it already', async () => {
  const of = (from: number, part: ReadItem['part']) => {
    const source = sourceWith(0);
    const items = source.items.map((item, index) => ({
      ...item,
      part,
      name: `${from + index}.png`,
      hash: (from + index).toString(16).padStart(32, '0'),
      group: `patient ${index % 4}`,
    }));
    return { ...source, items };
  };
  (
    await storeSource(project.path, of(0, 'validation'), { location: 'x', root: 'x', startedAt: Date.now() })
  ).commit();
  (
    await storeSource(project.path, of(100, 'pool'), { location: 'y', root: 'y', startedAt: Date.now() })
  ).commit();
  await project.followImport();
  expect(project.columns.counts().all).toMatchObject({ test: 0, validation: 40, train: 0 });
});
