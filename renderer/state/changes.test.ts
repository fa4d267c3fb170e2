import { describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { changes, same, sameButForSeed, setAt, within } from './changes.ts';
import { valueAt } from '#recipe/fields.ts';
import { recipeOf } from './testing.ts';

const recipe = (): Recipe =>
  recipeOf(
    'One',
    {},
    {},
    {
      normalisation: { kind: 'custom', mean: [0.5], std: [0.5] },
      augmentation: [{ kind: 'horizontal-flip', probability: 0.5 }],
    },
  );
const changed = (change: (recipe: Recipe) => void): Recipe => {
  const next = recipe();
  change(next);
  return next;
};
const paths = (next: Recipe) => changes(recipe(), next).map(({ path }) => path);

describe('changes of a recipe', () => {
  it('are none between equals', () => {
    expect(paths(recipe())).toEqual([]);
  });

  it('name the deepest field that differs', () => {
    expect(
      paths(
        changed((next) => {
          next.training.epochs = 4;
          next.training.optimizer = { kind: 'sgd', momentum: 0.8, nesterov: true };
          next.training.gradientClipping = 1;
        }),
      ),
    ).toEqual(['training.optimizer.momentum', 'training.gradientClipping', 'training.epochs']);
  });

  it('take another kind, and a list, as one value', () => {
    const next = changed((one) => {
      one.training.optimizer = { kind: 'lion', beta1: 0.9, beta2: 0.99 };
      one.augmentation.push({ kind: 'blur', probability: 1, sigma: 1 });
      one.preprocessing.normalisation = { kind: 'measured' };
    });
    expect(paths(next)).toEqual(['preprocessing.normalisation', 'augmentation', 'training.optimizer']);
    expect(changes(recipe(), next)[2]?.after).toEqual(next.training.optimizer);
  });

  it('can be put back one by one', () => {
    const next = changed((one) => {
      one.training.epochs = 9;
      one.training.earlyStopping = { patience: 3 };
      one.model.layers.push({ kind: 'flatten' });
    });
    for (const { path } of changes(recipe(), next)) setAt(next, path, valueAt(recipe(), path));
    expect(next).toEqual(recipe());
  });
});

it('a recipe trains the same whatever its name and seed', () => {
  const renamed = changed((one) => {
    one.name = 'Two';
    one.training.seed = 7;
  });
  expect(sameButForSeed(recipe(), renamed)).toBe(true);
  expect(
    sameButForSeed(
      recipe(),
      changed((one) => (one.training.epochs = 4)),
    ),
  ).toBe(false);
});

it('a path lies within its setting, not within one whose name begins alike', () => {
  expect(within('training.optimizer.beta1', 'training.optimizer')).toBe(true);
  expect(within('training.optimizer', 'training.optimizer')).toBe(true);
  expect(within('model.layers', 'model.l')).toBe(false);
});

it('equality is deep, and does not look at the order of keys', () => {
  expect(same([{ a: 1, b: [2, null] }], [{ b: [2, null], a: 1 }])).toBe(true);
  expect(same([{ a: 1 }], [{ a: 1 }, { a: 1 }])).toBe(false);
});
