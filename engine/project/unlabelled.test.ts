/** Images without a class: stored, counted, listed, given a part with their label; and a project of an earlier version. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { originalFiles } from '../images/storage/original-files.ts';
import type { ReadItem } from '../intake/importer.ts';
import { storeSource } from '../intake/store/store.ts';
import { openBare, openDatabase, rows } from './database.ts';
import { migrations } from './migrations.ts';
import { OpenProject } from './project.ts';
import { takeSnapshot } from './snapshot.ts';
import { redraw } from './testing-redraw.ts';

let folder: string;
let project: OpenProject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-unlabelled-'));
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const item = (index: number, more: Partial<ReadItem> = {}): ReadItem => ({
  name: `${index}.png`,
  className: null,
  part: 'pool',
  width: 1,
  height: 1,
  hash: index.toString(16).padStart(32, '0'),
  position: 0,
  length: 0,
  ...more,
});
const many = (count: number, from = 0, more: Partial<ReadItem> = {}) =>
  Array.from({ length: count }, (_, index) => item(from + index, more));

async function store(items: ReadItem[], root = 'x'): Promise<void> {
  const pack = join(folder, 'pack.part');
  writeFileSync(pack, '');
  const classes = [...new Set(items.flatMap(({ className }) => className ?? []))];
  const source = { storage: originalFiles, classes, items, skippedFiles: [], pack };
  (await storeSource(project.path, source, { location: root, root, startedAt: Date.now() })).commit();
  await project.followImport();
}

const counts = () => project.summary().counts;
const list = (filter: Parameters<OpenProject['items']>[0]) => project.items(filter, 0, 100, null);

/** Closes it, opens it again, and expects it to say the same. */
async function reopen(): Promise<void> {
  const before = [project.summary(), list({})];
  await project.close();
  project = await OpenProject.open(project.path, 'test');
  expect([project.summary(), list({})]).toEqual(before);
}

describe('images without a class', () => {
  it('are in no part, and are counted and listed as unlabelled', async () => {
    await store([...many(5), ...many(4, 10, { className: 'cat' })]);
    expect(project.classes().map(({ name, counts: of }) => [name, of.total])).toEqual([['cat', 4]]);
    expect(counts()).toMatchObject({
      train: 2,
      validation: 1,
      test: 1,
      total: 9,
      unlabelled: 5,
      relabelled: 0,
    });
    expect(list({ classIds: [null] }).items.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(list({ classIds: [null, 1] }).total).toBe(9);
    expect(list({ splits: ['train', 'validation', 'test'] }).total).toBe(4);
    expect(list({ text: '1.PNG' }).items[0]).toMatchObject({
      classId: null,
      importedClassId: null,
      split: null,
    });
    await reopen();
  });

  it('are left out of what a run trains on', async () => {
    await store([...many(5), ...many(10, 10, { className: 'cat' })]);
    const { train, validation } = takeSnapshot(project.columns, [1]);
    expect([...train, ...validation].every((row) => project.columns.classIds[row] === 1)).toBe(true);
    expect(train.length + validation.length).toBe(counts().train + counts().validation);
  });

  it('get their part with their label, as at import: the first trains, the second validates, the third tests', async () => {
    await store(many(40));
    const { id } = await project.addClass('cat');
    const parts: (string | null)[] = [];
    for (let itemId = 1; itemId <= 4; itemId++) {
      await project.relabel([itemId], id);
      parts.push(project.item(itemId).split);
    }
    expect(parts).toEqual(['train', 'validation', 'test', 'train']);
    await project.relabel(
      Array.from({ length: 40 }, (_, index) => index + 1),
      id,
    );
    expect(counts()).toMatchObject({ train: 27, validation: 7, test: 6, unlabelled: 0, relabelled: 0 });
    await reopen();
  });

  it('lose label and part when the label is taken back, and get the same again', async () => {
    await store(many(6));
    const { id } = await project.addClass('cat');
    await project.relabel([1, 2, 3, 4], id);
    const labelled = list({}).items;
    const countsThen = counts();
    await project.step('undo');
    expect(counts()).toMatchObject({ train: 0, validation: 0, test: 0, unlabelled: 6 });
    await reopen();
    await project.step('redo');
    expect(list({}).items).toEqual(labelled);
    expect(counts()).toEqual(countsThen);
    await reopen();
  });

  it('keep their part when a label is taken away and another one given', async () => {
    await store(many(3));
    const [cat, dog] = [await project.addClass('cat'), await project.addClass('dog')];
    await project.relabel([1], cat.id);
    await project.relabel([2], cat.id);
    expect(project.item(2).split).toBe('validation');
    const { itemIds, classIds } = await project.relabel([2], null);
    expect([itemIds, classIds]).toEqual([[2], [cat.id]]);
    expect(project.item(2)).toMatchObject({ classId: null, split: null });
    expect(counts()).toMatchObject({ train: 1, validation: 0, unlabelled: 2 });
    expect(project.summary().undo).toBe('Remove the label of 1 image');
    await project.relabel([2], dog.id);
    expect(project.item(2).split).toBe('validation');
  });

  it('go where their copies and their group are, whoever had a part first', async () => {
    const twin = { hash: 'ff'.padStart(32, '0') };
    await store([
      ...many(3, 0, twin),
      ...many(4, 10, { group: 'one' }),
      ...many(1, 20, { className: 'dog', part: 'test', hash: 'ee'.padStart(32, '0') }),
      ...many(1, 30, { hash: 'ee'.padStart(32, '0') }),
    ]);
    const { id } = await project.addClass('cat');
    await project.relabel([9], id);
    expect(project.item(9).split).toBe('test');
    for (const itemId of [4, 1, 5, 2, 6, 3, 7]) await project.relabel([itemId], id);
    const partOf = (itemId: number) => project.item(itemId).split;
    expect(new Set([1, 2, 3].map(partOf)).size).toBe(1);
    expect(new Set([4, 5, 6, 7].map(partOf)).size).toBe(1);
  });

  it('keep the part that the source says, and nothing else is drawn into it', async () => {
    await store([...many(3, 0, { part: 'test' }), ...many(9, 10)]);
    expect(counts()).toMatchObject({ test: 0, unlabelled: 12 });
    const { id } = await project.addClass('cat');
    await project.relabel(
      Array.from({ length: 12 }, (_, index) => index + 1),
      id,
    );
    expect(counts()).toMatchObject({ test: 3, validation: 2, train: 7 });
    expect(list({ splits: ['test'] }).items.map(({ id: itemId }) => itemId)).toEqual([1, 2, 3]);
  });

  it('have no part drawn with the others, and stay beside their copies when it is drawn anew', async () => {
    await store(many(60));
    const { id } = await project.addClass('cat');
    await project.relabel(
      Array.from({ length: 40 }, (_, index) => index + 1),
      id,
    );
    await project.relabel([5], null);
    await redraw(project, 0.5, 7, { testShare: 0.1 });
    expect(counts()).toMatchObject({ total: 60, unlabelled: 21, test: 4 });
    expect(list({ classIds: [null] }).items.every(({ split }) => split === null)).toBe(true);
    await project.step('undo');
    await reopen();
  });
});

it('a project of an earlier version opens with all that was in it, and takes images without a class', async () => {
  const path = join(project.path, 'project.sqlite');
  await store([
    ...many(3, 0, { className: 'cat' }),
    ...many(2, 10, { className: 'dog', notices: ['Scaled.'] }),
  ]);
  await project.relabel([1], 2);
  const before = [project.summary(), list({}), project.skippedAndNotices()];
  await project.close();

  // Back to the schema before, with the same rows, a class that a hand took away, and a cell that it spoilt.
  const old = join(folder, 'old.sqlite');
  const database = openBare(old);
  const step = migrations.findIndex((sql) => sql.includes('items_anew'));
  database.exec(
    `${migrations.slice(0, step).join(';')}; PRAGMA user_version = ${step}; ATTACH '${path}' AS now; PRAGMA foreign_keys = OFF;`,
  );
  for (const { name } of rows<{ name: string }>(
    database,
    "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  )) {
    const columns = (schema: string) =>
      rows<{ name: string }>(database, `SELECT name FROM pragma_table_info('${name}', '${schema}')`).map(
        (one) => one.name,
      );
    const now = columns('now');
    const names = columns('main').filter((column) => now.includes(column) || column === 'kind');
    const values = names.map((column) => (column === 'kind' ? "'folder'" : column));
    database.exec(`INSERT INTO main.${name} (${names.join()}) SELECT ${values.join()} FROM now.${name}`);
  }
  database.exec("DETACH now; UPDATE sqlite_sequence SET seq = 90 WHERE name = 'items'");
  database.exec(
    'PRAGMA ignore_check_constraints = ON; UPDATE items SET split = 9 WHERE id = 4; UPDATE items SET class_id = 77 WHERE id = 5',
  );
  database.close();
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  copyFileSync(old, path);

  project = await OpenProject.open(project.path, 'test');
  const [summary, items, findings] = before as [
    ReturnType<OpenProject['summary']>,
    ReturnType<typeof list>,
    unknown,
  ];
  expect(list({}).items.slice(0, 3)).toEqual(items.items.slice(0, 3));
  expect(project.skippedAndNotices()).toEqual(findings);
  expect(project.summary()).toMatchObject({
    undo: summary.undo,
    counts: { total: 5, relabelled: 2, unlabelled: 0 },
  });
  expect(project.summary().problems).toContain(
    '1 images are in a part that cannot be read. They are taken for training images.',
  );
  expect(project.classes().map(({ name }) => name)).toContain('(class 77 is missing)');
  await store(many(2, 50), 'y');
  expect(list({ classIds: [null] }).items.map(({ id }) => id)).toEqual([91, 92]);
  const again = openDatabase(path);
  expect(again.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
  expect(rows(again, 'PRAGMA foreign_key_list(notices)')).toMatchObject([{ table: 'items' }]);
  again.close();
});
