/** Folds of a cross-validation: by the groups of the project, which are found first, and kept when groups change. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { counterpartOf, type Study, StudyPlan } from '#contract/study.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { resumeStudy, startStudy } from './study.ts';
import { foldTasks, recipe, Trainings } from './testing.ts';
import { studyOf } from './view.ts';

const folds = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'cross-validation', folds: 4, seeds: [1], parallel: 1, ...changes });

let services: TestServices;
let trainings: Trainings;
/** What belongs together, as a worker would find it. */
let members: [itemId: number, group: number][];
beforeEach(async () => {
  members = [];
  trainings = new Trainings();
  services = await openTestServices({ train: trainings.train, ...foldTasks(() => members) });
});
afterEach(() => services.close());

async function ended({ id }: Pick<Study, 'id'>): Promise<Study> {
  const jobs = services.jobs.list().filter(({ studyId }) => studyId === id);
  await services.ended(jobs[jobs.length - 1]!);
  return studyOf(services.open.studies, id);
}
const carryOut = async (plan: StudyPlan) => ended(await startStudy(services, recipe, plan, ''));
const snapshotOf = async (runId: string) => (await readSnapshot(services.open.runs.folderOf(runId)))!;

describe('folds', () => {
  it('goes by the groups of the project, finds them first, and keeps its folds when they change', async () => {
    const { columns, groups, studies } = services.open;
    const inPool = [...columns.ids].filter((_, row) => columns.splits[row] !== 2);
    members = inPool.slice(0, 900).map((id, at): [number, number] => [id, Math.floor(at / 3)]);
    const study = await carryOut(folds());
    expect(study).toMatchObject({ state: 'finished', plan: { grouping: { kind: 'groups' } } });
    expect(groups.facts()).toMatchObject({ groups: 300, images: 900, later: 0 });
    const kept = studies.foldsOf(study.id)!;
    for (const [id, group] of members) expect(kept.get(id)).toBe(kept.get(members[3 * group]![0]));
    for (const { runId, fold } of study.trials)
      for (const row of (await snapshotOf(runId)).validation)
        expect(kept.get(columns.ids[row]!)).toBe(fold! - 1);
    expect(kept.size).toBe(inPool.length);

    // A random one beside it parts them.
    const random = await carryOut(folds({ grouping: { kind: 'none' } }));
    const parted = studies.foldsOf(random.id)!;
    expect(members.some(([id, group]) => parted.get(id) !== parted.get(members[3 * group]![0]))).toBe(true);
    expect(counterpartOf(study, [study, random])?.id).toBe(random.id);
    expect(counterpartOf(random, [study, random])?.id).toBe(study.id);

    // Killed, and resumed after groups were found anew: its folds are those that it began with.
    trainings.onEpoch = ({ folder }) => {
      if (folder.endsWith('run-11')) throw new AtelierError('WORKER_DIED', 'It died.');
    };
    const stopped = await carryOut(folds({ seeds: [2] }));
    expect(stopped.state).toBe('failed');
    const before = studies.foldsOf(stopped.id)!;
    await groups.keep({ ...groups.found!, members: [] });
    trainings.onEpoch = () => undefined;
    const resumed = await ended(await resumeStudy(services, stopped.id));
    expect(resumed.state).toBe('finished');
    expect(studies.foldsOf(stopped.id)).toEqual(before);
    for (const { runId, fold } of resumed.trials)
      for (const row of (await snapshotOf(runId)).validation)
        expect(before.get(columns.ids[row]!)).toBe(fold! - 1);
  });

  it('says before it begins where a class is one group', async () => {
    const { columns, groups } = services.open;
    await carryOut(folds());
    const first = columns.classIds[0]!;
    const own = [...columns.ids].filter((_, row) => columns.classIds[row] === first);
    await groups.keep({ ...groups.found!, members: own.map((id): [number, number] => [id, 7]) });
    await expect(startStudy(services, recipe, folds(), '')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringMatching(/all images of .* belong to one group/) as string,
    });
  });
});
