/** What holds of all studies: plans that are refused, and what may be done with one that is under way or at rest. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startEvaluation } from '../jobs/evaluate.ts';
import { cancelTraining, resumeTraining } from '../jobs/train.ts';
import { deleteStudy, resumeStudy, startStudy } from './study.ts';
import { recipe } from './testing.ts';
import { folds, search, space, testStudies } from './testing-studies.ts';

const test = testStudies();
const { carryOut, ended, viewOf } = test;

describe('a plan', () => {
  it.each([
    [folds({ seeds: [1, 1] }), /different seeds/],
    [search({ halving: { reduction: 3, minimumEpochs: 4 } }), /fewer epochs than the recipe's 4/],
    [
      search({
        halving: {},
        space: [{ kind: 'integer', path: 'training.epochs', low: 1, high: 3 }],
      }),
      /Take training\.epochs out/,
    ],
    [search({ space: [{ ...space[0]!, path: 'training.rate' }] }), /training\.rate/],
    [
      search({ space: [{ kind: 'integer', path: 'training.frozenLayers', low: 0, high: 2 }] }),
      /without training\.frozenLayers: trials begin with random weights/,
    ],
  ])('that contradicts itself is refused', async (plan, message) => {
    await expect(startStudy(test.services, recipe, plan, '')).rejects.toThrow(message);
    expect(test.services.open.studies.list()).toEqual([]);
  });
});

describe('a study', () => {
  it('does not begin random weights with frozen layers', async () => {
    const frozen = { ...recipe, training: { ...recipe.training, frozenLayers: 1 } };
    for (const plan of [folds(), search()]) {
      await expect(startStudy(test.services, frozen, plan, '')).rejects.toMatchObject({
        code: 'RECIPE_INVALID',
        message: expect.stringMatching(/^Expected training\.frozenLayers 0 for random weights/) as string,
      });
    }
    expect(test.services.open.studies.list()).toEqual([]);
  });
});

describe('a study under way', () => {
  it('lets nobody resume, delete or judge it; at rest it goes with all its folders', async () => {
    let reached = () => {};
    const second = new Promise<void>((resolve) => (reached = resolve));
    test.trainings.onEpoch = ({ recipe: { name } }) => {
      if (/trial 2$/.test(name)) reached();
    };
    const { id } = await startStudy(test.services, recipe, search({ trials: 30 }), 'Mine');
    await second;
    await expect(resumeStudy(test.services, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(deleteStudy(test.services, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const [first] = viewOf({ id }).trials;
    // Its trials stop and go on with it alone.
    const ofStudy = (what: string) => ({
      code: 'CONFLICT',
      message: `Expected a run of its own; run-2 is a trial of ${id}, which alone says ${what}.`,
      details: { runId: 'run-2', studyId: id },
    });
    expect(() => cancelTraining(test.services, 'run-2')).toThrow(
      expect.objectContaining(ofStudy('when its trials stop. Cancel the study')),
    );
    await expect(resumeTraining(test.services, 'run-2')).rejects.toMatchObject(
      ofStudy('when its trials go on. Resume the study'),
    );
    expect(viewOf({ id }).state).toBe('running');
    expect(() => startEvaluation(test.services, first!.runId, { split: 'test', tta: 'none' })).toThrow(
      /Study study-1 is still running/,
    );
    test.services.jobs.cancelStudy(id);
    const study = await ended({ id });
    expect(study).toMatchObject({ name: 'Mine', state: 'cancelled' });
    const folders = study.trials.map(({ runId }) => test.services.open.runs.folderOf(runId));
    expect(folders.every((folder) => existsSync(folder))).toBe(true);
    // A trial that cannot be read any more takes its folder along as well.
    await test.services.open.change((database) =>
      database.prepare("UPDATE runs SET trial = '{\"cut' WHERE id = ?").run(study.trials[0]!.runId),
    );
    await deleteStudy(test.services, id);
    expect(folders.some((folder) => existsSync(folder))).toBe(false);
    expect(await test.services.open.runs.list(id)).toEqual([]);
    expect(() => viewOf({ id })).toThrow(/study of this project/);
    expect(test.services.events[test.services.events.length - 1]).toEqual({
      event: 'study.deleted',
      studyId: id,
    });
  });

  it('that waits is cancelled without a trial', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    test.trainings.onEpoch = () => held;
    const first = await startStudy(test.services, recipe, search(), '');
    const second = await startStudy(test.services, recipe, search(), '');
    test.services.jobs.cancelStudy(second.id);
    expect(await ended(second)).toMatchObject({ state: 'cancelled', trials: [] });
    test.services.jobs.cancelStudy(first.id);
    letGo();
    await ended(first);
  });

  it('is not resumed while a trial is judged, nor twice at once', async () => {
    test.trainings.onEpoch = ({ recipe: { name } }) => {
      if (/trial 2$/.test(name)) test.services.jobs.cancelStudy('study-1');
    };
    const study = await carryOut(search());
    test.trainings.onEpoch = () => undefined;
    const evaluation = startEvaluation(test.services, 'run-1', { split: 'test', tta: 'none' });
    await expect(resumeStudy(test.services, study.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(viewOf(study).state).toBe('cancelled');
    await test.services.ended(evaluation);

    const both = [1, 2].map(() => resumeStudy(test.services, study.id));
    const answers = await Promise.allSettled(both);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await ended(study)).toMatchObject({ state: 'finished' });
    expect(test.services.jobs.list().filter(({ kind }) => kind === 'study').length).toBe(2);
  });

  it('leaves what waited to judge a trial without an answer', async () => {
    const study = await carryOut(search());
    let free = () => {};
    const busy = test.services.jobs.start(
      { kind: 'export', title: 'Other', runId: null },
      'short',
      () => new Promise<void>((resolve) => (free = resolve)),
    );
    const waiting = startEvaluation(test.services, 'run-1', { split: 'test', tta: 'none' });
    await test.services.open.studies.update(study.id, { state: 'queued' });
    free();
    await test.services.ended(busy);
    expect(await test.services.ended(waiting)).toMatchObject({
      state: 'failed',
      error: { code: 'CONFLICT' },
    });
  });
});
