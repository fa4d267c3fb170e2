/** Differences of recipes, written out by hand. */
import { describe, expect, it } from 'vitest';
import { Recipe } from './recipe.ts';
import { differences, sideBySide } from './difference.ts';
import { presets } from './presets.ts';

const recipe = (changes: {
  augmentation?: unknown[];
  layers?: unknown[];
  training?: object;
  name?: string;
}) =>
  Recipe.parse({
    format: 'atelier-recipe/2',
    name: changes.name ?? 'A',
    preprocessing: presets.seed.recipe.preprocessing,
    augmentation: changes.augmentation ?? [],
    model: { layers: changes.layers ?? [{ kind: 'flatten' }] },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.001,
      schedule: { kind: 'constant' },
      batchSize: 64,
      epochs: 5,
      ...changes.training,
    },
  });

const flip = { kind: 'horizontal-flip', probability: 0.5 };
const crop = { kind: 'crop', probability: 1, padding: 2 };
const conv = (filters: number) => ({ kind: 'conv', filters });

describe('differences', () => {
  it('are none between a recipe and itself, whatever the order of its fields', () => {
    const a = recipe({ augmentation: [flip], layers: [conv(8), { kind: 'max-pool' }] });
    const { training, ...rest } = a;
    expect(differences(a, { training, ...rest } as Recipe)).toEqual([]);
  });

  it('are told field by field, null being a value', () => {
    expect(
      differences(
        recipe({ training: { epochs: 5 } }),
        recipe({ name: 'B', training: { epochs: 7, gradientClipping: 1, weightAveraging: null } }),
      ),
    ).toEqual([
      { path: 'name', left: 'A', right: 'B' },
      { path: 'training.gradientClipping', left: null, right: 1 },
      { path: 'training.epochs', left: 5, right: 7 },
    ]);
  });

  it('of another kind are one difference; of the same kind, its fields', () => {
    const adam = recipe({});
    const sgd = recipe({ training: { optimizer: { kind: 'sgd' } } });
    expect(differences(adam, sgd)).toEqual([
      {
        path: 'training.optimizer',
        left: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        right: { kind: 'sgd', momentum: 0.9, nesterov: true },
      },
    ]);
    const slower = recipe({ training: { optimizer: { kind: 'adam', beta1: 0.8 } } });
    expect(differences(adam, slower)).toEqual([{ path: 'training.optimizer.beta1', left: 0.9, right: 0.8 }]);
  });

  it('of lists are those that are there, not all that follow', () => {
    const a = recipe({ layers: [conv(8), { kind: 'max-pool' }, conv(16), { kind: 'flatten' }] });
    const b = recipe({
      layers: [conv(8), { kind: 'batch-norm' }, { kind: 'max-pool' }, conv(24), { kind: 'flatten' }],
    });
    expect(differences(a, b)).toEqual([
      { path: 'model.layers.+1', left: undefined, right: { kind: 'batch-norm' } },
      { path: 'model.layers.2.filters', left: 16, right: 24 },
    ]);
    expect(differences(b, a)).toEqual([
      { path: 'model.layers.1', left: { kind: 'batch-norm' }, right: undefined },
      { path: 'model.layers.3.filters', left: 24, right: 16 },
    ]);
  });

  it('in the same place of a list are one', () => {
    expect(differences(recipe({ augmentation: [flip] }), recipe({ augmentation: [crop] }))).toEqual([
      { path: 'augmentation.0', left: flip, right: crop },
    ]);
    const moved = differences(recipe({ augmentation: [flip, crop] }), recipe({ augmentation: [crop, flip] }));
    expect(moved.map(({ path }) => path)).toEqual([...new Set(moved.map(({ path }) => path))]);
    expect(moved).not.toEqual([]);
  });

  it('tell apart what is put in at one place, and what takes the place of another', () => {
    const a = recipe({ layers: [conv(8), { kind: 'flatten' }] });
    const b = recipe({
      layers: [{ kind: 'batch-norm' }, { kind: 'max-pool' }, conv(8), { kind: 'flatten' }],
    });
    expect(differences(a, b).map(({ path, left }) => [path, left])).toEqual([
      ['model.layers.+0', undefined],
      ['model.layers.+0:2', undefined],
    ]);
    const c = recipe({ layers: [{ kind: 'batch-norm' }, { kind: 'max-pool' }, { kind: 'flatten' }] });
    expect(differences(a, c).map(({ path, right }) => [path, (right as { kind: string }).kind])).toEqual([
      ['model.layers.0', 'batch-norm'],
      ['model.layers.+1', 'max-pool'],
    ]);
  });

  it('of lists of numbers are one difference of the list', () => {
    const a = recipe({ training: { classWeights: { kind: 'custom', weights: [1, 2] } } });
    const b = recipe({ training: { classWeights: { kind: 'custom', weights: [1, 3] } } });
    expect(differences(a, b)).toEqual([
      { path: 'training.classWeights.weights', left: [1, 2], right: [1, 3] },
    ]);
  });
});

describe('recipes side by side', () => {
  const flatten = { kind: 'flatten' };
  const kindOf = (value: unknown) => (value as { kind: string } | undefined)?.kind;

  it('do not take what is put in for what stood there', () => {
    const rows = sideBySide([
      recipe({ layers: [conv(8), flatten] }),
      recipe({ layers: [{ kind: 'dense', units: 4 }, flatten] }),
      recipe({ layers: [{ kind: 'batch-norm' }, conv(8), flatten] }),
    ]);
    expect(rows.map(({ path, values }) => [path, ...values.map(kindOf)])).toEqual([
      ['model.layers.0', 'conv', 'dense', 'conv'],
      ['model.layers.+0', undefined, undefined, 'batch-norm'],
    ]);
  });

  it('show what each itself has, where one differs as a whole and another in a field', () => {
    const rows = sideBySide([
      recipe({ training: { optimizer: { kind: 'adam', beta1: 0.9 } } }),
      recipe({ training: { optimizer: { kind: 'sgd', momentum: 0.5 } } }),
      recipe({ training: { optimizer: { kind: 'adam', beta1: 0.8 } } }),
      recipe({ training: { optimizer: { kind: 'adam', beta1: 0.9 }, epochs: 6 } }),
    ]);
    expect(rows.map(({ path }) => path)).toEqual([
      'training.optimizer',
      'training.optimizer.beta1',
      'training.epochs',
    ]);
    expect(rows[0]!.values).toMatchObject([{ beta1: 0.9 }, { kind: 'sgd' }, { beta1: 0.8 }, { beta1: 0.9 }]);
    expect(rows[1]!.values).toEqual([0.9, undefined, 0.8, 0.9]);
    expect(rows[2]!.values).toEqual([5, 5, 5, 6]);
  });

  it('follow a field of a layer to where another recipe has it', () => {
    const rows = sideBySide([
      recipe({ layers: [conv(8), flatten] }),
      recipe({ layers: [{ kind: 'batch-norm' }, conv(16), flatten] }),
      recipe({ layers: [conv(24), flatten] }),
    ]);
    expect(rows.find(({ path }) => path === 'model.layers.0.filters')?.values).toEqual([8, 16, 24]);
  });

  it('are no rows where they say the same, or where there is nothing to compare', () => {
    expect([sideBySide([recipe({}), recipe({})]), sideBySide([recipe({})]), sideBySide([])]).toEqual([
      [],
      [],
      [],
    ]);
  });
});
