import { describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import type { Run } from '#contract/run.ts';
import { accuracyReached, timeWords } from './estimate.ts';

describe('how long', () => {
  const parts = { start: 2, images: 1, features: 20, epochs: 10, evaluation: 2 };
  it.each([
    [{ seconds: 35, low: 23, high: 52 }, 'about 35 s'],
    [{ seconds: 326, low: 200, high: 500 }, 'about 5 min 26 s'],
    [{ seconds: null, low: 326, high: 850 }, 'roughly 5–15 min'],
    [{ seconds: null, low: 11, high: 28 }, 'roughly 10–30 s'],
    [{ seconds: null, low: 31, high: 130 }, 'roughly 30 s–2 min'],
  ])('is told as it is known: %o', (known, words) => {
    expect(timeWords({ ...known, parts })?.replaceAll(/[\u202f\u00a0]/g, ' ')).toBe(words);
  });
  it('says nothing where nothing is known', () => expect(timeWords(null)).toBeNull());
});

describe('what a recipe can be expected to reach', () => {
  const recipe = (epochs: number, seed = 1) => ({ name: 'One', training: { epochs, seed } }) as Recipe;
  const run = (state: Run['state'], validationAccuracy: number | null, of = recipe(3), origin = null) => ({
    state,
    recipe: of,
    origin: origin as Run['origin'],
    validationAccuracy,
  });

  it('is the mean of its finished runs, whatever their seeds', () => {
    expect(
      accuracyReached(recipe(3), [
        run('finished', 0.9),
        run('finished', 0.92, recipe(3, 5)),
        run('finished', 0.5, recipe(4)),
        run('cancelled', 0.1),
        { ...run('finished', 0.99), origin: { runId: 'one', how: 'fine-tune' } },
      ]),
    ).toBeCloseTo(0.91);
  });
  it('is unknown without one', () => {
    expect(accuracyReached(recipe(3), [run('running', 0.9), run('finished', null)])).toBeNull();
  });
});
