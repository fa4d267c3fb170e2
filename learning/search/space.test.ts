/** Values into a recipe, and the values of a space. */
import { describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { SearchSpace } from '#recipe/search-space.ts';
import { presets } from '#recipe/presets.ts';
import { applyValues, cardinality, gridPoints, gridSize, gridValues, type Values } from './space.ts';

const { recipe } = presets.seed;
const refusal = (message: RegExp, path: string) =>
  expect.objectContaining({
    code: 'RECIPE_INVALID',
    message: expect.stringMatching(message) as string,
    details: expect.objectContaining({ path }) as object,
  });

describe('values', () => {
  it('go into a copy of the recipe, choices before their settings', () => {
    const changed = applyValues(recipe, {
      'training.optimizer.momentum': 0.5,
      'training.learningRate': 0.25,
      'training.optimizer': { kind: 'sgd' },
      'model.layers.0.filters': 7,
    });
    expect(changed.training).toMatchObject({
      learningRate: 0.25,
      optimizer: { kind: 'sgd', momentum: 0.5, nesterov: true },
    });
    expect(changed.model.layers[0]).toMatchObject({ filters: 7 });
    expect(recipe.training.learningRate).not.toBe(0.25);
  });

  it.each(Object.values(presets))(
    'may be another kind, and a part of what is off: $recipe.name',
    (preset) => {
      const values = {
        'training.optimizer.beta1': 0.8,
        'training.optimizer.kind': 'adam',
        'training.schedule.kind': 'step',
        'training.earlyStopping.patience': 4,
      };
      expect(applyValues(preset.recipe, values).training).toMatchObject({
        optimizer: { kind: 'adam', beta1: 0.8, beta2: 0.999 },
        schedule: { kind: 'step', epochs: 10, factor: 0.1 },
        earlyStopping: { patience: 4 },
      });
    },
  );

  it('that make no recipe are told with their path', () => {
    expect(() => applyValues(recipe, { 'training.learningRate': -1 })).toThrow(
      refusal(/training\.learningRate = -1/, 'training.learningRate'),
    );
    expect(() => applyValues(recipe, { 'training.learnRate': 1 })).toThrow(
      refusal(/learnRate/, 'training.learnRate'),
    );
    expect(() => applyValues(recipe, { 'model.layers.40.filters': 7 })).toThrow(
      refusal(/leads nowhere/, 'model.layers.40.filters'),
    );
    expect(() => applyValues(recipe, { 'training.constructor.name': 'x' })).toThrow(
      refusal(/leads nowhere/, 'training.constructor.name'),
    );
  });

  const augmented: Recipe = {
    ...recipe,
    augmentation: Array.from({ length: 11 }, () => ({ kind: 'horizontal-flip', probability: 0.5 })),
  };

  it.each([
    ['augmentation.length', -1],
    ['augmentation.length', 0],
    ['augmentation.11', { kind: 'horizontal-flip' }],
    ['augmentation.01', { kind: 'horizontal-flip' }],
    ['augmentation.concat', 1],
    ['training.constructor', 1],
    ['training.prototype', 1],
    ['training.__proto__', {}],
  ])('go to fields alone: %s', (path, value) => {
    expect(() => applyValues(augmented, { [path]: value })).toThrow(refusal(/leads nowhere/, path));
  });

  it.each<[string, Values, Values]>([
    [
      'augmentation.10.probability',
      { 'augmentation.10.probability': 2 },
      { 'augmentation.1.probability': 1 },
    ],
    [
      'augmentation.10',
      { 'augmentation.10': { kind: 'none' } },
      { 'augmentation.1': augmented.augmentation[0]! },
    ],
    ['training.learnRate', { 'training.learnRate': 1 }, { 'training.learningRate': 1 }],
    [
      'training.optimizer.momentum',
      { 'training.optimizer.momentum': 7 },
      { 'training.optimizer': { kind: 'sgd' } },
    ],
    ['training.optimizer', { 'training.optimizer': { kind: 'sgd', momentum: 7 } }, { 'training.epochs': 1 }],
  ])('are blamed by their own path: %s', (path, wrong, right) => {
    for (const values of [
      { ...right, ...wrong },
      { ...wrong, ...right },
    ])
      expect(() => applyValues(augmented, values)).toThrow(refusal(/make a recipe/, path));
  });
});

describe('a space', () => {
  it('is gridded evenly, on the logarithm where asked, and in whole numbers', () => {
    const [rate, epochs, initialiser] = SearchSpace.parse([
      { kind: 'number', path: 'training.learningRate', low: 0.001, high: 1, logarithmic: true, points: 4 },
      { kind: 'integer', path: 'training.epochs', low: 1, high: 2, points: 3 },
      { kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'orthogonal'] },
    ]);
    const space = [rate!, epochs!, initialiser!];
    expect(gridPoints(rate!)).toEqual([0.001, 0.01, 0.1, 1]);
    expect(gridPoints(epochs!)).toEqual([1, 2]);
    expect(gridSize(space)).toBe(16);
    const all = Array.from({ length: 16 }, (_, index) => JSON.stringify(gridValues(space, index)));
    expect(new Set(all).size).toBe(16);
    expect([cardinality(space), cardinality([epochs!, initialiser!])]).toEqual([Infinity, 4]);
  });
});
