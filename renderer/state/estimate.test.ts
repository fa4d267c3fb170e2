import { describe, expect, it } from 'vitest';
import type { Run } from '#contract/entities.ts';
import type { Recipe } from '#contract/recipe.ts';
import { accuracyReached, estimateSeconds } from './estimate.ts';

const plan = { images: 48_000, epochs: 10, multiplyAdds: 20e6 };

describe('how long a training will take', () => {
  it('scales the measured pace by the work of the two networks', () => {
    expect(estimateSeconds(plan, { imagesPerSecond: 2000, multiplyAdds: 10e6 })).toBeCloseTo(480);
  });

  it('says nothing where nothing was measured, or nothing can be divided by', () => {
    expect(estimateSeconds(plan, null)).toBeNull();
    expect(estimateSeconds(plan, { imagesPerSecond: 0, multiplyAdds: 10e6 })).toBeNull();
    expect(
      estimateSeconds({ ...plan, multiplyAdds: 0 }, { imagesPerSecond: 10, multiplyAdds: 1 }),
    ).toBeNull();
  });
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
