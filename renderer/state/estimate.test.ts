import { describe, expect, it } from 'vitest';
import type { Recipe } from '#contract/recipe.ts';
import type { EngineInfo, Run } from '#contract/run.ts';
import { accuracyReached, estimateSeconds, roughSeconds, timeWords } from './estimate.ts';

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

describe('how long, before anything was measured', () => {
  const engine = { kind: 'tensorflow', device: 'AMD EPYC', threads: 2 } as EngineInfo;
  /** `quick` on Fashion-MNIST: measured, it took 5 min 26 s on two cores. */
  const quick = { images: 48_000, epochs: 14, multiplyAdds: 10_550_144 };

  it('is a range about what was measured elsewhere', () => {
    const [low, high] = roughSeconds(quick, engine)!;
    expect([low < 326, high > 326]).toEqual([true, true]);
    expect(timeWords(quick, null, engine)).toBe('roughly 5–15\u00a0min');
    expect(timeWords(quick, { imagesPerSecond: 2268, multiplyAdds: 10_550_144 }, engine)).toMatch(/^about 4/);
  });
  it('is unknown on other engines, and without images', () => {
    expect(timeWords(quick, null, null)).toBeNull();
    expect(timeWords(quick, null, { ...engine, device: 'NVIDIA H200 (139 GiB)' })).toBeNull();
    expect(timeWords(quick, null, { ...engine, kind: 'wasm' })).toBeNull();
    const measured = { imagesPerSecond: 2268, multiplyAdds: 10_550_144 };
    expect(timeWords({ ...quick, images: 0 }, measured, engine)).toBeNull();
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
