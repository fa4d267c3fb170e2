/** Cross-validations on a real project with workers whose training is written out: what trains on what, and what is made of it. */
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { prefixOf } from '#learning/splits/name-keys.ts';
import { resumeStudy, startStudy } from './study.ts';
import { recipe } from './testing.ts';
import { folds, testStudies } from './testing-studies.ts';
import { redraw } from '../project/testing-redraw.ts';

const test = testStudies();
const { carryOut, ended, snapshotOf } = test;

describe('a cross-validation', () => {
  it('validates each image once, trains on the others, and never sees the test part', async () => {
    const study = await carryOut(folds({ seeds: [1, 2] }));
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 8, importance: null, error: null });
    expect(study.trials.map(({ number, fold, seed, state }) => [number, fold, seed, state])).toEqual(
      [1, 2].flatMap((seed) => [1, 2, 3, 4].map((fold) => [fold + 4 * (seed - 1), fold, seed, 'finished'])),
    );
    const { columns } = test.services.open;
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
      const run = test.services.open.runs.get(runId);
      expect(run).toMatchObject({
        studyId: study.id,
        testAccuracy: null,
        recipe: { training: { seed } },
        name: `Tiny, fold ${fold} of 4, seed ${seed}`,
      });
    }
    expect(validated.sort((a, b) => a - b)).toEqual(outsideTest);
    expect(await test.services.open.runs.list()).toEqual([]);
    expect(study.summary).toMatchObject({ count: 8, overSeeds: { count: 2 } });
    expect(study.summary!.mean).toBeCloseTo(0.9 - 0.1 / 4 + 0.0015, 10);
  });

  it('keeps groups together', async () => {
    const study = await carryOut(folds({ grouping: { kind: 'prefix', separator: '5' } }));
    const names = new Map<number, string>();
    await test.services.open.change((database) => {
      for (const { id, name } of database.prepare('SELECT id, name FROM items').all() as {
        id: number;
        name: string;
      }[])
        names.set(id, name);
    });
    const foldOf = new Map<string, number>();
    for (const { runId, fold } of study.trials) {
      for (const row of (await snapshotOf(runId)).validation) {
        const group = prefixOf(names.get(test.services.open.columns.ids[row]!)!, '5');
        expect(foldOf.get(group) ?? fold).toBe(fold);
        foldOf.set(group, fold!);
      }
    }
    expect(foldOf.size).toBeGreaterThan(100);
  });

  it('says which class cannot be grouped so', async () => {
    await expect(
      startStudy(test.services, recipe, folds({ grouping: { kind: 'folder' } }), ''),
    ).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringMatching(/all images of T-shirt\/top lie in one folder/) as string,
    });
    expect(test.services.open.studies.list()).toEqual([]);
    expect([prefixOf('a/b/p12_3.png', '_'), prefixOf('p12.png', '_'), prefixOf('_x.png', '_')]).toEqual([
      'p12',
      'p12',
      '_x',
    ]);
  });

  it('over seeds alone keeps the split of the project', async () => {
    const study = await carryOut(folds({ folds: null, seeds: [1, 2, 3] }));
    const { columns } = test.services.open;
    for (const { runId } of study.trials)
      expect((await snapshotOf(runId)).validation).toEqual(columns.ofSplit('validation'));
    expect(study.trials.map(({ fold }) => fold)).toEqual([null, null, null]);
    expect(study.summary!.deviation).toBeCloseTo(0.001, 10);
  });

  it('goes on with what was labelled when it began', async () => {
    test.trainings.onEpoch = ({ folder }, epoch) => {
      if (folder.endsWith('run-2') && epoch === 2) test.services.jobs.cancelStudy('study-1');
    };
    const stopped = await carryOut(folds());
    expect(stopped).toMatchObject({ state: 'cancelled' });
    expect(stopped.trials.map(({ state, epochs }) => [state, epochs])).toEqual([
      ['finished', 4],
      ['cancelled', 1],
    ]);
    const before = await snapshotOf('run-1');
    const other = test.services.open.classes()[1];
    await test.services.open.relabel([...test.services.open.columns.ids].slice(0, 300), other!.id);
    await redraw(test.services.open, 0.5, 9);
    test.trainings.onEpoch = () => undefined;
    const study = await ended(await resumeStudy(test.services, stopped.id));
    expect(study).toMatchObject({ state: 'finished' });
    expect(study.trials.map(({ runId }) => runId)).toEqual(['run-1', 'run-2', 'run-3', 'run-4']);
    for (const { runId } of study.trials) expect((await snapshotOf(runId)).labels).toEqual(before.labels);
    const validated = await Promise.all(
      study.trials.map(async ({ runId }) => [...(await snapshotOf(runId)).validation]),
    );
    expect(new Set(validated.flat()).size).toBe(2000);
    // The finished one was left alone, the stopped one went on.
    expect(test.trainings.started.map(({ input, from }) => [input.folder.slice(-5), from])).toEqual([
      ['run-1', 0],
      ['run-2', 0],
      ['run-2', 1],
      ['run-3', 0],
      ['run-4', 0],
    ]);
  });

  it('is not finished with fewer folds than it was to have, and is completed when it is resumed', async () => {
    test.trainings.onEpoch = ({ folder }) => {
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
    test.trainings.onEpoch = () => undefined;
    const whole = await ended(await resumeStudy(test.services, study.id));
    expect(whole).toMatchObject({ state: 'finished', error: null, summary: { count: 4 } });
    expect(test.trainings.started.length).toBe(5);
  });

  it('says nothing of the whole where a fold failed for good', async () => {
    test.trainings.onEpoch = ({ folder }, epoch) => {
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
    const { runs } = test.services.open;
    const create = runs.create.bind(runs);
    runs.create = async (...given) => {
      const run = await create(...given);
      if (run.id === 'run-2') test.services.jobs.cancelStudy('study-1');
      return run;
    };
    expect(await carryOut(folds())).toMatchObject({ state: 'cancelled' });
    expect(test.trainings.started.length).toBe(1);
  });

  it('whose next trial finds no room on the disk fails with it, and goes on when there is some', async () => {
    const { runs } = test.services.open;
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
    expect(await ended(await resumeStudy(test.services, study.id))).toMatchObject({ state: 'finished' });
  });
});
