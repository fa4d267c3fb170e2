/** Classes that are deleted, merged, split and recoloured, images that are excluded, notes, and tables of labels: each undone and kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelEdit } from '#contract/labels.ts';
import { originalFiles } from '../images/storage/original-files.ts';
import type { ReadItem } from '../intake/importer.ts';
import { storeSource } from '../intake/store/store.ts';
import {
  planDeleteClass,
  planExclude,
  planHard,
  planNote,
  planRecolour,
  planSplitClass,
} from './curation-plans.ts';
import { planLabelTable } from './label-table.ts';
import { OpenProject } from './project.ts';
import { takeSnapshot } from './snapshot.ts';
import { redraw } from './testing-redraw.ts';

let folder: string;
let project: OpenProject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-curation-'));
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
  await store('x', [...many(5, 1, 'cat'), ...many(5, 6, 'dog'), ...many(2, 11, null)]);
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const hashOf = (index: number) => index.toString(16).padStart(32, '0');
const many = (count: number, from: number, className: string | null): ReadItem[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ name: `${from + at}.png`, className, part: 'pool' as const, width: 1, height: 1 },
    ...{ hash: hashOf(from + at), position: 0, length: 0 },
  }));
async function store(root: string, items: ReadItem[]): Promise<void> {
  const pack = join(folder, 'pack.part');
  writeFileSync(pack, '');
  const classes = [...new Set(items.flatMap(({ className }) => className ?? []))];
  const source = { storage: originalFiles, classes, items, skippedFiles: [], pack };
  (await storeSource(project.path, source, { location: root, root, startedAt: 0 })).commit();
  await project.followImport();
}
const list = (filter: Parameters<OpenProject['items']>[0] = {}) => project.items(filter, 0, 100, null).items;
const ids = (filter: Parameters<OpenProject['items']>[0]) => list(filter).map(({ id }) => id);
const state = () => {
  const summary = { ...project.summary(), undo: null, redo: null };
  return { summary, items: list(), rows: project.labelRows(0, 1000) };
};
const classes = () => Object.fromEntries(project.classes().map(({ name, counts }) => [name, counts.total]));
const [cat, dog] = [1, 2];

/** Makes a change, and proves that it is on the disk, that it can be undone wholly, and done again. */
async function make(plan: Parameters<OpenProject['record']>[0]): Promise<number[]> {
  const before = state();
  const touched = await project.record(plan);
  const after = state();
  await reopened(after);
  expect(await project.step('undo')).toEqual(expect.arrayContaining(touched));
  await reopened(before);
  await project.step('redo');
  await reopened(after);
  return touched;
}
async function reopened(expected: ReturnType<typeof state>): Promise<void> {
  expect(state()).toEqual(expected);
  await project.close();
  project = await OpenProject.open(project.path, 'test');
  expect(state()).toEqual(expected);
}

it('a mark as hard is found, changes no part, and goes again', async () => {
  const before = project.summary().counts;
  expect(await make(() => planHard(project.columns, [2, 3, 3], true))).toEqual([2, 3]);
  expect(ids({ hard: true })).toEqual([2, 3]);
  expect(ids({ hard: false })).not.toContain(2);
  expect(project.item(2)).toMatchObject({ hard: true, excluded: null });
  expect(project.summary().counts).toEqual(before);
  expect(planHard(project.columns, [2, 3], true)).toBeNull();
  await make(() => planHard(project.columns, [2, 4], false));
  expect(ids({ hard: true })).toEqual([3]);
  expect(() => planHard(project.columns, [99], true)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

describe('a class', () => {
  it('that is deleted leaves its images unlabelled, removed ones too, and comes back with all of them', async () => {
    await project.removeItems([1]);
    await project.relabel([6], cat);
    await make((database) => planDeleteClass(database, project.columns, cat, null));
    expect(classes()).toEqual({ dog: 4 });
    expect(project.summary().counts).toMatchObject({ unlabelled: 7, total: 11 });
    expect(
      list({ classIds: [null] }).every(
        ({ importedClassId, id }) => importedClassId === (id === 6 ? dog : null),
      ),
    ).toBe(true);
    await project.step('undo');
    await project.step('undo');
    await project.step('undo');
    expect(classes()).toEqual({ cat: 5, dog: 5 });
  });

  it('that is merged gives its images away, with their parts, and what the source said with them', async () => {
    const parts = list({ classIds: [cat] }).map(({ split }) => split);
    await make((database) => planDeleteClass(database, project.columns, cat, dog));
    expect(classes()).toEqual({ dog: 10 });
    expect(
      list()
        .slice(0, 5)
        .map(({ split }) => split),
    ).toEqual(parts);
    expect(project.summary()).toMatchObject({ undo: 'Merge “cat” into “dog”', counts: { relabelled: 0 } });
    await expect(
      project.record((database) => planDeleteClass(database, project.columns, dog, dog)),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      project.record((database) => planDeleteClass(database, project.columns, 99, null)),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that is deleted cannot come back where another one has its name, and the way beyond is free', async () => {
    await project.record((database) => planDeleteClass(database, project.columns, cat, null));
    await store('y', many(2, 50, 'cat'));
    await expect(project.step('undo')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(classes()).toEqual({ dog: 5, cat: 2 });
  });

  it('that is split gives the chosen images a new class, in one step; its number is used for no other', async () => {
    await make((database) => planSplitClass(database, project.columns, [1, 2, 11], 'kitten').plan);
    expect(classes()).toEqual({ cat: 3, dog: 5, kitten: 3 });
    expect(list({ classIds: [3] }).every(({ split }) => split !== null)).toBe(true);
    await expect(
      project.record((database) => planSplitClass(database, project.columns, [1], 'dog').plan),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await project.record((database) => planDeleteClass(database, project.columns, 3, null));
    expect((await project.addClass('new')).id).toBe(4);
  });

  it('has a colour of its own, and another one when it is said', async () => {
    const own = project.classes()[0]!.colour;
    await make((database) => planRecolour(database, cat, '#123456'));
    expect(project.classes()[0]!.colour).toBe('#123456');
    await make((database) => planRecolour(database, cat, null));
    expect(project.classes()[0]!.colour).toBe(own);
    expect(new Set(project.classes().map(({ colour }) => colour)).size).toBe(2);
  });
});

describe('images that are excluded', () => {
  it('are in no part, counted and listed by themselves, and come back into the part they had', async () => {
    const [before] = list({ splits: ['test'], classIds: [cat] });
    await make((database) => planExclude(database, project.columns, [before!.id, 12], 'blurred'));
    expect(project.item(before!.id)).toMatchObject({ classId: cat, split: null, excluded: 'blurred' });
    expect(project.summary().counts).toMatchObject({ total: 12, excluded: 2, unlabelled: 2, test: 1 });
    expect(ids({ excluded: true })).toEqual([before!.id, 12]);
    expect(ids({ excluded: false })).toHaveLength(10);
    const { train, validation } = takeSnapshot(project.columns, [cat, dog]);
    expect(train.length + validation.length).toBe(8);
    await make((database) => planExclude(database, project.columns, [before!.id], null));
    expect(project.item(before!.id)).toMatchObject({ split: 'test', excluded: null });
    expect(await project.record((database) => planExclude(database, project.columns, [1], null))).toEqual([]);
    await expect(
      project.record((database) => planExclude(database, project.columns, [99], 'x')),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('take no part from a class that needs an image in it', async () => {
    await store('y', many(3, 80, null));
    const { id } = await project.addClass('bird');
    await project.record((database) => planExclude(database, project.columns, [13], 'blurred'));
    await project.relabel([13], id);
    await project.relabel([14], id);
    await project.relabel([15], id);
    expect([14, 15].map((itemId) => project.item(itemId).split)).toEqual(['train', 'validation']);
  });

  it('stay excluded when parts are drawn anew', async () => {
    await project.record((database) => planExclude(database, project.columns, [1, 2, 3], 'twin'));
    await redraw(project, 0.5, 3, { testShare: 0.2 });
    expect(ids({ excluded: true })).toEqual([1, 2, 3]);
    expect(project.summary().counts).toMatchObject({ excluded: 3, total: 12 });
  });
});

it('a note is kept, shown and taken back', async () => {
  await make((database) => planNote(database, project.columns, [1, 2], 'Ask Eve.'));
  await make((database) => planNote(database, project.columns, [2], 'Two\nlines'));
  expect(
    list()
      .slice(0, 3)
      .map(({ note }) => note),
  ).toEqual(['Ask Eve.', 'Two\nlines', '']);
});

describe('a table of labels', () => {
  const apply = (edits: LabelEdit[]) => {
    let report: ReturnType<typeof planLabelTable>['report'] | undefined;
    return make((database) => {
      const planned = planLabelTable(database, project.columns, project.path, edits);
      ({ report } = planned);
      return planned.plan;
    }).then(() => report);
  };
  const plan = (edits: LabelEdit[]) => {
    let report: ReturnType<typeof planLabelTable>['report'];
    return project
      .record((database) => {
        ({ report } = planLabelTable(database, project.columns, project.path, edits));
        return null;
      })
      .then(() => report);
  };

  it('that went out comes in again and changes nothing', async () => {
    await project.record((database) => planExclude(database, project.columns, [1], 'blurred'));
    const edits = project
      .labelRows(0, 1000)
      .map(({ itemId, split, ...row }) => ({ row: itemId, ...row, ...(split && { split }) }));
    expect(await plan(edits)).toMatchObject({ rows: 12, unchanged: 12, faults: [], labelled: 0, moved: 0 });
  });

  it('changes labels, parts, exclusion and notes as one step, and makes classes', async () => {
    const report = await apply([
      { row: 2, path: '1.png', label: 'bird', split: 'test', note: 'seen' },
      { row: 3, hash: hashOf(11), label: 'bird' },
      { row: 4, path: '6.png', label: null },
      { row: 5, path: '7.png', excluded: 'blurred', hard: true },
      { row: 6, path: '8.png', label: 'dog', hard: false },
    ]);
    expect(report).toMatchObject({
      rows: 5,
      unchanged: 1,
      labelled: 2,
      unlabelled: 1,
      excluded: 1,
      hard: 1,
      noted: 1,
      newClasses: ['bird'],
      faults: [],
    });
    expect(classes()).toEqual({ cat: 4, dog: 4, bird: 2 });
    expect(project.item(1)).toMatchObject({ split: 'test', note: 'seen' });
    expect(project.item(11).split).not.toBeNull();
    expect(project.item(7)).toMatchObject({ excluded: 'blurred', hard: true });
    expect(project.summary().undo).toBe('Take over labels of 4 images');
  });

  it('names each row that cannot be taken over', async () => {
    await store(
      'y',
      many(1, 1, 'cat').map((item) => ({ ...item, hash: hashOf(90) })),
    );
    await store(
      'z',
      many(3, 70, 'cat').map((item) => (item.name === '70.png' ? { ...item, hash: hashOf(2) } : item)),
    );
    const { faults } = await plan([
      { row: 2, path: 'none.png', label: 'cat' },
      { row: 3, path: '1.png', label: 'dog' },
      { row: 4, path: '1.png', hash: hashOf(90), label: 'dog' },
      { row: 5, path: '3.png', hash: hashOf(77), label: 'dog' },
      { row: 6, hash: hashOf(2), label: 'dog' },
      { row: 7, label: 'dog' },
      { row: 8, path: '4.png', label: 'dog' },
      { row: 9, path: '4.png', label: 'cat' },
      { row: 10, path: '11.png', split: 'test' },
      { row: 11, path: 'moved/5.png', hash: hashOf(5), label: 'dog' },
    ]);
    expect(faults.map(({ row, reason }) => [row, reason])).toEqual([
      [2, 'No image of the project has this path.'],
      [3, '2 images have this path, in several sources. Give the hash, or the whole path.'],
      [5, 'The image at this path has other content than the hash says.'],
      [6, '2 images have this content, and none of them has this path.'],
      [7, 'The row names neither a path nor a hash.'],
      [9, 'It says something else than row 8, which is of the same image and counts.'],
      [10, 'It is unlabelled, so it cannot be in the test part. Give it a label too.'],
    ]);
  });

  it('takes the part away with the label, though the row still names it', async () => {
    const edits = project
      .labelRows(0, 1000)
      .map(({ itemId, split, ...row }) => ({ row: itemId, ...row, ...(split && { split }), label: null }));
    expect(await apply(edits)).toMatchObject({ unlabelled: 10, faults: [] });
    expect(project.item(1)).toMatchObject({ classId: null, split: null });
  });
});
