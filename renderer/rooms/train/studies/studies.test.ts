import { describe, expect, it, vi } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import type { Study, StudyPlan } from '#contract/study.ts';
import { Studies } from './studies.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

const study = (id: string, more: Partial<Study> = {}): Study =>
  ({ id, name: id, state: 'running', createdAt: `2026-01-0${id.at(-1)}`, trials: [], ...more }) as Study;

describe('studies', () => {
  it('are newest first; the watched one stays, and its successor follows when it is deleted', () => {
    const studies = new Studies({} as Studio);
    for (const id of ['s1', 's3', 's2']) studies.receive({ event: 'study.changed', study: study(id) });
    expect(studies.list.map(({ id }) => id)).toEqual(['s3', 's2', 's1']);
    expect(studies.watched?.id).toBe('s1');
    studies.receive({ event: 'study.changed', study: study('s1', { state: 'finished' }) });
    expect(studies.watched?.state).toBe('finished');
    studies.receive({ event: 'study.deleted', studyId: 's1' });
    expect(studies.watched?.id).toBe('s3');
  });

  it('start with the recipe and plan given, random weights not frozen, and are watched at once', async () => {
    const start = vi.fn(() => Promise.resolve(study('s9')));
    const studio = {
      attempt: (use: (client: unknown) => Promise<unknown>) => use({ studies: { start } }),
    } as unknown as Studio;
    const studies = new Studies(studio);
    const recipe = { model: { backbone: null }, training: { frozenLayers: 0 } } as Recipe;
    const [frozen, plan] = [
      { ...recipe, training: { frozenLayers: 2 } } as Recipe,
      { kind: 'cross-validation' } as StudyPlan,
    ];
    await studies.start(frozen, plan);
    expect(start).toHaveBeenCalledWith({ recipe, plan });
    expect([studies.watched?.id, studies.starting]).toEqual(['s9', false]);
  });

  it('start once, however often the button is clicked', async () => {
    const attempt = vi.fn(() => new Promise(() => {}));
    const studies = new Studies({ attempt } as unknown as Studio);
    void studies.start({} as Recipe, {} as StudyPlan);
    expect(await studies.start({} as Recipe, {} as StudyPlan)).toBeUndefined();
    expect(attempt).toHaveBeenCalledOnce();
  });

  it('are no longer starting when the studio refused', async () => {
    const studio = { attempt: () => Promise.resolve(undefined) } as unknown as Studio;
    const studies = new Studies(studio);
    expect(await studies.start({} as Recipe, {} as StudyPlan)).toBeUndefined();
    expect([studies.starting, studies.list]).toEqual([false, []]);
  });

  it('that cannot be read are known, and go when they are deleted, here or elsewhere', async () => {
    const error = { code: 'PROJECT_DAMAGED', message: 'It cannot be read.', details: {} };
    const client = {
      studies: {
        list: () => Promise.resolve([study('s4')]),
        damaged: () => Promise.resolve(['s3', 's2', 's1'].map((id) => ({ id, error }))),
        delete: () => Promise.resolve({}),
      },
    };
    const call = (use: (far: unknown) => Promise<unknown>) => use(client);
    const studies = new Studies({ project: {}, call, attempt: call } as unknown as Studio);
    const damaged = () => studies.damaged.map(({ id }) => id);
    await studies.read();
    expect([studies.list.map(({ id }) => id), damaged()]).toEqual([['s4'], ['s3', 's2', 's1']]);
    await studies.delete('s3');
    studies.receive({ event: 'study.deleted', studyId: 's2' });
    expect(damaged()).toEqual(['s1']);
    studies.reset();
    expect(damaged()).toEqual([]);
  });
});
