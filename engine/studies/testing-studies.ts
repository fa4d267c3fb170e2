/** For tests only: studies on a real project, made anew for each test, with workers whose training is written out. */
import { afterEach, beforeEach } from 'vitest';
import { type Study, StudyPlan } from '#contract/study.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { startStudy } from './study.ts';
import { recipe, Trainings, foldTasks } from './testing.ts';
import { studyOf } from './view.ts';

export const space = [
  { kind: 'number' as const, path: 'training.learningRate', low: 0.0001, high: 1, logarithmic: true },
];
export const search = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'search', sampler: 'random', trials: 4, parallel: 1, space, ...changes });
export const folds = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'cross-validation', folds: 4, seeds: [1], parallel: 1, ...changes });

/** For what is waited for, however busy the machine is. */
export const patience = { interval: 2, timeout: 60_000 };

export function testStudies() {
  const test = {} as { services: TestServices; trainings: Trainings };
  beforeEach(async () => {
    const trainings = new Trainings();
    const services = await openTestServices({
      train: trainings.train,
      ...foldTasks(),
      evaluate: () => Promise.reject(new Error('No trial is evaluated.')),
    });
    Object.assign(test, { services, trainings });
  });
  afterEach(() => test.services.close());
  const viewOf = ({ id }: Pick<Study, 'id'>) => studyOf(test.services.open.studies, id);
  async function ended({ id }: Pick<Study, 'id'>): Promise<Study> {
    const jobs = test.services.jobs.list().filter(({ studyId }) => studyId === id);
    await test.services.ended(jobs[jobs.length - 1]!);
    return viewOf({ id });
  }
  const carryOut = async (plan: StudyPlan) => ended(await startStudy(test.services, recipe, plan, ''));
  const snapshotOf = async (runId: string) => (await readSnapshot(test.services.open.runs.folderOf(runId)))!;
  return Object.assign(test, { viewOf, ended, carryOut, snapshotOf });
}
