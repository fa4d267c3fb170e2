import { describe, expect, it } from 'vitest';
import { StudyDraft } from './study-plan.svelte.ts';

const rate = {
  kind: 'number',
  path: 'training.learningRate',
  low: 0.001,
  high: 1,
  logarithmic: true,
  points: 4,
} as const;

describe('the plan of a cross-validation', () => {
  it('counts folds times seeds', () => {
    const draft = new StudyDraft();
    draft.seeds = '1, 2 3;';
    expect(draft.plan).toMatchObject({ kind: 'cross-validation', folds: 5, seeds: [1, 2, 3] });
    expect(draft.trainings).toBe(15);
    draft.folds = null;
    expect(draft.trainings).toBe(3);
  });
  it('refuses seeds that are none', () => {
    const draft = new StudyDraft();
    for (const seeds of ['', 'one', '-1', '1.5']) {
      draft.seeds = seeds;
      expect([draft.plan, draft.fault]).toEqual([null, expect.stringContaining('Seeds are whole numbers')]);
    }
  });
});

describe('the plan of a search', () => {
  it('needs a field, takes each once, and counts the grid up to its trials', () => {
    const draft = new StudyDraft();
    draft.kind = 'search';
    expect(draft.fault).toBe('Choose a field to vary.');
    draft.vary(rate);
    draft.vary({ ...rate, low: 0.5 });
    draft.vary({ kind: 'choice', path: 'training.batchSize', values: [32, 64, 128] });
    expect(draft.space.map(({ path }) => path)).toEqual(['training.learningRate', 'training.batchSize']);
    expect(draft.trainings).toBe(20);
    draft.sampler = 'grid';
    expect(draft.trainings).toBe(12);
    draft.trials = 10;
    expect(draft.trainings).toBe(10);
    draft.replace({ ...rate, points: 2 });
    expect(draft.trainings).toBe(6);
    draft.leave('training.batchSize');
    expect([draft.trainings, draft.plan]).toEqual([
      2,
      expect.objectContaining({ sampler: 'grid', halving: null }),
    ]);
  });

  it('counts no more trainings than there are combinations, and rounded points that meet once', () => {
    const draft = new StudyDraft();
    draft.kind = 'search';
    draft.vary({ kind: 'choice', path: 'training.batchSize', values: [32, 64] });
    draft.vary({ kind: 'integer', path: 'training.epochs', low: 1, high: 3, logarithmic: false, points: 3 });
    for (const sampler of ['tpe', 'random', 'grid'] as const) {
      draft.sampler = sampler;
      expect(draft.trainings).toBe(6);
    }
    // 1, 1.22, 1.49, 1.81, 2.21, 2.69, 3.28, 4 are 1, 2, 3, 4.
    draft.replace({
      kind: 'integer',
      path: 'training.epochs',
      low: 1,
      high: 4,
      logarithmic: true,
      points: 8,
    });
    expect(draft.trainings).toBe(8);
    // 1, 1.41, 2, 2.83, 4, 5.66, 8 are 1, 2, 3, 4, 6, 8.
    draft.replace({
      kind: 'integer',
      path: 'training.epochs',
      low: 1,
      high: 8,
      logarithmic: true,
      points: 7,
    });
    expect(draft.trainings).toBe(12);
    draft.sampler = 'random';
    expect(draft.trainings).toBe(16);
  });

  it('takes no epochs where successive halving decides them', () => {
    const draft = new StudyDraft();
    draft.kind = 'search';
    draft.vary({ kind: 'integer', path: 'training.epochs', low: 1, high: 9, logarithmic: false, points: 3 });
    draft.halving = { reduction: 3, minimumEpochs: 1 };
    expect([draft.plan, draft.fault]).toEqual([null, expect.stringContaining('Take the epochs out')]);
    draft.halving = null;
    expect([draft.plan?.kind, draft.fault]).toEqual(['search', null]);
  });
});
