/** Trials that are kept in mind, against the same ones read by a store that was never asked before. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { epochOf } from '#contract/testing.ts';
import { StudyPlan } from '#contract/study.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { openForReading } from './database.ts';
import type { StoredTrial } from './run-rows.ts';
import { Studies } from './studies.ts';
import { recipe } from '../studies/testing.ts';

let services: TestServices;
beforeEach(async () => {
  const none = () => Promise.reject(new Error('Nothing is computed here.'));
  services = await openTestServices({ train: none, evaluate: none });
});
afterEach(() => services.close());

const epoch = (number: number, validationAccuracy: number) => epochOf(number, { validationAccuracy });
const trialOf = (number: number, target: number | null): StoredTrial => ({
  number,
  values: {},
  fold: null,
  seed: number,
  threads: 1,
  target,
});

it('reads trials at rest once, and anew when they move', async () => {
  const { studies, runs, path } = services.open;
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: null, seeds: [1, 2, 3] });
  const { id } = await studies.create(recipe, plan, () => 'Three seeds');
  const compare = () => {
    const database = openForReading(join(path, 'project.sqlite'));
    const refuse = () => Promise.reject(new Error('Only read.'));
    const anew = new Studies({ database, change: refuse }, { delete: refuse });
    expect(studies.trials(id)).toEqual(anew.trials(id));
    expect(studies.scores(id)).toEqual(anew.scores(id));
    database.close();
    return studies.trials(id);
  };
  const started = [];
  for (const number of [1, 2, 3])
    started.push(await runs.create(recipe, `${number}`, [], 7, { studyId: id, trial: trialOf(number, 1) }));
  const [one, two, three] = started.map((run) => run.id) as [string, string, string];
  expect(compare().map(({ epochs, epochsInAll }) => [epochs, epochsInAll])).toEqual([
    [0, 4],
    [0, 4],
    [0, 4],
  ]);

  for (const run of [one, two]) {
    await runs.begin(run);
    await runs.addEpoch(run, epoch(1, 0.5), true);
    compare();
    await runs.update(run, { state: 'finished', finishedAt: '2030-01-01T00:00:00.000Z' });
    compare();
  }
  const before = studies.trials(id);
  expect(studies.scores(id)).toEqual(
    new Map([
      [one, [0.5]],
      [two, [0.5]],
    ]),
  );

  // The first goes on from its rung, the second stays; the third fails in its first epoch.
  await runs.update(one, { state: 'queued', finishedAt: null, trial: trialOf(1, null) });
  compare();
  await runs.begin(one);
  for (const number of [2, 3, 4]) {
    await runs.addEpoch(one, epoch(number, 0.5 + number / 10), number < 4);
    expect(compare()[0]).toMatchObject({ epochs: number, state: 'running' });
  }
  await runs.update(one, { state: 'finished', finishedAt: '2030-01-01T00:00:01.000Z' });
  await runs.update(three, {
    state: 'failed',
    finishedAt: '2030-01-01T00:00:01.000Z',
    error: { code: 'WORKER_DIED', message: 'It died.', details: {} },
  });
  const after = compare();
  expect(after.map(({ epochs, score, state }) => [epochs, score, state])).toEqual([
    [4, 0.8, 'finished'],
    [1, 0.5, 'finished'],
    [0, null, 'failed'],
  ]);
  expect(after[1]).toBe(before[1]);
  expect(after[0]).not.toBe(before[0]);
  expect(studies.scores(id).get(one)).toEqual([0.5, 0.7, 0.8, 0.9]);

  await runs.delete(two);
  expect(compare().map(({ runId }) => runId)).toEqual([one, three]);
  await studies.delete(id);
  expect(compare()).toEqual([]);
});
