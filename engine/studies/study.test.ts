/** Studies on a real project with workers whose training is written out: who trains when, on what, and what is made of it. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { type Study, StudyPlan } from '#contract/study.ts';
import { startEvaluation } from '../jobs/evaluate.ts';
import { deleteStudy, resumeStudy, startStudy } from './study.ts';
import { openTestServices, type TestServices } from '../jobs/testing.ts';
import { cancelTraining, resumeTraining } from '../jobs/train.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { shareCores } from './study-runner.ts';
import { prefixOf } from '#learning/splits/name-keys.ts';
import { foldTasks, recipe, Trainings } from './testing.ts';
import { studyOf } from './view.ts';
import { redraw } from '../project/testing-redraw.ts';

const space = [
  { kind: 'number' as const, path: 'training.learningRate', low: 0.0001, high: 1, logarithmic: true },
];
const search = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'search', sampler: 'random', trials: 4, parallel: 1, space, ...changes });
const folds = (changes: object = {}) =>
  StudyPlan.parse({ kind: 'cross-validation', folds: 4, seeds: [1], parallel: 1, ...changes });

/** For what is waited for, however busy the machine is. */
const patience = { interval: 2, timeout: 60_000 };

let services: TestServices;
let trainings: Trainings;
beforeEach(async () => {
  trainings = new Trainings();
  services = await openTestServices({
    train: trainings.train,
    ...foldTasks(),
    evaluate: () => Promise.reject(new Error('No trial is evaluated.')),
  });
});
afterEach(() => services.close());

const viewOf = ({ id }: Pick<Study, 'id'>) => studyOf(services.open.studies, id);
async function ended({ id }: Pick<Study, 'id'>): Promise<Study> {
  const jobs = services.jobs.list().filter(({ studyId }) => studyId === id);
  await services.ended(jobs[jobs.length - 1]!);
  return viewOf({ id });
}
const carryOut = async (plan: StudyPlan) => ended(await startStudy(services, recipe, plan, ''));
const snapshotOf = async (runId: string) => (await readSnapshot(services.open.runs.folderOf(runId)))!;

describe('a cross-validation', () => {
  it('validates each image once, trains on the others, and never sees the test part', async () => {
    const study = await carryOut(folds({ seeds: [1, 2] }));
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 8, importance: null, error: null });
    expect(study.trials.map(({ number, fold, seed, state }) => [number, fold, seed, state])).toEqual(
      [1, 2].flatMap((seed) => [1, 2, 3, 4].map((fold) => [fold + 4 * (seed - 1), fold, seed, 'finished'])),
    );
    const { columns } = services.open;
    const outsideTest = [...columns.ids.keys()].filter((row) => columns.splits[row] !== 2);
    expect(outsideTest.length).toBe(2000);
    const validated: number[] = [];
    for (const { runId, fold, seed } of study.trials) {
      const { train, validation, labels } = await snapshotOf(runId);
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(outsideTest);
      const perClass = new Array<number>(10).fill(0);
      for (const row of validation) perClass[labels[row]!]!++;
      expect(Math.max(...perClass) - Math.min(...perClass)).toBeLessThanOrEqual(1);
      if (seed === 1) validated.push(...validation);
      else {
        const first = study.trials.find((trial) => trial.fold === fold && trial.seed === 1)!;
        expect((await snapshotOf(first.runId)).validation).toEqual(validation);
      }
      const run = services.open.runs.get(runId);
      expect(run).toMatchObject({
        studyId: study.id,
        testAccuracy: null,
        recipe: { training: { seed } },
        name: `Tiny, fold ${fold} of 4, seed ${seed}`,
      });
    }
    expect(validated.sort((a, b) => a - b)).toEqual(outsideTest);
    expect(await services.open.runs.list()).toEqual([]);
    expect(study.summary).toMatchObject({ count: 8, overSeeds: { count: 2 } });
    expect(study.summary!.mean).toBeCloseTo(0.9 - 0.1 / 4 + 0.0015, 10);
  });

  it('keeps groups together', async () => {
    const study = await carryOut(folds({ grouping: { kind: 'prefix', separator: '5' } }));
    const names = new Map<number, string>();
    await services.open.change((database) => {
      for (const { id, name } of database.prepare('SELECT id, name FROM items').all() as {
        id: number;
        name: string;
      }[])
        names.set(id, name);
    });
    const foldOf = new Map<string, number>();
    for (const { runId, fold } of study.trials) {
      for (const row of (await snapshotOf(runId)).validation) {
        const group = prefixOf(names.get(services.open.columns.ids[row]!)!, '5');
        expect(foldOf.get(group) ?? fold).toBe(fold);
        foldOf.set(group, fold!);
      }
    }
    expect(foldOf.size).toBeGreaterThan(100);
  });

  it('says which class cannot be grouped so', async () => {
    await expect(
      startStudy(services, recipe, folds({ grouping: { kind: 'folder' } }), ''),
    ).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringMatching(/all images of T-shirt\/top lie in one folder/) as string,
    });
    expect(services.open.studies.list()).toEqual([]);
    expect([prefixOf('a/b/p12_3.png', '_'), prefixOf('p12.png', '_'), prefixOf('_x.png', '_')]).toEqual([
      'p12',
      'p12',
      '_x',
    ]);
  });

  it('over seeds alone keeps the split of the project', async () => {
    const study = await carryOut(folds({ folds: null, seeds: [1, 2, 3] }));
    const { columns } = services.open;
    for (const { runId } of study.trials)
      expect((await snapshotOf(runId)).validation).toEqual(columns.ofSplit('validation'));
    expect(study.trials.map(({ fold }) => fold)).toEqual([null, null, null]);
    expect(study.summary!.deviation).toBeCloseTo(0.001, 10);
  });

  it('goes on with what was labelled when it began', async () => {
    trainings.onEpoch = ({ folder }, epoch) => {
      if (folder.endsWith('run-2') && epoch === 2) services.jobs.cancelStudy('study-1');
    };
    const stopped = await carryOut(folds());
    expect(stopped).toMatchObject({ state: 'cancelled' });
    expect(stopped.trials.map(({ state, epochs }) => [state, epochs])).toEqual([
      ['finished', 4],
      ['cancelled', 1],
    ]);
    const before = await snapshotOf('run-1');
    const other = services.open.classes()[1];
    await services.open.relabel([...services.open.columns.ids].slice(0, 300), other!.id);
    await redraw(services.open, 0.5, 9);
    trainings.onEpoch = () => undefined;
    const study = await ended(await resumeStudy(services, stopped.id));
    expect(study).toMatchObject({ state: 'finished' });
    expect(study.trials.map(({ runId }) => runId)).toEqual(['run-1', 'run-2', 'run-3', 'run-4']);
    for (const { runId } of study.trials) expect((await snapshotOf(runId)).labels).toEqual(before.labels);
    const validated = await Promise.all(
      study.trials.map(async ({ runId }) => [...(await snapshotOf(runId)).validation]),
    );
    expect(new Set(validated.flat()).size).toBe(2000);
    // The finished one was left alone, the stopped one went on.
    expect(trainings.started.map(({ input, from }) => [input.folder.slice(-5), from])).toEqual([
      ['run-1', 0],
      ['run-2', 0],
      ['run-2', 1],
      ['run-3', 0],
      ['run-4', 0],
    ]);
  });

  it('is not finished with fewer folds than it was to have, and is completed when it is resumed', async () => {
    trainings.onEpoch = ({ folder }) => {
      if (folder.endsWith('run-2')) throw new AtelierError('WORKER_DIED', 'It died.');
    };
    const study = await carryOut(folds());
    expect(study).toMatchObject({
      state: 'failed',
      error: {
        code: 'WORKER_DIED',
        message: expect.stringMatching(/^1 of 4 trials.*It died\. .*resume/) as string,
      },
    });
    trainings.onEpoch = () => undefined;
    const whole = await ended(await resumeStudy(services, study.id));
    expect(whole).toMatchObject({ state: 'finished', error: null, summary: { count: 4 } });
    expect(trainings.started.length).toBe(5);
  });

  it('says nothing of the whole where a fold failed for good', async () => {
    trainings.onEpoch = ({ folder }, epoch) => {
      if (folder.endsWith('run-2') && epoch === 2)
        throw new AtelierError('LOSS_NOT_FINITE', 'Not a number.', { epoch: 2 });
    };
    const study = await carryOut(folds());
    expect(study).toMatchObject({
      state: 'failed',
      error: {
        code: 'LOSS_NOT_FINITE',
        message:
          'Expected all 4 trainings to end, but fold 2 with seed 1 failed with: Not a number. The mean of the others says nothing of the whole; change the recipe and start another.',
        details: { epoch: 2, trial: 2, fold: 2, seed: 1 },
      },
    });
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed', 'finished', 'finished']);
  });

  it('trains no trial that it was cancelled before', async () => {
    const { runs } = services.open;
    const create = runs.create.bind(runs);
    runs.create = async (...given) => {
      const run = await create(...given);
      if (run.id === 'run-2') services.jobs.cancelStudy('study-1');
      return run;
    };
    expect(await carryOut(folds())).toMatchObject({ state: 'cancelled' });
    expect(trainings.started.length).toBe(1);
  });

  it('whose next trial finds no room on the disk fails with it, and goes on when there is some', async () => {
    const { runs } = services.open;
    const create = runs.create.bind(runs);
    runs.create = async (...given) => {
      const run = await create(...given);
      // Where a file is, no folder can be.
      if (run.id === 'run-2') {
        rmSync(runs.folderOf(run.id), { recursive: true });
        writeFileSync(runs.folderOf(run.id), '');
      }
      return run;
    };
    const study = await carryOut(folds());
    expect(study).toMatchObject({ state: 'failed', error: { code: 'FILE_NOT_WRITABLE' } });
    expect(runs.get('run-2')).toMatchObject({ state: 'failed', error: { code: 'FILE_NOT_WRITABLE' } });
    rmSync(runs.folderOf('run-2'));
    expect(await ended(await resumeStudy(services, study.id))).toMatchObject({ state: 'finished' });
  });
});

describe('a search', () => {
  it('trains several at once, each with its share of the cores', async () => {
    expect(shareCores(search({ parallel: null }), 4, 2)).toEqual({ parallel: 1, threads: 2 });
    expect(shareCores(search({ parallel: null }), 4, 16)).toEqual({ parallel: 4, threads: 4 });
    expect(shareCores(search({ parallel: 64 }), 40, 6)).toEqual({ parallel: 6, threads: 1 });
    const atOnce = Math.min(2, availableParallelism());
    // These trainings take less time than it takes to start another.
    trainings.onEpoch = async () => {
      await vi.waitUntil(() => trainings.mostAtOnce >= atOnce, patience);
    };
    const study = await carryOut(search({ trials: 6, parallel: 2 }));
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 6, summary: null });
    expect(trainings.mostAtOnce).toBe(atOnce);
    for (const { input } of trainings.started)
      expect(input).toMatchObject({ holdAfter: null, threads: trainings.started[0]!.input.threads });
    const scores = study.trials.map(({ score }) => score!);
    expect(study.trials[study.bestTrial! - 1]!.score).toBe(Math.max(...scores));
    const best = services.open.runs.get(study.trials[study.bestTrial! - 1]!.runId);
    expect(best.recipe).toEqual({
      ...recipe,
      name: `Tiny, search 1 trial ${study.bestTrial}`,
      training: {
        ...recipe.training,
        learningRate: study.trials[study.bestTrial! - 1]!.values['training.learningRate'],
      },
    });
  });

  it('tells of itself while it runs, and last of its end', async () => {
    const study = await carryOut(search());
    const told = services.events.flatMap((event) => (event.event === 'study.changed' ? [event.study] : []));
    expect(told[0]).toMatchObject({ state: 'queued', trials: [] });
    expect(told[told.length - 1]).toEqual(study);
    expect(told.length).toBeLessThan(10);
    const job = services.jobs.list().find(({ studyId }) => studyId === study.id)!;
    expect(job).toMatchObject({ kind: 'study', state: 'finished', progress: { unit: 'epochs', total: 16 } });
  });

  it('halves: most are held early, the best is trained to the end', async () => {
    const study = await carryOut(
      search({ trials: 9, halving: { reduction: 3, minimumEpochs: 1 }, sampler: 'tpe' }),
    );
    expect(study.state).toBe('finished');
    const epochs = study.trials.map((trial) => trial.epochs);
    expect(epochs.filter((count) => count === 1).length).toBeGreaterThanOrEqual(4);
    expect(epochs).toContain(4);
    for (const { state, epochs: done } of study.trials) expect(state).toBe(done < 4 ? 'held' : 'finished');
    expect(study.trials[study.bestTrial! - 1]!.epochs).toBe(4);
    // Each continuation began where the trial was held.
    for (const { from } of trainings.started) expect([0, 1, 3]).toContain(from);
    expect(trainings.started.every(({ input }) => input.holdAfter === null || input.holdAfter < 4)).toBe(
      true,
    );
  });

  it('halves few trials too: one is trained to the end', async () => {
    const study = await carryOut(search({ trials: 2, halving: { reduction: 3, minimumEpochs: 1 } }));
    expect(study.trials.map((trial) => trial.epochs).sort()).toEqual([1, 4]);
  });

  it('that was stopped goes on to the trials it would have had', async () => {
    const plan = search({ trials: 14, sampler: 'tpe', halving: { reduction: 3, minimumEpochs: 1 }, seed: 4 });
    const whole = await carryOut(plan);
    let count = 0;
    trainings.onEpoch = () => {
      if (++count % 5 === 0) services.jobs.cancelStudy('study-2');
    };
    let study = await carryOut(plan);
    let resumed = 0;
    for (; study.state === 'cancelled' && resumed < 50; resumed++)
      study = await ended(await resumeStudy(services, study.id));
    expect(resumed).toBeGreaterThan(2);
    const compared = (found: Study) =>
      found.trials.map(({ number, values, state, epochs, score }) => ({
        number,
        values,
        state,
        epochs,
        score,
      }));
    expect(compared(study)).toEqual(compared(whole));
    expect(study).toMatchObject({ state: 'finished', bestTrial: whole.bestTrial });
    expect(study.importance).toEqual(whole.importance);
  });

  it('counts a failed trial as such and goes on; fails where all do', async () => {
    trainings.onEpoch = ({ recipe: { name } }) => {
      if (/trial [13]$/.test(name)) throw new AtelierError('LOSS_NOT_FINITE', 'Not a number.');
    };
    const study = await carryOut(search());
    expect(study.trials.map(({ state, score }) => [state, score !== null])).toEqual([
      ['failed', false],
      ['finished', true],
      ['failed', false],
      ['finished', true],
    ]);
    expect(study).toMatchObject({ state: 'finished', error: null });
    trainings.onEpoch = () => {
      throw new AtelierError('LOSS_NOT_FINITE', 'Not a number.');
    };
    expect(await carryOut(search())).toMatchObject({
      state: 'failed',
      error: {
        code: 'LOSS_NOT_FINITE',
        message: 'All 4 trials failed, the last one with: Not a number.',
      },
    });
  });

  it.skipIf(availableParallelism() < 2)(
    'gives a trial that ran out of memory beside others another try with fewer at once',
    async () => {
      let alone = 0;
      trainings.onEpoch = async ({ recipe: { name } }, epoch) => {
        if (!/trial [12]$/.test(name) || epoch !== 2) return;
        await vi.waitUntil(() => trainings.mostAtOnce >= 2, patience);
        if (/trial 2$/.test(name) && ++alone === 1) throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
        // The other one is still there when memory is out.
        if (/trial 1$/.test(name)) await vi.waitUntil(() => alone > 0, patience);
      };
      const study = await carryOut(search({ trials: 4, parallel: 2 }));
      expect(study).toMatchObject({ state: 'finished', error: null });
      expect(study.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
      // Tried again from its checkpoint, and all after it one at a time.
      expect(trainings.started.map(({ input, from }) => [input.folder.slice(-5), from])).toEqual([
        ['run-1', 0],
        ['run-2', 0],
        ['run-2', 1],
        ['run-3', 0],
        ['run-4', 0],
      ]);
    },
  );

  it.skipIf(availableParallelism() < 2)('gives another try to both where two took the memory', async () => {
    const died = new Set<string>();
    trainings.onEpoch = async ({ recipe: { name } }, epoch) => {
      if (!/trial [12]$/.test(name) || epoch !== 2 || died.has(name)) return;
      await vi.waitUntil(() => trainings.mostAtOnce >= 2, patience);
      died.add(name);
      // The second one dies when the first is gone already.
      if (/trial 2$/.test(name)) await vi.waitUntil(() => died.size === 2, patience);
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    const study = await carryOut(search({ trials: 3, parallel: 2 }));
    expect(died.size).toBe(2);
    expect(study.trials.map(({ state }) => state)).toEqual(new Array(3).fill('finished'));
  });

  it('counts a precision that this machine lacks as a failed trial, and ends', async () => {
    trainings.onEpoch = ({ recipe: { training } }) => {
      if (training.precision === 'bfloat16')
        throw new AtelierError('ENGINE_FAILED', 'Cannot be had here.', { precision: 'bfloat16' });
    };
    const precision = { kind: 'choice', path: 'training.precision', values: ['float32', 'bfloat16'] };
    const study = await carryOut(search({ sampler: 'grid', space: [precision] }));
    expect(study).toMatchObject({ state: 'finished', error: null });
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed']);
  });

  it('ends at once where no trial could be trained here, and can go on when that is mended', async () => {
    trainings.onEpoch = () => {
      throw new AtelierError('ENGINE_NOT_FOUND', 'No engine.');
    };
    const study = await carryOut(search());
    expect(study).toMatchObject({ state: 'failed', error: { code: 'ENGINE_NOT_FOUND' } });
    expect(study.trials.length).toBe(1);
    trainings.onEpoch = () => undefined;
    const mended = await ended(await resumeStudy(services, study.id));
    expect(mended).toMatchObject({ state: 'finished', error: null });
    expect(mended.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
  });

  it('gives a trial whose worker died one more try, when it is resumed', async () => {
    trainings.onEpoch = ({ recipe: { name } }, epoch) => {
      if (/trial 2$/.test(name) && epoch === 3) throw new AtelierError('WORKER_DIED', 'It died.');
      if (/trial 4$/.test(name)) services.jobs.cancelStudy('study-1');
    };
    const study = await carryOut(search());
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed', 'finished', 'cancelled']);
    trainings.onEpoch = () => undefined;
    const again = await ended(await resumeStudy(services, study.id));
    expect(again.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
    expect(trainings.started.filter(({ from }) => from === 2).length).toBe(1);
  });

  it('counts values that no network can be made of as a failed trial', async () => {
    const study = await carryOut(
      search({
        sampler: 'grid',
        space: [
          {
            kind: 'choice',
            path: 'model.layers.0',
            values: [
              { kind: 'conv', filters: 4 },
              { kind: 'conv', filters: 1024, kernel: 11 },
            ],
          },
        ],
      }),
    );
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 2 });
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed']);
    expect(services.open.runs.get(study.trials[1]!.runId).error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });
});

describe('a space that was not checked whole', () => {
  it('has failed trials where values make no recipe, and goes on', async () => {
    // As a project of an earlier version holds it, which checked the ends of a range alone.
    const plan = search({
      trials: 6,
      space: [{ kind: 'number', path: 'training.batchSize', low: 31.5, high: 32.5 }],
    });
    const whole = search({
      sampler: 'grid',
      trials: 6,
      space: [{ kind: 'number', path: 'training.batchSize', low: 30, high: 32, points: 5 }],
    });
    await expect(startStudy(services, recipe, plan, '')).rejects.toThrow(/kind "integer"/);
    const { id } = await services.open.studies.create(recipe, whole, () => 'Old');
    await services.open.studies.update(id, { state: 'failed' });
    const study = await ended(await resumeStudy(services, id));
    expect(study).toMatchObject({ state: 'finished', error: null });
    expect(study.trials.map(({ state, values }) => [values['training.batchSize'], state])).toEqual([
      [30, 'finished'],
      [30.5, 'failed'],
      [31, 'finished'],
      [31.5, 'failed'],
      [32, 'finished'],
    ]);
    const run = services.open.runs.get(study.trials[1]!.runId);
    expect(run).toMatchObject({ state: 'failed', error: { code: 'RECIPE_INVALID' } });
    expect(run.error!.message).toMatch(/training\.batchSize = 30\.5/);
  });
});

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
    await expect(startStudy(services, recipe, plan, '')).rejects.toThrow(message);
    expect(services.open.studies.list()).toEqual([]);
  });
});

describe('a study', () => {
  it('does not begin random weights with frozen layers', async () => {
    const frozen = { ...recipe, training: { ...recipe.training, frozenLayers: 1 } };
    for (const plan of [folds(), search()]) {
      await expect(startStudy(services, frozen, plan, '')).rejects.toMatchObject({
        code: 'RECIPE_INVALID',
        message: expect.stringMatching(/^Expected training\.frozenLayers 0 for random weights/) as string,
      });
    }
    expect(services.open.studies.list()).toEqual([]);
  });
});

describe('a study under way', () => {
  it('lets nobody resume, delete or judge it; at rest it goes with all its folders', async () => {
    let reached = () => {};
    const second = new Promise<void>((resolve) => (reached = resolve));
    trainings.onEpoch = ({ recipe: { name } }) => {
      if (/trial 2$/.test(name)) reached();
    };
    const { id } = await startStudy(services, recipe, search({ trials: 30 }), 'Mine');
    await second;
    await expect(resumeStudy(services, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(deleteStudy(services, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const [first] = viewOf({ id }).trials;
    // Its trials stop and go on with it alone.
    const ofStudy = (what: string) => ({
      code: 'CONFLICT',
      message: `Expected a run of its own; run-2 is a trial of ${id}, which alone says ${what}.`,
      details: { runId: 'run-2', studyId: id },
    });
    expect(() => cancelTraining(services, 'run-2')).toThrow(
      expect.objectContaining(ofStudy('when its trials stop. Cancel the study')),
    );
    await expect(resumeTraining(services, 'run-2')).rejects.toMatchObject(
      ofStudy('when its trials go on. Resume the study'),
    );
    expect(viewOf({ id }).state).toBe('running');
    expect(() => startEvaluation(services, first!.runId, { split: 'test', tta: 'none' })).toThrow(
      /Study study-1 is still running/,
    );
    services.jobs.cancelStudy(id);
    const study = await ended({ id });
    expect(study).toMatchObject({ name: 'Mine', state: 'cancelled' });
    const folders = study.trials.map(({ runId }) => services.open.runs.folderOf(runId));
    expect(folders.every((folder) => existsSync(folder))).toBe(true);
    // A trial that cannot be read any more takes its folder along as well.
    await services.open.change((database) =>
      database.prepare("UPDATE runs SET trial = '{\"cut' WHERE id = ?").run(study.trials[0]!.runId),
    );
    await deleteStudy(services, id);
    expect(folders.some((folder) => existsSync(folder))).toBe(false);
    expect(await services.open.runs.list(id)).toEqual([]);
    expect(() => viewOf({ id })).toThrow(/study of this project/);
    expect(services.events[services.events.length - 1]).toEqual({ event: 'study.deleted', studyId: id });
  });

  it('that waits is cancelled without a trial', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    trainings.onEpoch = () => held;
    const first = await startStudy(services, recipe, search(), '');
    const second = await startStudy(services, recipe, search(), '');
    services.jobs.cancelStudy(second.id);
    expect(await ended(second)).toMatchObject({ state: 'cancelled', trials: [] });
    services.jobs.cancelStudy(first.id);
    letGo();
    await ended(first);
  });

  it('is not resumed while a trial is judged, nor twice at once', async () => {
    trainings.onEpoch = ({ recipe: { name } }) => {
      if (/trial 2$/.test(name)) services.jobs.cancelStudy('study-1');
    };
    const study = await carryOut(search());
    trainings.onEpoch = () => undefined;
    const evaluation = startEvaluation(services, 'run-1', { split: 'test', tta: 'none' });
    await expect(resumeStudy(services, study.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(viewOf(study).state).toBe('cancelled');
    await services.ended(evaluation);

    const both = [1, 2].map(() => resumeStudy(services, study.id));
    const answers = await Promise.allSettled(both);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await ended(study)).toMatchObject({ state: 'finished' });
    expect(services.jobs.list().filter(({ kind }) => kind === 'study').length).toBe(2);
  });

  it('leaves what waited to judge a trial without an answer', async () => {
    const study = await carryOut(search());
    let free = () => {};
    const busy = services.jobs.start(
      { kind: 'export', title: 'Other', runId: null },
      'short',
      () => new Promise<void>((resolve) => (free = resolve)),
    );
    const waiting = startEvaluation(services, 'run-1', { split: 'test', tta: 'none' });
    await services.open.studies.update(study.id, { state: 'queued' });
    free();
    await services.ended(busy);
    expect(await services.ended(waiting)).toMatchObject({ state: 'failed', error: { code: 'CONFLICT' } });
  });
});
