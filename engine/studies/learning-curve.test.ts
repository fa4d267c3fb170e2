/** Learning curves on a real project with workers whose training is written out: which images train, what is kept, what is told of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { moreImagesWords } from '#contract/learning-curve.ts';
import { defaultShares, type Study, StudyPlan } from '#contract/study.ts';
import { learningCurveOf } from '../improvements/learning-curve.ts';
import type { answerEvenly } from '../jobs/testing-runs.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { resumeStudy, startStudy } from './study.ts';
import { foldTasks, recipe, Trainings } from './testing.ts';
import { studyOf } from './view.ts';

const curve = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'learning-curve', seeds: [1, 2], parallel: 1, ...changes });

let services: TestServices;
let trainings: Trainings;
let members: [itemId: number, group: number][];
const evaluated: string[] = [];

/** Answers more images rightly the more images trained: a share of 0.95 - 2 / √n. */
const answerByImages: typeof answerEvenly = async (input) => {
  evaluated.push(input.folder.slice(input.folder.lastIndexOf('run-')));
  const { train } = (await readSnapshot(input.folder))!;
  const actual = await readInt32(input.labels);
  const right = 0.95 - 2 / Math.sqrt(train.length);
  const probabilities = new Float32Array(actual.length * 10);
  const seen = new Array<number>(10).fill(0);
  actual.forEach((label, image) => {
    const share = ((seen[label]! + 0.5) * 0.618034) % 1;
    seen[label]! += 1;
    probabilities[image * 10 + (share < right ? label : (label + 1) % 10)] = 1;
  });
  await writeArray(input.predictions, probabilities);
  return evaluate(probabilities, actual, 10, 3);
};

beforeEach(async () => {
  members = [];
  evaluated.length = 0;
  trainings = new Trainings();
  services = await openTestServices({
    train: trainings.train,
    ...foldTasks(() => members),
    evaluate: answerByImages,
  });
});
afterEach(() => services.close());

async function ended({ id }: Pick<Study, 'id'>): Promise<Study> {
  const jobs = services.jobs.list().filter(({ studyId }) => studyId === id);
  await services.ended(jobs[jobs.length - 1]!);
  return studyOf(services.open.studies, id);
}
const carryOut = async (plan: StudyPlan) => ended(await startStudy(services, recipe, plan, ''));
const snapshotOf = async (runId: string) => (await readSnapshot(services.open.runs.folderOf(runId)))!;

describe('a learning curve', () => {
  it('trains on growing parts, the largest first, and validates on all validation images', async () => {
    const { columns, runs } = services.open;
    const study = await carryOut(curve());
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 10, summary: null, importance: null });
    expect(study.name).toBe('Tiny: learning curve 1');
    const largestFirst = [...defaultShares].reverse();
    expect(study.trials.map(({ values, seed, fold }) => [values['share'], seed, fold])).toEqual(
      [1, 2].flatMap((seed) => largestFirst.map((share) => [share, seed, null])),
    );
    const all = columns.ofSplit('train');
    let before: ReadonlySet<number> = new Set();
    for (const { runId, values, seed } of [...study.trials.slice(0, 5)].reverse()) {
      const { train, validation, labels } = await snapshotOf(runId);
      expect(train.length / all.length).toBeCloseTo(Number(values['share']), 2);
      expect(validation).toEqual(columns.ofSplit('validation'));
      const perClass = new Array<number>(10).fill(0);
      for (const row of train) perClass[labels[row]!]! += 1;
      expect(Math.max(...perClass) - Math.min(...perClass)).toBeLessThanOrEqual(3);
      for (const row of before) expect(train.includes(row)).toBe(true);
      before = new Set(train);
      expect(runs.get(runId)).toMatchObject({ studyId: study.id, testAccuracy: null });
      // As many steps as on all images.
      const { training } = runs.get(runId).recipe;
      const steps = Math.round(recipe.training.epochs / Number(values['share']));
      expect([training.seed, training.epochs]).toEqual([seed, steps]);
      expect(runs.evaluation(runId, 'test')).toBeNull();
    }
    expect((await snapshotOf('run-2')).train).not.toEqual((await snapshotOf('run-7')).train);
    expect(evaluated).toHaveLength(10);
  });

  it('says what more images would gain, overall and of each class', async () => {
    const { id } = await carryOut(curve());
    const { overall, classes, leak } = await learningCurveOf(services.open, id);
    expect(leak).toEqual({ images: services.open.columns.ofSplit('validation').length, leaked: 0 });
    const { to, now, twice } = overall.fit!;
    expect(overall.points).toHaveLength(10);
    const truth = (images: number) => 0.95 - 2 / Math.sqrt(images);
    expect(Math.abs(now.value - truth(to))).toBeLessThan(0.02);
    expect(twice.low).toBeLessThanOrEqual(truth(2 * to) - truth(to));
    expect(twice.high).toBeGreaterThanOrEqual(truth(2 * to) - truth(to));
    expect(classes).toHaveLength(10);
    expect(classes[3]!.points.map(({ tested }) => tested)).toEqual(
      new Array(10).fill(classes[3]!.points[0]!.tested),
    );
    expect(moreImagesWords(overall)).toMatch(
      /^(About [\d,]+ more images for \+2 points|How many more images)/,
    );
    // Groups that are found later say what leaked.
    const [trained] = services.open.columns.ofSplit('train');
    const [validated] = services.open.columns.ofSplit('validation');
    const ids = [trained, validated].map((row): [number, number] => [services.open.columns.ids[row!]!, 1]);
    await services.open.groups.keep({ ...services.open.groups.found!, at: 'later', members: ids });
    expect((await learningCurveOf(services.open, id)).leak).toMatchObject({ leaked: 1 });
    // Kept until a trial changes.
    expect(await learningCurveOf(services.open, id)).toBe(await learningCurveOf(services.open, id));
  });

  it('keeps groups whole, and goes on with the images that it began with', async () => {
    const { columns, groups } = services.open;
    const train = [...columns.ids].filter((_, row) => columns.splits[row] === 0);
    members = train.slice(0, 300).map((id, at): [number, number] => [id, Math.floor(at / 3)]);
    trainings.onEpoch = ({ folder }) => {
      if (folder.endsWith('run-2')) throw new AtelierError('WORKER_DIED', 'It died.');
    };
    const stopped = await carryOut(curve({ seeds: [1] }));
    expect(stopped.state).toBe('failed');
    const whole = [...(await snapshotOf('run-1')).train];
    const half = (await snapshotOf('run-3')).train;
    // The largest is gone, groups were found anew and images relabelled meanwhile.
    await services.open.runs.delete('run-1');
    await groups.keep({ ...groups.found!, members: [] });
    await services.open.relabel([...columns.ids].slice(0, 300), services.open.classes()[1]!.id);
    trainings.onEpoch = () => undefined;
    const study = await ended(await resumeStudy(services, stopped.id));
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 5 });
    const again = study.trials.find(({ values }) => values['share'] === 1)!;
    expect([...(await snapshotOf(again.runId)).train]).toEqual(whole);
    expect((await snapshotOf(again.runId)).labels).toEqual((await snapshotOf('run-3')).labels);
    const rowsOf = new Set(half);
    for (let group = 0; group < 100; group += 1) {
      const inside = members
        .slice(3 * group, 3 * group + 3)
        .filter(([id]) => rowsOf.has(columns.positionOf(id))).length;
      expect([0, 3]).toContain(inside);
    }
  });

  it('is refused where its plan says nothing', async () => {
    for (const shares of [
      [0.5, 1],
      [0.1, 0.2, 0.3, 0.4],
      [0.5, 0.2, 0.7, 1],
    ])
      expect(StudyPlan.safeParse({ kind: 'learning-curve', shares }).success).toBe(false);
    await expect(startStudy(services, recipe, curve({ seeds: [1, 1] }), '')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const other = await carryOut(StudyPlan.parse({ kind: 'cross-validation', folds: 2, parallel: 1 }));
    expect(() => learningCurveOf(services.open, other.id)).toThrow(/is a cross-validation/);
  });
});
