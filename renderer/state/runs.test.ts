import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Damaged, Epoch, Origin, Run } from '#contract/run.ts';
import { type Progress, Runs, thinned } from './runs.svelte.ts';
import { type Answers, byHand, projectOf, recipeOf, runOf as run, TestStudio } from './testing.ts';

const progress = (step: number, more: Partial<Progress> = {}): Progress => ({
  event: 'run.progress',
  runId: 'r1',
  step,
  steps: 100,
  epoch: 1,
  epochs: 10,
  loss: 1,
  accuracy: 0.5,
  learningRate: 0.1,
  imagesPerSecond: 100,
  secondsLeft: 9,
  ...more,
});

let runs: Runs;
beforeEach(() => {
  runs = new Runs(new TestStudio());
  runs.receive({ event: 'run.changed', run: run('r1') });
});

describe('runs', () => {
  it('are newest first, and the newest usable one is current until another is chosen', () => {
    runs.receive({ event: 'run.changed', run: run('r2', { state: 'finished' }) });
    runs.receive({ event: 'run.changed', run: run('r3', { state: 'cancelled' }) });
    runs.receive({ event: 'run.changed', run: run('r1', { state: 'cancelled', bestEpoch: 2 }) });
    expect(runs.list.map(({ id }) => id)).toEqual(['r3', 'r2', 'r1']);
    expect(runs.current?.id).toBe('r2');
    runs.choose('r1');
    expect(runs.current?.id).toBe('r1');
    runs.receive({ event: 'run.deleted', runId: 'r1' });
    expect(runs.current?.id).toBe('r2');
  });

  it('start once, however often Train is clicked', async () => {
    const { ask, answers } = byHand<unknown[], Run>();
    const store = new Runs(new TestStudio({ runs: { start: ask } }));
    const recipe = recipeOf('Quick');
    const first = store.start(recipe);
    expect(await store.start(recipe)).toBeUndefined();
    expect([answers.length, store.starting]).toEqual([1, true]);
    answers[0]!.give(run('r7'));
    expect((await first)?.id).toBe('r7');
    expect([store.starting, store.watched?.id]).toEqual([false, 'r7']);
    void store.start(recipe);
    expect(answers).toHaveLength(2);
  });

  it('start with frozen layers only from the weights of another, or of a backbone', async () => {
    const start = vi.fn<StudioClient['runs']['start']>(() => Promise.resolve(run('r1')));
    const store = new Runs(new TestStudio({ runs: { start } }));
    const recipe = recipeOf('Quick', { frozenLayers: 2 });
    const begun: Recipe = { ...recipe, model: { ...recipe.model, backbone: 'efficientnet-lite0' } };
    const origin: Origin = { runId: 'r0', how: 'fine-tune' };
    await store.start(recipe, origin);
    await store.start(recipe);
    await store.start(begun);
    expect(start.mock.calls.map(([given]) => given)).toEqual([
      { recipe, origin },
      { recipe: { ...recipe, training: { ...recipe.training, frozenLayers: 0 } } },
      { recipe: begun },
    ]);
  });

  it('shows the first run that is heard of, and stays with it', () => {
    expect(runs.watched?.id).toBe('r1');
    runs.receive({ event: 'run.changed', run: run('r2') });
    expect(runs.watched?.id).toBe('r1');
  });

  it('take epochs once each, and again from a resumed run', () => {
    const epoch = (number: number, trainLoss = 1) => ({ epoch: number, trainLoss }) as Epoch;
    for (const [number, loss] of [
      [1, 3],
      [2, 2],
      [3, 1.5],
      [2, 1.9],
    ] as const) {
      runs.receive({ event: 'run.epoch', runId: 'r1', epoch: epoch(number, loss) });
    }
    expect(runs.get('r1')?.epochs.map(({ epoch: number, trainLoss }) => [number, trainLoss])).toEqual([
      [1, 3],
      [2, 1.9],
    ]);
  });

  it('place steps in epochs, and take back those after a checkpoint that is resumed', () => {
    for (const step of [10, 20, 30, 20]) runs.receive(progress(step));
    expect(runs.points('r1').map(({ x }) => x)).toEqual([1, 2]);
    expect(runs.progress('r1')?.step).toBe(20);
  });

  it('keep a bounded number of points, the newest all', () => {
    const points = Array.from({ length: 1001 }, (_, x) => ({ x, loss: 0, accuracy: 0 }));
    const fewer = thinned(points, 1000);
    expect(fewer.length).toBe(751);
    expect(fewer.slice(-500)).toEqual(points.slice(-500));
    expect(thinned(fewer, 1000)).toBe(fewer);
  });
});

describe('trials', () => {
  it('are watched and judged like any run, but do not stand in the list', () => {
    runs.receive({ event: 'run.changed', run: run('r1', { state: 'finished' }) });
    runs.receive({ event: 'run.changed', run: run('r2', { state: 'finished', studyId: 's' }) });
    expect(runs.list.map(({ id }) => id)).toEqual(['r1']);
    expect(runs.current?.id).toBe('r1');
    runs.watch('r2');
    runs.choose('r2');
    expect(runs.watched?.id).toBe('r2');
    expect(runs.current?.id).toBe('r2');
    expect(runs.choices(runs.current).map(({ id }) => id)).toEqual(['r2', 'r1']);
    expect(runs.choices(runs.get('r1')!).map(({ id }) => id)).toEqual(['r1']);
    runs.receive({ event: 'run.deleted', runId: 'r2' });
    expect([runs.watched?.id, runs.current?.id]).toEqual(['r1', 'r1']);
    runs.receive({ event: 'run.changed', run: run('r3', { studyId: 's' }) });
    runs.receive({ event: 'study.deleted', studyId: 's' });
    expect(runs.get('r3')).toBeUndefined();
  });

  it('do not take the place of what is watched', () => {
    const fresh = new Runs(new TestStudio());
    fresh.receive({ event: 'run.changed', run: run('r2', { studyId: 's' }) });
    expect(fresh.watched).toBeNull();
  });
});

describe('a studio that is connected again', () => {
  it('tells anew of the trials that were known, and of those only', async () => {
    const asked: unknown[] = [];
    const answers: Answers = {
      runs: {
        list: (input) => {
          asked.push(input?.studyId);
          return Promise.resolve(
            input ? [run('r2', { studyId: 's', state: 'finished' })] : [run('r1', { state: 'finished' })],
          );
        },
        damaged: () => Promise.resolve([]),
      },
    };
    runs = new Runs(new TestStudio(answers, projectOf()));
    for (const known of [run('r1'), run('r2', { studyId: 's' }), run('r3', { studyId: 's' })])
      runs.receive({ event: 'run.changed', run: known });
    runs.watch('r3');
    await runs.read();
    expect(asked).toEqual([undefined, 's']);
    expect([runs.get('r1')?.state, runs.get('r2')?.state]).toEqual(['finished', 'finished']);
    expect([runs.get('r3'), runs.watched?.id]).toEqual([undefined, 'r1']);
  });

  it('is asked about a run that only another one names, before that is called deleted', async () => {
    const answers: Record<string, Run> = { r8: run('r8', { studyId: 's' }) };
    const get = vi.fn(({ runId }: { runId: string }) =>
      answers[runId]
        ? Promise.resolve(answers[runId])
        : Promise.reject(new AtelierError('NOT_FOUND', 'Gone.')),
    );
    runs = new Runs(new TestStudio({ runs: { get } }));
    expect(runs.isGone('r9')).toBe(false);
    for (const id of ['r8', 'r8', 'r9']) await runs.seek(id);
    expect(get).toHaveBeenCalledTimes(2);
    expect([runs.get('r8')?.studyId, runs.isGone('r8'), runs.isGone('r9')]).toEqual(['s', false, true]);
    runs.receive({ event: 'run.deleted', runId: 'r8' });
    expect(runs.isGone('r8')).toBe(true);
  });
});

describe('runs that cannot be read', () => {
  const damaged = (id: string): Damaged => ({
    id,
    error: { code: 'PROJECT_DAMAGED', message: `${id} cannot be read.`, details: {} },
  });
  const ids = (studyId?: string) => runs.damaged(studyId).map(({ id }) => id);
  beforeEach(async () => {
    const answers: Answers = {
      runs: {
        list: () => Promise.resolve([run('r4')]),
        damaged: (input) => Promise.resolve((input ? ['t1', 't2'] : ['r1', 'r2']).map(damaged)),
        delete: () => Promise.resolve({}),
      },
    };
    runs = new Runs(new TestStudio(answers, projectOf()));
    await runs.read();
    await runs.readStudy('s');
  });

  it('stand beside those of the list, and trials with their study', async () => {
    expect([ids(), ids('s')]).toEqual([
      ['r1', 'r2'],
      ['t1', 't2'],
    ]);
    await runs.read();
    expect([ids(), ids('s')]).toEqual([
      ['r1', 'r2'],
      ['t1', 't2'],
    ]);
    runs.reset();
    expect([ids(), ids('s')]).toEqual([[], []]);
  });

  it('go when they are deleted, here or elsewhere, and with their study', async () => {
    await runs.delete('r1');
    expect(ids()).toEqual(['r2']);
    runs.receive({ event: 'run.deleted', runId: 'r2' });
    runs.receive({ event: 'run.deleted', runId: 't2' });
    expect([ids(), ids('s')]).toEqual([[], ['t1']]);
    runs.receive({ event: 'study.deleted', studyId: 's' });
    expect(ids('s')).toEqual([]);
  });
});
