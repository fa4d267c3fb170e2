import { describe, expect, it } from 'vitest';
import { Activation } from '#recipe/activation.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { searchable, SearchParameter, SearchSpace } from '#recipe/search-space.ts';
import { faultOf } from './faults.ts';
import { recipe } from './testing.ts';

describe('fields to search', () => {
  it('are proposed with ranges of which every end makes a recipe', () => {
    const fields = searchable(recipe);
    expect(fields.length).toBeGreaterThan(18);
    const parameters = fields.map(({ parameter }) => parameter);
    for (const parameter of parameters)
      expect([
        parameter.path,
        SearchParameter.safeParse(parameter).success,
        faultOf(recipe, parameter),
      ]).toEqual([parameter.path, true, null]);
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
    // As many as one search may have.
    expect(SearchSpace.safeParse(parameters.slice(0, 20)).success).toBe(true);
  });

  it('reach into the lists of this recipe', () => {
    const paths = searchable(recipe).map(({ path }) => path);
    for (const path of [
      'augmentation.0.probability',
      'augmentation.0.degrees',
      'model.layers.0.filters',
      'model.layers.2.rate',
      'training.optimizer.momentum',
      'training.schedule.peakAt',
    ])
      expect(paths).toContain(path);
  });

  it('are switches, names and what can be off, too', () => {
    const stopping: Recipe = {
      ...recipe,
      training: { ...recipe.training, earlyStopping: { patience: 4 } },
    };
    const fields = new Map(searchable(stopping).map(({ path, parameter }) => [path, parameter]));
    const values = (path: string) => {
      const parameter = fields.get(path);
      return parameter?.kind === 'choice' ? parameter.values : null;
    };
    expect(values('model.layers.0.activation')).toEqual(Activation.options);
    expect(values('model.layers.0.batchNorm')).toEqual([true, false]);
    expect(values('model.layers.3.preActivation')).toEqual([true, false]);
    expect(values('model.layers.3.squeezeExcite')).toEqual([null, 4, 8, 16]);
    expect(values('training.optimizer.nesterov')).toEqual([true, false]);
    expect(values('training.earlyStopping')).toContain(null);
    expect(values('preprocessing.channels')).toEqual([1, 3]);
    expect(values('preprocessing.width')).toEqual([20, 28, 44]);
    expect(fields.get('training.epochs')).toMatchObject({ kind: 'integer', low: 2, high: 10 });
    expect(fields.get('training.earlyStopping.patience')).toMatchObject({ kind: 'integer' });
    expect(searchable(recipe).some(({ path }) => path === 'training.earlyStopping.patience')).toBe(false);
  });
});
