/** What is counted and listed of the items of a project, against a plain look at all of them. */
import { describe, expect, it } from 'vitest';
import type { ItemFilter, ItemSort } from '#contract/project.ts';
import { planNote } from './curation-plans.ts';
import { Columns } from './columns.ts';
import { testProject } from './testing-filled.ts';
import { redraw } from './testing-redraw.ts';

const { filled } = testProject();

describe('counts', () => {
  it('follow every change as a count of all images would have them', async () => {
    const project = await filled();
    const [a, b, c] = project.classes();
    const counted = () => {
      const fresh = new Columns();
      Object.assign(fresh, project.columns, { version: -1 });
      return fresh.counts();
    };
    const agree = () => {
      const { byClass, all, relabelled, fixed } = project.columns.counts();
      const present = counted();
      expect({ all, relabelled, fixed }).toEqual({
        all: present.all,
        relabelled: present.relabelled,
        fixed: present.fixed,
      });
      for (const [id, counts] of present.byClass) expect(byClass.get(id)).toEqual(counts);
    };
    await project.relabel([1, 2, 3, 700], b!.id);
    agree();
    await project.relabel([1], a!.id);
    await project.relabel([2100, 3], c!.id);
    agree();
    await redraw(project, 0.4, 2, { testShare: 0.3 });
    agree();
    for (let left = 4; left > 0; left--) {
      await project.step('undo');
      agree();
    }
    expect(project.columns.counts().relabelled).toBe(0);
    await project.close();
  });
});

describe('the list of items', () => {
  it('is sorted by name or class, either way; equal ones as imported, unlabelled ones last', async () => {
    const project = await filled();
    const [a, b] = project.classes();
    await project.relabel([3, 5], null);
    const listed = (sort: ItemSort) => project.items({ sort }, 0, 10_000, null).items;
    const names = listed({ by: 'name' }).map(({ name }) => name.toLowerCase());
    expect(names).toEqual([...names].sort());
    expect(names).not.toEqual(project.items({}, 0, 10_000, null).items.map(({ name }) => name.toLowerCase()));
    for (const descending of [undefined, true] as const) {
      const found = listed({ by: 'class', descending }).map(({ id, classId }) => ({ id, classId }));
      expect(found.slice(-2).map(({ id }) => id)).toEqual([3, 5]);
      const rest = found.slice(0, -2);
      expect(rest[0]!.classId === a!.id).toBe(!descending);
      for (const [at, { id, classId }] of rest.slice(1).entries()) {
        const before = rest[at]!;
        if (before.classId === classId) expect(before.id).toBeLessThan(id);
        else expect(before.classId! < classId!).toBe(!descending);
      }
    }
    // Of facts that nobody computed all are equal.
    expect(listed({ by: 'brightness', descending: true }).map(({ id }) => id)).toEqual([
      ...project.columns.ids,
    ]);
    await project.relabel([1], b!.id);
    expect(listed({ by: 'class' })[0]!.id).not.toBe(1);
    await project.close();
  });

  it('is narrowed by notes, which undo takes back', async () => {
    const project = await filled();
    const note = (itemIds: number[], text: string) =>
      project.record((database) => planNote(database, project.columns, itemIds, text));
    await note([2, 9], 'Look AGAIN');
    await note([4], 'blurred');
    const ids = (filter: ItemFilter) => project.items(filter, 0, 100, null).items.map(({ id }) => id);
    expect(ids({ note: 'again' })).toEqual([2, 9]);
    expect(ids({ noted: true })).toEqual([2, 4, 9]);
    expect(project.items({ noted: false }, 0, 1, null).total).toBe(project.columns.length - 3);
    await project.step('undo');
    expect(ids({ noted: true })).toEqual([2, 9]);
    const fresh = new Columns();
    await project.read((database) => fresh.follow(database));
    expect([...fresh.matching({ note: 'look' })].map((at) => fresh.ids[at])).toEqual([2, 9]);
    await project.close();
  });

  it('agrees with a plain look at every item, whatever the filter', async () => {
    const project = await filled();
    const [a, b] = project.classes();
    await project.relabel([7, 8, 9], b!.id);
    const all = project.items({}, 0, 10_000, null).items;
    expect(all.map(({ id }) => id)).toEqual([...project.columns.ids]);
    const filters = [
      { classIds: [a!.id] },
      { splits: ['test', 'validation'] as const },
      { classIds: [a!.id, b!.id], splits: ['train'] as const },
      { relabelled: true },
      { relabelled: false, text: 'EST/01' },
      { classIds: [] },
    ];
    for (const filter of filters) {
      const { classIds, splits, relabelled, text } = {
        splits: undefined,
        relabelled: undefined,
        ...filter,
      } as {
        classIds?: number[];
        splits?: string[];
        relabelled?: boolean;
        text?: string;
      };
      const expected = all.filter(
        (item) =>
          (!classIds || classIds.includes(item.classId!)) &&
          (!splits || splits.includes(item.split!)) &&
          (relabelled === undefined || relabelled === (item.classId !== item.importedClassId)) &&
          (!text || item.name.toLowerCase().includes(text.toLowerCase())),
      );
      const window = project.items({ classIds, splits: splits as never, relabelled, text }, 3, 50, null);
      expect(window).toEqual({ total: expected.length, items: expected.slice(3, 53) });
    }
    await project.close();
  });
});
