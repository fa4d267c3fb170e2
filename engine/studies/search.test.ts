/**
 * Searches on a real project with workers whose training is written out: which trials are trained, how far, and what is made of
 * those that fail.
 */
import { availableParallelism } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Study } from '#contract/study.ts';
import { shareCores } from './share-cores.ts';
import { resumeStudy, startStudy } from './study.ts';
import { recipe } from './testing.ts';
import { patience, search, testStudies } from './testing-studies.ts';

const test = testStudies();
const { carryOut, ended } = test;

describe('a search', () => {
  it('trains several at once, each with its share of the cores', async () => {
    expect(shareCores(search({ parallel: null }), 4, 2)).toEqual({ parallel: 1, threads: 2 });
    expect(shareCores(search({ parallel: null }), 4, 16)).toEqual({ parallel: 4, threads: 4 });
    expect(shareCores(search({ parallel: 64 }), 40, 6)).toEqual({ parallel: 6, threads: 1 });
    const atOnce = Math.min(2, availableParallelism());
    // These trainings take less time than it takes to start another.
    test.trainings.onEpoch = async () => {
      await vi.waitUntil(() => test.trainings.mostAtOnce >= atOnce, patience);
    };
    const study = await carryOut(search({ trials: 6, parallel: 2 }));
    expect(study).toMatchObject({ state: 'finished', trialsInAll: 6, summary: null });
    expect(test.trainings.mostAtOnce).toBe(atOnce);
    for (const { input } of test.trainings.started)
      expect(input).toMatchObject({ holdAfter: null, threads: test.trainings.started[0]!.input.threads });
    const scores = study.trials.map(({ score }) => score!);
    expect(study.trials[study.bestTrial! - 1]!.score).toBe(Math.max(...scores));
    const best = test.services.open.runs.get(study.trials[study.bestTrial! - 1]!.runId);
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
    const told = test.services.events.flatMap((event) =>
      event.event === 'study.changed' ? [event.study] : [],
    );
    expect(told[0]).toMatchObject({ state: 'queued', trials: [] });
    expect(told[told.length - 1]).toEqual(study);
    expect(told.length).toBeLessThan(10);
    const job = test.services.jobs.list().find(({ studyId }) => studyId === study.id)!;
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
    for (const { from } of test.trainings.started) expect([0, 1, 3]).toContain(from);
    expect(test.trainings.started.every(({ input }) => input.holdAfter === null || input.holdAfter < 4)).toBe(
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
    test.trainings.onEpoch = () => {
      if (++count % 5 === 0) test.services.jobs.cancelStudy('study-2');
    };
    let study = await carryOut(plan);
    let resumed = 0;
    for (; study.state === 'cancelled' && resumed < 50; resumed++)
      study = await ended(await resumeStudy(test.services, study.id));
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
    test.trainings.onEpoch = ({ recipe: { name } }) => {
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
    test.trainings.onEpoch = () => {
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
      test.trainings.onEpoch = async ({ recipe: { name } }, epoch) => {
        if (!/trial [12]$/.test(name) || epoch !== 2) return;
        await vi.waitUntil(() => test.trainings.mostAtOnce >= 2, patience);
        if (/trial 2$/.test(name) && ++alone === 1) throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
        // The other one is still there when memory is out.
        if (/trial 1$/.test(name)) await vi.waitUntil(() => alone > 0, patience);
      };
      const study = await carryOut(search({ trials: 4, parallel: 2 }));
      expect(study).toMatchObject({ state: 'finished', error: null });
      expect(study.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
      // Tried again from its checkpoint, and all after it one at a time.
      expect(test.trainings.started.map(({ input, from }) => [input.folder.slice(-5), from])).toEqual([
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
    test.trainings.onEpoch = async ({ recipe: { name } }, epoch) => {
      if (!/trial [12]$/.test(name) || epoch !== 2 || died.has(name)) return;
      await vi.waitUntil(() => test.trainings.mostAtOnce >= 2, patience);
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
    test.trainings.onEpoch = ({ recipe: { training } }) => {
      if (training.precision === 'bfloat16')
        throw new AtelierError('ENGINE_FAILED', 'Cannot be had here.', { precision: 'bfloat16' });
    };
    const precision = { kind: 'choice', path: 'training.precision', values: ['float32', 'bfloat16'] };
    const study = await carryOut(search({ sampler: 'grid', space: [precision] }));
    expect(study).toMatchObject({ state: 'finished', error: null });
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed']);
  });

  it('ends at once where no trial could be trained here, and can go on when that is mended', async () => {
    test.trainings.onEpoch = () => {
      throw new AtelierError('ENGINE_NOT_FOUND', 'No engine.');
    };
    const study = await carryOut(search());
    expect(study).toMatchObject({ state: 'failed', error: { code: 'ENGINE_NOT_FOUND' } });
    expect(study.trials.length).toBe(1);
    test.trainings.onEpoch = () => undefined;
    const mended = await ended(await resumeStudy(test.services, study.id));
    expect(mended).toMatchObject({ state: 'finished', error: null });
    expect(mended.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
  });

  it('gives a trial whose worker died one more try, when it is resumed', async () => {
    test.trainings.onEpoch = ({ recipe: { name } }, epoch) => {
      if (/trial 2$/.test(name) && epoch === 3) throw new AtelierError('WORKER_DIED', 'It died.');
      if (/trial 4$/.test(name)) test.services.jobs.cancelStudy('study-1');
    };
    const study = await carryOut(search());
    expect(study.trials.map(({ state }) => state)).toEqual(['finished', 'failed', 'finished', 'cancelled']);
    test.trainings.onEpoch = () => undefined;
    const again = await ended(await resumeStudy(test.services, study.id));
    expect(again.trials.map(({ state }) => state)).toEqual(new Array(4).fill('finished'));
    expect(test.trainings.started.filter(({ from }) => from === 2).length).toBe(1);
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
    expect(test.services.open.runs.get(study.trials[1]!.runId).error).toMatchObject({
      code: 'BUDGET_EXCEEDED',
    });
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
    await expect(startStudy(test.services, recipe, plan, '')).rejects.toThrow(/kind "integer"/);
    const { id } = await test.services.open.studies.create(recipe, whole, () => 'Old');
    await test.services.open.studies.update(id, { state: 'failed' });
    const study = await ended(await resumeStudy(test.services, id));
    expect(study).toMatchObject({ state: 'finished', error: null });
    expect(study.trials.map(({ state, values }) => [values['training.batchSize'], state])).toEqual([
      [30, 'finished'],
      [30.5, 'failed'],
      [31, 'finished'],
      [31.5, 'failed'],
      [32, 'finished'],
    ]);
    const run = test.services.open.runs.get(study.trials[1]!.runId);
    expect(run).toMatchObject({ state: 'failed', error: { code: 'RECIPE_INVALID' } });
    expect(run.error!.message).toMatch(/training\.batchSize = 30\.5/);
  });
});
