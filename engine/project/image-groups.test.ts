/** Groups in a project: written whole, read again, told of; draws and labels go by them; and what is damaged counts as none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GroupBy } from '#contract/splits.ts';
import { fillWithFashion } from '../testing-project.ts';
import type { FoundGroups } from './image-groups.ts';
import { OpenProject } from './project.ts';
import { redraw } from './testing-redraw.ts';

let folder: string;
let project: OpenProject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-groups-'));
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
  await fillWithFashion(project.path);
  await project.followImport();
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Five neighbours each, of several classes. */
const inFives = (): FoundGroups => ({
  by: GroupBy.parse({ key: { kind: 'prefix', separator: '_' } }),
  at: '2026-01-01T00:00:00.000Z',
  seenBy: 'pictures',
  lastItemId: 2500,
  unmatched: 0,
  members: [...project.columns.ids]
    .slice(0, 2000)
    .map((id, at): [number, number] => [id, Math.floor(at / 5)]),
  pairs: [
    { a: 1, b: 2, reason: 'near-duplicate', similarity: 0.9 },
    { a: 1, b: 7, reason: 'sequence', similarity: 0.95 },
  ],
  keys: [[1, 'x']],
});
const partOf = (itemId: number) => project.columns.splits[project.columns.positionOf(itemId)]!;

it('are there again when the project is opened, with what is told of them', async () => {
  expect(project.groups.found).toBeNull();
  expect(project.groups.facts()).toBeNull();
  await project.groups.keep(inFives());
  const facts = project.groups.facts()!;
  expect(facts).toMatchObject({ groups: 400, images: 2000, pairs: 2, later: 0, unmatched: 0 });
  expect(facts.largest[0]).toEqual({ images: 5, itemIds: [1, 2, 3, 4, 5] });
  const found = project.groups.found;
  await project.close();
  project = await OpenProject.open(project.path, 'test');
  expect(project.groups.found).toEqual(found);
  expect(project.groups.facts()).toEqual(facts);

  await project.removeItems([1, 2]);
  expect(project.groups.facts()!.largest[0]).toEqual({ images: 5, itemIds: [6, 7, 8, 9, 10] });
  await project.groups.keep({ ...inFives(), lastItemId: 2400 });
  expect(project.groups.later).toBe(100);
});

it('that cannot be read count as none', async () => {
  await project.groups.keep(inFives());
  for (const wrong of ["facts = '{'", "members = x'0102'", "pairs = '[[1]]'", 'keys = 7']) {
    await project.groups.keep(inFives());
    await project.change((database) => database.exec(`UPDATE image_groups SET ${wrong}`));
    await project.close();
    project = await OpenProject.open(project.path, 'test');
    expect(project.groups.found, wrong).toBeNull();
    expect(project.summary().counts.total).toBe(2500);
  }
});

it('stay in one part of every draw, with the test part where it stays, and pairs on two sides are told', async () => {
  await project.groups.keep(inFives());
  for (const [seed, also] of [
    [3, {}],
    [4, { testShare: 0.3, fixed: true }],
  ] as const) {
    const tested = [...project.columns.ofSplit('test')];
    await redraw(project, 0.25, seed, also);
    if (!('testShare' in also)) expect([...project.columns.ofSplit('test')]).toEqual(tested);
    for (const [id, group] of inFives().members) {
      const first = 5 * group + 1;
      // Images of the source's test part stay there; the rest of their group does not join them.
      if ('testShare' in also || (partOf(id) !== 2 && partOf(first) !== 2))
        expect(partOf(id)).toBe(partOf(first));
    }
  }
  const sides = new Map([
    [1, 0],
    [2, 1],
    [7, 1],
  ]);
  const sideOf = (itemId: number) => sides.get(itemId) ?? null;
  expect(project.groups.separated(sideOf, 1)).toEqual({ leaked: 3, count: 2, pairs: [inFives().pairs[1]] });
  expect(project.groups.separated(sideOf, 9, (side) => side === 1)).toMatchObject({ leaked: 2, count: 2 });
  expect(project.groups.separated(() => 4, 9)).toMatchObject({ leaked: 0, count: 0 });
});

it('give an image that is labelled the part of its group', async () => {
  const [classId] = project.columns.classIds;
  await project.change((database) =>
    database.exec('UPDATE items SET class_id = NULL, split = NULL WHERE id % 5 = 3'),
  );
  await project.close();
  project = await OpenProject.open(project.path, 'test');
  await project.groups.keep(inFives());
  await redraw(project, 0.4, 6);
  const open = [...project.columns.ids].filter((id) => id % 5 === 3 && id < 1500);
  await project.relabel(open, classId!);
  for (const id of open) expect(partOf(id)).toBe(partOf(id - 1));
});
