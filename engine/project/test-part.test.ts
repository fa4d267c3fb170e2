/** The test part over time: its version is its images, looks at it are counted once each, and undoing brings all back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Evaluation } from '#contract/evaluation.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { recipe } from '../studies/testing.ts';
import type { OpenProject } from './project.ts';
import { redraw } from './testing-redraw.ts';

let services: TestServices;
let project: OpenProject;
beforeEach(async () => {
  services = await openTestServices({});
  project = services.open;
});
afterEach(() => services.close());

async function evaluated(runId: string, split: Evaluation['split'] = 'test'): Promise<void> {
  const scores = evaluate(new Float32Array([1, 0]), [0], 2, 2);
  await project.runs.keepEvaluation({
    ...{ runId, split, tta: 'none', evaluatedAt: '2026', ...scores, classes: [], leftOut: [] },
    ...{ labelsVersion: null, partVersion: project.testParts.versionOf(split), trainedOn: 0 },
  });
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
