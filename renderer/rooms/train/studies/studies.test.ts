import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { type Study, StudyPlan } from '#contract/study.ts';
import { Studies } from './studies.svelte.ts';
import { byHand, projectOf, recipeOf, TestStudio } from '../../../state/testing.ts';

const recipe = recipeOf('Quick');
const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 3, seeds: [1] });
const study = (id: string, more: Partial<Study> = {}): Study => ({
  ...{ id, name: id, state: 'running', createdAt: `2026-01-0${id.at(-1)}`, finishedAt: null, recipe, plan },
  ...{ trials: [], trialsInAll: 3, bestTrial: null, summary: null, importance: null, error: null, ...more },
});

describe('studies', () => {
  it('are newest first; the watched one stays, and its successor follows when it is deleted', () => {
    const studies = new Studies(new TestStudio());
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
    const studies = new Studies(new TestStudio({ studies: { start } }));
    await studies.start(recipeOf('Quick', { frozenLayers: 2 }), plan);
    expect(start).toHaveBeenCalledWith({ recipe, plan });
    expect([studies.watched?.id, studies.starting]).toEqual(['s9', false]);
  });

  it('start once, however often the button is clicked', async () => {
    const { ask, answers } = byHand<unknown[], Study>();
    const studies = new Studies(new TestStudio({ studies: { start: ask } }));
    void studies.start(recipe, plan);
    expect(await studies.start(recipe, plan)).toBeUndefined();
    expect(answers).toHaveLength(1);
  });

  it('are no longer starting when the studio refused', async () => {
    const start = () => Promise.reject(new AtelierError('CONFLICT', 'No.'));
    const studies = new Studies(new TestStudio({ studies: { start } }));
    expect(await studies.start(recipe, plan)).toBeUndefined();
    expect([studies.starting, studies.list]).toEqual([false, []]);
  });

  it('that cannot be read are known, and go when they are deleted, here or elsewhere', async () => {
    const error = { code: 'PROJECT_DAMAGED' as const, message: 'It cannot be read.', details: {} };
    const studio = new TestStudio({
      studies: {
        list: () => Promise.resolve([study('s4')]),
        damaged: () => Promise.resolve(['s3', 's2', 's1'].map((id) => ({ id, error }))),
        delete: () => Promise.resolve({}),
      },
    });
    studio.project = projectOf();
    const studies = new Studies(studio);
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
