/** That a recipe's identity stays where only what is said by default is added, and changes with anything else. */
import { expect, test } from 'vitest';
import { fields } from './fields.ts';
import { identityOf } from './identity.ts';
import { presets } from './presets.ts';
import { Recipe } from './recipe.ts';

const best = presets.best.recipe;

test('a recipe that names a default and one that does not are the same, in whatever order', () => {
  const { training, ...rest } = structuredClone(best) as Recipe;
  const sparse: Record<string, unknown> = { ...training, schedule: { kind: 'cosine', warmUp: 0.05 } };
  delete sparse['topK'];
  delete sparse['cachedViews'];
  const read = Recipe.parse({ training: Object.fromEntries(Object.entries(sparse).reverse()), ...rest });
  const full = Recipe.parse({
    ...rest,
    training: { ...training, schedule: { kind: 'cosine', warmUp: 0.05, minimum: 0 } },
  });
  expect(identityOf(read)).toBe(identityOf(full));
});

test('says nothing of what is as a recipe begins, so that a field with a default can be added', () => {
  const said = identityOf(best);
  for (const { key, path, initial } of fields) {
    if (initial === undefined || !path.startsWith('training.') || path.split('.').length > 2) continue;
    const value = best.training[key as keyof typeof best.training];
    if (JSON.stringify(value) === JSON.stringify(initial)) expect(said, path).not.toContain(`"${key}":`);
  }
});

test('changes with every field', () => {
  const changed = (change: (recipe: Recipe) => unknown) => {
    const recipe = structuredClone(best);
    change(recipe);
    return identityOf(recipe);
  };
  const all = [
    identityOf(best),
    changed((recipe) => (recipe.training.seed = 7)),
    changed((recipe) => (recipe.training.topK = 5)),
    changed((recipe) => (recipe.training.schedule = { kind: 'cosine', warmUp: 0, minimum: 0.5 })),
    changed((recipe) => (recipe.training.schedule = { kind: 'constant', warmUp: 0 })),
    changed((recipe) => recipe.augmentation.push({ kind: 'grayscale', probability: 0.1 })),
    changed((recipe) => recipe.augmentation.push({ kind: 'grayscale', probability: 0.2 })),
    changed((recipe) => recipe.model.layers.pop()),
    changed((recipe) => (recipe.training.earlyStopping = { patience: 3 })),
    changed((recipe) => (recipe.preprocessing.width = 32)),
  ];
  expect(new Set(all).size).toBe(all.length);
});
