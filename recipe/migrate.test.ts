import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/errors.ts';
import { migratePath, migrateValues } from './migrate.ts';
import { presets } from './presets.ts';
import { Recipe } from './recipe.ts';
import { SearchParameter } from './search-space.ts';

/** As the studio wrote it with format 1. */
const old = {
  format: 'atelier-recipe/1',
  name: 'Old',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'given', mean: [0.5], deviation: [0.25] },
  },
  augmentation: [
    { kind: 'shift', probability: 1, share: 0.1 },
    { kind: 'blur', probability: 0.3, pixels: 2 },
    { kind: 'erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
    { kind: 'crop', probability: 1, padding: 2 },
  ],
  model: { layers: [{ kind: 'conv', filters: 8 }, { kind: 'global-average-pool' }] },
  training: {
    optimizer: { kind: 'adam' },
    learningRate: 0.001,
    schedule: { kind: 'constant' },
    batchSize: 32,
    epochs: 3,
    classWeights: { kind: 'given', weights: [1, 2] },
  },
};

describe('recipes of format 1', () => {
  it('are read as those of today', () => {
    const recipe = Recipe.parse(old);
    expect(recipe.format).toBe('atelier-recipe/2');
    expect(recipe.preprocessing.normalisation).toEqual({ kind: 'custom', mean: [0.5], std: [0.25] });
    expect(recipe.augmentation).toEqual([
      { kind: 'shift', probability: 1, fraction: 0.1 },
      { kind: 'blur', probability: 0.3, sigma: 2 },
      { kind: 'random-erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
      { kind: 'crop', probability: 1, padding: 2 },
    ]);
    expect(recipe.training.classWeights).toEqual({ kind: 'custom', weights: [1, 2] });
    expect(Recipe.parse(recipe)).toEqual(recipe);
  });

  it('are refused where they were no recipe then', () => {
    const paths = (value: unknown) => Recipe.safeParse(value).error?.issues.map(({ path }) => path.join('.'));
    expect(paths({ ...old, augmentation: [{ kind: 'shift', probability: 1, share: 2 }] })).toEqual([
      'augmentation.0.fraction',
    ]);
    for (const broken of [null, 3, [], 'text', { ...old, augmentation: 1 }, { ...old, preprocessing: null }])
      expect(Recipe.safeParse(broken).success).toBe(false);
  });

  it('keep their searches and the values of their trials', () => {
    expect(
      SearchParameter.parse({ kind: 'number', path: 'augmentation.0.share', low: 0, high: 0.5 }),
    ).toMatchObject({ path: 'augmentation.0.fraction' });
    expect(
      SearchParameter.parse({
        kind: 'choice',
        path: 'preprocessing.normalisation',
        values: [{ kind: 'measured' }, { kind: 'given', mean: [0.5], deviation: [0.5] }],
      }),
    ).toMatchObject({ values: [{ kind: 'measured' }, { kind: 'custom', mean: [0.5], std: [0.5] }] });
    const values: Record<string, Json> = { 'augmentation.1.pixels': 3, 'training.learningRate': 0.1 };
    expect(migrateValues(values)).toEqual({ 'augmentation.1.sigma': 3, 'training.learningRate': 0.1 });
    expect(migratePath('model.layers.0.filters')).toBe('model.layers.0.filters');
  });
});

it.each(Object.values(presets).map(({ recipe }) => recipe))('$name of today is left as it is', (recipe) => {
  expect(Recipe.parse(recipe)).toEqual(recipe);
});
