/** A repair: since when, what it changed, all of it taken back as one, and what it does to the count of uses of the test part. */
import { expect, it } from 'vitest';
import { planExclude, planHard, planNote } from './curation-plans.ts';
import type { OpenProject } from './project.ts';
import { recipe } from '../studies/testing.ts';
import { testProject } from './testing-filled.ts';

const test = testProject();

async function begun(): Promise<OpenProject> {
  const project = await test.filled();
  await project.runs.create(recipe, 'One', [], 1);
  await project.relabel([1], 3);
  await project.repairs.begin('run-1');
  return project;
}
/** Images of the first class. */
const idsOf = ({ columns }: OpenProject, split: 'train' | 'test', count: number) =>
  Array.from(
    columns.matching({ splits: [split], classIds: [1] }).subarray(5, 5 + count),
    (at) => columns.ids[at]!,
  );
const labelsOf = (project: OpenProject) => [
  [...project.columns.classIds],
  [...project.columns.excluded],
  [...project.columns.hard],
];
const changes = (project: OpenProject) => project.repairs.session()?.changes;

it('says what stands differently than when it began, by images and not by steps', async () => {
  const project = await begun();
  const none = { steps: 0, relabelled: 0, excluded: 0, hard: 0, others: 0 };
  expect(project.repairs.session()).toMatchObject({ runId: 'run-1', retrainedId: null, changes: none });
  const [a, b, c, d] = idsOf(project, 'train', 4) as [number, number, number, number];
  const was = project.columns.classIds[project.columns.positionOf(a)]!;
  await project.relabel([a, b], 7);
  await project.relabel([a], was);
  await project.record((database) => planExclude(database, project.columns, [c], 'Doubtful label'));
  await project.record(() => planHard(project.columns, [c, d], true));
  await project.record((database) => planNote(database, project.columns, [d], 'Look again'));
  expect(changes(project)).toEqual({ steps: 5, relabelled: 1, excluded: 1, hard: 2, others: 1 });
  await project.step('undo');
  expect(changes(project)).toEqual({ steps: 4, relabelled: 1, excluded: 1, hard: 2, others: 0 });
  await project.close();
});

it('is taken back as one, on the disk and in memory, and what came before it stays', async () => {
  const project = await begun();
  const before = labelsOf(project);
  const undo = project.summary().undo;
  const [a, b, c] = idsOf(project, 'train', 3) as [number, number, number];
  await project.relabel([a], 7);
  await project.relabel([b], 8);
  await project.record((database) => planExclude(database, project.columns, [b], 'Doubtful label'));
  await project.record(() => planHard(project.columns, [c], true));
  expect(labelsOf(project)).not.toEqual(before);
  expect((await project.repairs.undoAll()).sort()).toEqual([a, b, c].sort());
  expect(labelsOf(project)).toEqual(before);
  expect(project.summary().undo).toBe(undo);
  expect(project.repairs.session()).toBeNull();
  await project.close();
  const again = await test.open();
  expect(labelsOf(again)).toEqual(before);
  // Each can be done again.
  for (let step = 0; step < 4; step += 1) await again.step('redo');
  expect(again.item(b)).toMatchObject({ classId: 8, excluded: 'Doubtful label' });
  expect(again.item(c).hard).toBe(true);
  await again.close();
});

it('goes on after a restart and with another run, and ends where it is kept', async () => {
  const project = await begun();
  await project.relabel(idsOf(project, 'train', 2), 7);
  await project.repairs.begin('run-2');
  await project.repairs.retrained('run-1');
  await project.close();
  const again = await test.open();
  expect(again.repairs.session()).toMatchObject({ runId: 'run-1', retrainedId: 'run-1' });
  expect(changes(again)).toMatchObject({ steps: 1, relabelled: 2 });
  await again.runs.delete('run-1');
  expect(again.repairs.session()).toMatchObject({ retrainedId: null });
  await again.repairs.end();
  expect(again.repairs.session()).toBeNull();
  await expect(again.repairs.undoAll()).rejects.toMatchObject({ code: 'CONFLICT' });
  await again.close();
});

it('is over where the change that it began after was taken back and another one made', async () => {
  const project = await begun();
  await project.relabel(idsOf(project, 'train', 1), 7);
  await project.step('undo');
  await project.step('undo');
  expect(changes(project)).toMatchObject({ steps: 0 });
  await project.relabel(idsOf(project, 'train', 1), 9);
  expect(project.repairs.session()).toBeNull();
  await project.close();
});

it('is a use of the test part where test images are repaired, once for a run, also of the part without an excluded image', async () => {
  const project = await test.filled();
  await project.runs.create(recipe, 'One', [], 1);
  const repairs = () => project.testParts.state().repairs;
  const [a, b] = idsOf(project, 'test', 2) as [number, number];
  await project.relabel([a], 7);
  expect(repairs()).toBe(0);
  await project.repairs.begin('run-1');
  await project.relabel(idsOf(project, 'train', 3), 7);
  expect(repairs()).toBe(0);
  await project.relabel([a], 8);
  await project.relabel([b], 8);
  expect(repairs()).toBe(1);
  const { version } = project.testParts.state();
  await project.record((database) => planExclude(database, project.columns, [b], 'Doubtful label'));
  expect(project.testParts.state()).toMatchObject({ repairs: 1 });
  expect(project.testParts.state().version).not.toBe(version);
  // What was seen was seen.
  await project.repairs.undoAll();
  expect(project.testParts.state()).toMatchObject({ version, repairs: 1 });
  await project.close();
});

it('passes over what a hand wrote in its place', async () => {
  const project = await begun();
  for (const value of ['{', '{"runId": 3}', '[]']) {
    await project.change((database) =>
      database.prepare("UPDATE meta SET value = ? WHERE key = 'repair'").run(value),
    );
    expect(project.repairs.session()).toBeNull();
  }
  await project.close();
});

it('is taken back wholly or not at all', async () => {
  const project = await begun();
  const [a, b] = idsOf(project, 'train', 2) as [number, number];
  await project.relabel([a], 7);
  await project.relabel([b], 8);
  await project.change((database) =>
    database.prepare("UPDATE journal SET change = '{}' WHERE id = (SELECT max(id) - 1 FROM journal)").run(),
  );
  const before = labelsOf(project);
  await expect(project.repairs.undoAll()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(labelsOf(project)).toEqual(before);
  expect(project.item(b).classId).toBe(8);
  expect(changes(project)).toMatchObject({ steps: 1 });
  await project.close();
});
