/** The test part over time: its version is its images, looks at it are counted once each, and undoing brings all back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Evaluation } from '#contract/evaluation.ts';
import type { FindingEntry } from '#contract/findings.ts';
import { earlierUseWords } from '#contract/splits.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { recipe } from '../studies/testing.ts';
import { planExclude, planParts } from './curation-plans.ts';
import { type Database, row } from './database.ts';
import { planFinding } from './finding-plans.ts';
import { planLabelTable } from './label-table.ts';
import type { OpenProject } from './project.ts';
import { redraw } from './testing-redraw.ts';

const hashOf = (database: Database, itemId: number) =>
  row<{ hash: string }>(database, 'SELECT lower(hex(hash)) AS hash FROM items WHERE id = ?', itemId)!.hash;

let services: TestServices;
let project: OpenProject;
beforeEach(async () => {
  services = await openTestServices({});
  project = services.open;
});
afterEach(() => services.close());

const idsOf = (split: Evaluation['split']) =>
  project.columns.ofSplit(split).map((row) => project.columns.ids[row]!);

async function evaluated(runId: string, split: Evaluation['split'] = 'test'): Promise<void> {
  const scores = evaluate(new Float32Array([1, 0]), [0], 2, 2);
  await project.runs.keepEvaluation(
    {
      ...{ runId, split, tta: 'none', evaluatedAt: '2026', ...scores, classes: [], leftOut: [] },
      ...{ labelsVersion: null, partVersion: project.testParts.versionOf(split), trainedOn: 0 },
    },
    idsOf(split),
  );
}

it('counts each run and each pair once, for the version that was looked at', async () => {
  for (const name of ['One', 'Two']) await project.runs.create(recipe, name, [], 1);
  const first = project.testParts.state();
  expect(first).toMatchObject({ images: 500, runs: 0, comparisons: 0, sealed: false });
  project.testParts.requireUnused(false);

  await evaluated('run-1', 'validation');
  expect(project.testParts.state()).toEqual({ ...first, evaluated: [] });
  for (const runId of ['run-1', 'run-1', 'run-2']) await evaluated(runId);
  for (const pair of [
    ['run-1', 'run-2'],
    ['run-2', 'run-1'],
  ])
    await project.testParts.noteComparison(pair);
  expect(project.testParts.state()).toMatchObject({
    ...{ version: first.version, runs: 2, comparisons: 1 },
    evaluated: [{ version: first.version, runs: ['One', 'Two'] }],
  });
  await project.runs.delete('run-1');
  expect(project.testParts.state().runs).toBe(2);
  expect(() => project.testParts.requireUnused(false)).toThrow(
    expect.objectContaining({
      code: 'CONFLICT',
      message: expect.stringMatching(
        /^2 runs were evaluated on the present test part.*no longer comparable/,
      ) as string,
    }),
  );
  project.testParts.requireUnused(true);

  await redraw(project, 0.2, 5, { testShare: 0.2, fixed: true, fresh: true });
  await project.testParts.seal();
  const fresh = project.testParts.state();
  expect(fresh).toMatchObject({ images: 500, runs: 0, comparisons: 0, sealed: true });
  expect(fresh.version).not.toBe(first.version);
  await project.step('undo');
  expect(project.testParts.state()).toMatchObject({ version: first.version, runs: 2, sealed: false });
  await project.step('redo');
  expect(project.testParts.state()).toEqual(fresh);
  await evaluated('run-2');
  expect(project.testParts.state()).toMatchObject({
    ...{ runs: 1, sealed: false },
    evaluated: [{ version: fresh.version, runs: ['Two'] }],
  });
});

it('has another version where an image is excluded, and none where it is empty', async () => {
  const { version } = project.testParts.state();
  const [row] = project.columns.ofSplit('test');
  await project.removeItems([project.columns.ids[row!]!]);
  expect(project.testParts.state().version).not.toBe(version);
  await project.step('undo');
  expect(project.testParts.state().version).toBe(version);
  await redraw(project, 0.2, 1, { testShare: 0, fixed: true });
  expect(project.testParts.state()).toMatchObject({ version: null, images: 0, sealed: false });
});

it('draws a fresh part of other images than the present one', async () => {
  await redraw(project, 0.2, 2, { testShare: 0.2, fixed: true });
  const before = new Set(project.columns.ofSplit('test'));
  await redraw(project, 0.2, 3, { testShare: 0.2, fixed: true, fresh: true });
  const after = [...project.columns.ofSplit('test')];
  expect(after).toHaveLength(500);
  expect(after.filter((row) => before.has(row))).toEqual([]);
  expect(project.summary().counts).toMatchObject({ train: 1600, validation: 400 });
});

it('that was used is left alone by every move into or out of it, unless a person says yes', async () => {
  await project.runs.create(recipe, 'One', [], 1);
  const [training, tested] = [idsOf('train')[0]!, idsOf('test')[0]!];
  const move = (itemId: number, split: Evaluation['split'], accepted?: boolean) =>
    project.record(() => planParts(project.columns, [{ itemId, split }]), accepted);
  await move(training, 'test');
  await project.step('undo');
  await evaluated('run-1');
  const before = project.testParts.state();
  for (const [itemId, split] of [
    [training, 'test'],
    [tested, 'train'],
    [tested, 'validation'],
  ] as const)
    await expect(move(itemId, split)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(
        /^1 run was evaluated on the present test part\. To move 1 image into or out of it makes .*--accept-new-test/,
      ) as string,
      details: { takes: 'acceptNewTest', images: 1, runs: 1 },
    });
  await expect(
    project.record(
      (database) =>
        planLabelTable(database, project.columns, project.path, [
          { row: 2, hash: project.read((open) => hashOf(open, training)), split: 'test' },
        ]).plan,
    ),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(project.testParts.state()).toEqual(before);
  // Between the other parts images move as they like.
  await move(training, 'validation');
  await move(training, 'test', true);
  expect(project.testParts.state()).toMatchObject({ images: 501, runs: 0 });
});

it('stays known as looked at when images leave it or come', async () => {
  for (const name of ['One', 'Two']) await project.runs.create(recipe, name, [], 1);
  for (const runId of ['run-1', 'run-2']) await evaluated(runId);
  await project.testParts.noteComparison(['run-1', 'run-2']);
  const [first, second, third] = idsOf('test');
  expect(project.testParts.state().earlier).toBeNull();
  const known = (images: number) => ({
    ...{ runs: 0, comparisons: 0, sealed: false },
    earlier: { images, runs: 2, comparisons: 1, repairs: 0 },
  });
  await project.removeItems([first!]);
  expect(project.testParts.state()).toMatchObject({ images: 499, ...known(499) });
  await project.relabel([second!], null);
  await project.record((database) => planExclude(database, project.columns, [third!], 'blurred'));
  const left = project.testParts.state();
  expect(left).toMatchObject({ images: 497, ...known(497) });
  expect(earlierUseWords(left)).toBe(
    '497 of these 497 images were in a test part that may have informed 3 choices',
  );
  expect(() => project.testParts.requireUnused(false)).toThrow(
    /^2 runs were evaluated on a test part that had 497 of the 497 images of the present one/,
  );
  const [training] = idsOf('train');
  await project.record(() => planParts(project.columns, [{ itemId: training!, split: 'test' }]), true);
  expect(project.testParts.state()).toMatchObject({ images: 498, ...known(497) });
  // What is counted of the present version is not told twice.
  await evaluated('run-1');
  expect(project.testParts.state()).toMatchObject({
    ...{ runs: 1, comparisons: 0 },
    earlier: { images: 497, runs: 1, comparisons: 1 },
  });
  await redraw(project, 0.2, 5, { testShare: 0.2, fixed: true, fresh: true });
  expect(project.testParts.state()).toMatchObject({ runs: 0, earlier: null });
});

it('of a project whose program did not keep the images of versions is completed when it is opened', async () => {
  await project.runs.create(recipe, 'One', [], 1);
  await evaluated('run-1');
  await project.change((database) => database.exec('DELETE FROM test_versions'));
  await project.testParts.complete();
  await project.removeItems([idsOf('test')[0]!]);
  expect(project.testParts.state()).toMatchObject({ runs: 0, earlier: { images: 499, runs: 1 } });
});

it('is left as it is where the copies of a leak are excluded', async () => {
  await project.runs.create(recipe, 'One', [], 1);
  await evaluated('run-1');
  const before = project.testParts.state();
  const [training] = idsOf('train');
  const [one, two] = idsOf('test');
  const itemIds = [training!, one!, two!];
  const leak: FindingEntry = { measured: 'cluster', itemIds, evidence: [] };
  const act = (action: 'move-copies' | 'exclude-copies') =>
    project.record((database) =>
      planFinding(database, project.columns, [leak], { kind: 'leaks', action, itemIds }),
    );
  await expect(act('move-copies')).rejects.toMatchObject({ code: 'CONFLICT', details: { images: 1 } });
  expect(await act('exclude-copies')).toEqual([training]);
  expect(project.testParts.state()).toEqual(before);
});
