/** The plan against hand-counted networks, and its refusals; the summary and the budget that are read off it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Layer, Model, presetNames, Recipe } from '#contract/recipe.ts';
import { countParameters, planNetwork } from './plan.ts';
import { presets } from './presets.ts';
import { keepBudget, summarise } from './summary.ts';

const model = (...layers: unknown[]) => Model.parse({ layers });
const plan = (...layers: unknown[]) => planNetwork(model(...layers), [28, 28, 1], 10);
const names = (...layers: unknown[]) => plan(...layers).operations.map(({ name }) => name);

describe('planNetwork', () => {
  test('a convolution with batch norm has no bias; without, it has', () => {
    const counted = plan({ kind: 'conv', filters: 8 }, { kind: 'conv', filters: 4, batchNorm: false });
    expect(names({ kind: 'conv', filters: 8 })).toEqual([
      '1.conv',
      '1.conv/norm',
      '1.conv/activation',
      'pool',
      'classifier',
    ]);
    // 3·3·1·8, four vectors of 8, 3·3·8·4 + 4, and the classifier.
    expect(countParameters(counted.weights)).toBe(72 + 32 + 292 + 50);
  });

  test('strides and pools: SAME rounds up, VALID down', () => {
    const shapes = plan({ kind: 'conv', filters: 2, stride: 3 }, { kind: 'max-pool', size: 3 }).operations;
    expect(shapes[0]!.outputShape).toEqual([10, 10, 2]);
    expect(shapes.find(({ kind }) => kind === 'max-pool')!.outputShape).toEqual([3, 3, 2]);
  });

  test('a residual block adds its input, through a 1×1 convolution where shapes differ', () => {
    const same = plan({ kind: 'conv', filters: 8 }, { kind: 'residual', filters: 8 });
    const add = same.operations.find(({ kind }) => kind === 'add')!;
    expect(add.inputs.map((index) => same.operations[index]!.name)).toEqual([
      '2.residual/norm2',
      '1.conv/activation',
    ]);
    const wider = names({ kind: 'residual', filters: 8, stride: 2 });
    expect(wider).toContain('1.residual/shortcut');
    expect(wider).toContain('1.residual/shortcut-norm');
  });

  test('with pre-activation the identity is the raw input, the projection starts after norm and activation', () => {
    const at = (stride: number) => {
      const { operations } = plan(
        { kind: 'conv', filters: 8 },
        { kind: 'residual', filters: 8, stride, preActivation: true },
      );
      const [, shortcut] = operations.find(({ kind }) => kind === 'add')!.inputs;
      const operation = operations[shortcut!]!;
      return [operation.name, operations[operation.inputs[0]!]!.name];
    };
    expect(at(1)[0]).toBe('1.conv/activation');
    expect(at(2)).toEqual(['2.residual/shortcut', '2.residual/activation1']);
  });

  test.each([
    [
      [{ kind: 'dense', units: 4 }],
      'Layer 1 (dense) expects a vector: put flatten or global-average-pool before it, but receives [28, 28, 1].',
    ],
    [
      [{ kind: 'flatten' }, { kind: 'conv', filters: 4 }],
      'Layer 2 (conv) expects an image or feature map [height, width, channels], but receives [784].',
    ],
    [
      [
        { kind: 'conv', filters: 2, stride: 4 },
        { kind: 'max-pool', size: 4 },
        { kind: 'max-pool', size: 2 },
      ],
      'Layer 3 (max-pool) expects at least 2×2 pixels, but receives [1, 1, 2].',
    ],
  ])('refuses %j', (layers, message) => {
    expect(() => plan(...layers)).toThrow(message);
  });

  test('every operation follows its inputs, every weight name is unique, for any list that is accepted', () => {
    const map = fc.constantFrom(
      { kind: 'conv', filters: 3 },
      { kind: 'conv', filters: 5, stride: 2, batchNorm: false, activation: 'gelu' },
      { kind: 'residual', filters: 4 },
      { kind: 'residual', filters: 3, stride: 2, preActivation: true, activation: 'linear' },
      { kind: 'batch-norm' },
      { kind: 'activation', activation: 'linear' },
      { kind: 'dropout', rate: 0.1 },
    );
    fc.assert(
      fc.property(fc.array(map, { minLength: 1, maxLength: 10 }), (layers) => {
        const { operations, weights } = plan(...layers.map((layer) => Layer.parse(layer)));
        operations.forEach(({ inputs }, index) => expect(Math.max(...inputs)).toBeLessThan(index));
        expect(new Set(weights.map(({ name }) => name)).size).toBe(weights.length);
        expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
        expect(operations.at(-1)!.outputShape).toEqual([10]);
      }),
    );
  });
});

describe('presets', () => {
  test.each(presetNames)('%s is a valid recipe within 100,000 parameters', (name) => {
    const { recipe } = presets[name];
    expect(Recipe.parse(recipe)).toEqual(recipe);
    const summary = summarise(recipe, 10);
    expect(summary.parameterBudget).toBe(100_000);
    expect(summary.withinBudget).toBe(true);
  });

  test('seed keeps the choices of the project it is named after', () => {
    const { recipe } = presets.seed;
    expect(recipe.preprocessing.normalisation).toEqual({ kind: 'given', mean: [0.5], deviation: [0.5] });
    expect(recipe.augmentation.map(({ kind, probability }) => [kind, probability])).toEqual([
      ['vertical-flip', 0.5],
      ['horizontal-flip', 0.5],
    ]);
    expect(recipe.training.optimizer.kind).toBe('adam');
    expect(recipe.training.labelSmoothing).toBe(0);
  });
});

describe('summary', () => {
  const recipe = presets.quick.recipe;

  test('has a line per layer and sums to the plan', () => {
    const summary = summarise(recipe, 10);
    const sum = (key: 'parameters' | 'multiplyAdds') =>
      summary.layers.reduce((total, layer) => total + layer[key], 0);
    expect(sum('parameters')).toBe(summary.parameters);
    expect(sum('multiplyAdds')).toBe(summary.multiplyAdds);
    expect(summary.layers.length).toBe(recipe.model.layers.length + 1);
    expect(summary.trainableParameters).toBeLessThan(summary.parameters);
  });

  test('a network over its budget is refused, naming the heaviest layer', () => {
    const heavy: Recipe = {
      ...recipe,
      model: model({ kind: 'conv', filters: 64 }, { kind: 'conv', filters: 512 }),
    };
    expect(() => keepBudget(summarise(heavy, 10))).toThrow(
      'The network has 302,922 parameters; the budget is 100,000. Make 2.conv smaller (it has 296,960), or raise model.parameterBudget.',
    );
  });
});
