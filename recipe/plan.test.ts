/** The plan against hand-counted networks, and its refusals; the summary and the budget that are read off it. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { Activation } from './activation.ts';
import type { LayerKind } from './layer.ts';
import { Model } from './model.ts';
import { Recipe } from './recipe.ts';
import { countParameters, planNetwork } from './plan.ts';
import { presets } from './presets.ts';
import { importedRows } from './testing-imported.ts';
import { receptiveFields } from './receptive-field.ts';
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

  test('an inverted residual widens, looks and narrows, and adds what came in where the shape stays', () => {
    const layer = (filters: number, more = {}) => ({
      kind: 'inverted-residual',
      filters,
      expand: 3,
      ...more,
    });
    const { operations } = planNetwork(model(layer(8, { stride: 2 }), layer(8)), [28, 28, 6], 10);
    expect(operations.slice(0, 8).map(({ name, outputShape }) => [name, ...outputShape])).toEqual([
      ['1.inverted-residual/expand', 28, 28, 18],
      ['1.inverted-residual/norm1', 28, 28, 18],
      ['1.inverted-residual/activation1', 28, 28, 18],
      ['1.inverted-residual/depthwise', 14, 14, 18],
      ['1.inverted-residual/norm2', 14, 14, 18],
      ['1.inverted-residual/activation2', 14, 14, 18],
      ['1.inverted-residual/project', 14, 14, 8],
      ['1.inverted-residual/norm3', 14, 14, 8],
    ]);
    const adds = operations.filter(({ kind }) => kind === 'add');
    expect(adds.map(({ inputs }) => inputs.map((index) => operations[index]!.name))).toEqual([
      ['2.inverted-residual/norm3', '1.inverted-residual/norm3'],
    ]);
    const plain = planNetwork(model(layer(6, { expand: 1 })), [28, 28, 6], 10).operations;
    expect(plain.slice(0, 2).map(({ name }) => name)).toEqual([
      '1.inverted-residual/depthwise',
      '1.inverted-residual/norm2',
    ]);
  });

  test('a separable convolution is one kernel a channel and then one a filter, norm and activation after each', () => {
    const layer = { kind: 'separable-conv', filters: 8, kernel: 5, stride: 2 };
    const { operations } = planNetwork(model(layer), [28, 28, 6], 10);
    expect(operations.slice(0, 6).map(({ name, outputShape }) => [name, ...outputShape])).toEqual([
      ['1.separable-conv/depthwise', 14, 14, 6],
      ['1.separable-conv/norm1', 14, 14, 6],
      ['1.separable-conv/activation1', 14, 14, 6],
      ['1.separable-conv/pointwise', 14, 14, 8],
      ['1.separable-conv/norm2', 14, 14, 8],
      ['1.separable-conv/activation2', 14, 14, 8],
    ]);
    const [depthwise, , , pointwise] = operations;
    expect([depthwise!.multiplyAdds, pointwise!.multiplyAdds]).toEqual([14 * 14 * 6 * 25, 14 * 14 * 6 * 8]);
    expect([countParameters(depthwise!.weights), countParameters(pointwise!.weights)]).toEqual([150, 48]);
    const plain = planNetwork(model({ ...layer, batchNorm: false }), [28, 28, 6], 10);
    expect(countParameters(plain.weights)).toBe(156 + 56 + 90);
  });

  test('squeeze-and-excitation is written in primitive operations, on the branch of a residual block too', () => {
    const layers = [
      { kind: 'conv', filters: 9 },
      { kind: 'squeeze-excite', ratio: 4 },
    ];
    const { operations } = plan(...layers);
    const excite = operations.filter(({ layer }) => layer === 1);
    expect(excite.map(({ kind, outputShape }) => [kind, ...outputShape])).toEqual([
      ['global-average-pool', 9],
      ['dense', 2],
      ['activation', 2],
      ['dense', 9],
      ['activation', 9],
      ['multiply', 28, 28, 9],
    ]);
    expect(excite[5]!.inputs.map((index) => operations[index]!.name)).toEqual([
      '1.conv/activation',
      '2.squeeze-excite/gate',
    ]);
    // 9·2 + 2 and 2·9 + 9; two products, and one a value.
    expect(countParameters(excite.flatMap(({ weights }) => weights))).toBe(47);
    expect(excite.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0)).toBe(36 + 28 * 28 * 9);
    for (const preActivation of [false, true]) {
      const block = plan({ kind: 'residual', filters: 8, preActivation, squeezeExcite: 64 }).operations;
      const add = block.find(({ kind }) => kind === 'add')!;
      const [branch, shortcut] = add.inputs.map((index) => block[index]!.name);
      expect(branch).toBe('1.residual/squeeze-excite/multiply');
      expect(shortcut).toBe(`1.residual/${preActivation ? 'shortcut' : 'shortcut-norm'}`);
      expect(block.find(({ name }) => name.endsWith('/squeeze'))!.outputShape).toEqual([1]);
    }
  });

  test('plans of before stay as they were, to the byte', () => {
    const layers = [
      { kind: 'conv', filters: 8 },
      { kind: 'conv', filters: 6, kernel: 5, stride: 2, batchNorm: false, activation: 'gelu' },
      { kind: 'residual', filters: 6 },
      { kind: 'residual', filters: 8, stride: 2 },
      { kind: 'residual', filters: 8, preActivation: true },
      { kind: 'residual', filters: 10, stride: 2, preActivation: true, activation: 'silu' },
      { kind: 'batch-norm' },
      { kind: 'activation', activation: 'elu' },
      { kind: 'average-pool' },
      { kind: 'dropout', rate: 0.2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 7 },
    ];
    const bytes = JSON.stringify(planNetwork(model(...layers), [28, 20, 3], 10));
    // Checkpoints and exports know weights by these names and places.
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'f4804ce9de8220745f85409deaa6a3524b6ba135458012f2c6e116db3699a1b1',
    );
  });
});

describe('any list of layers', () => {
  const activation = fc.constantFrom(...Activation.options);
  const filters = fc.integer({ min: 1, max: 9 });
  const stride = fc.integer({ min: 1, max: 4 });
  const kernel = fc.integer({ min: 1, max: 11 });
  const rate = fc.constantFrom(0, 0.5);
  const ratio = fc.integer({ min: 1, max: 64 });
  /** The compiler asks for a new kind. */
  const kinds = {
    conv: { filters, kernel, stride, batchNorm: fc.boolean(), activation },
    residual: { filters, stride, preActivation: fc.boolean(), activation, squeezeExcite: fc.option(ratio) },
    'separable-conv': { filters, kernel, stride, batchNorm: fc.boolean(), activation },
    'inverted-residual': { filters, expand: fc.integer({ min: 1, max: 10 }), kernel, stride, activation },
    convnext: { kernel, expand: fc.integer({ min: 1, max: 10 }) },
    'squeeze-excite': { ratio },
    'batch-norm': {},
    'layer-norm': {},
    activation: { activation },
    'max-pool': { size: fc.integer({ min: 2, max: 4 }) },
    'average-pool': { size: fc.integer({ min: 2, max: 4 }) },
    'global-average-pool': {},
    flatten: {},
    dropout: { rate },
    'spatial-dropout': { rate },
    dense: { units: filters, activation },
    imported: {
      operations: fc.constantFrom(
        ...importedRows.map(([layer]) => (layer as { operations: unknown }).operations),
      ),
    },
  } satisfies Record<LayerKind, object>;
  const layer = fc.oneof(
    ...Object.entries(kinds).map(([kind, fields]) => fc.record({ kind: fc.constant(kind), ...fields })),
  );
  const lists = fc.array(layer, { minLength: 1, maxLength: 10 });
  const side = fc.integer({ min: 8, max: 40 });

  test('is a plan, or RECIPE_INVALID; in a plan inputs come first, names are unique and nothing sees less than its inputs', () => {
    let refused = 0;
    let planned = 0;
    fc.assert(
      fc.property(lists, side, side, fc.constantFrom(1, 3), (layers, height, width, channels) => {
        let made: ReturnType<typeof planNetwork>;
        try {
          made = planNetwork(model(...layers), [height, width, channels], 10);
        } catch (error) {
          if (!(error instanceof AtelierError) || error.code !== 'RECIPE_INVALID') throw error;
          refused += 1;
          return;
        }
        planned += 1;
        const { operations, weights } = made;
        expect(new Set(weights.map(({ name }) => name)).size).toBe(weights.length);
        expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
        expect(operations.at(-1)!.outputShape).toEqual([10]);
        const fields = receptiveFields(made).map((field) => field ?? Infinity);
        operations.forEach(({ inputs, outputShape, multiplyAdds }, index) => {
          expect(Math.max(...inputs)).toBeLessThan(index);
          for (const input of inputs) expect(fields[index]).toBeGreaterThanOrEqual(fields[input] ?? 1);
          for (const size of outputShape) expect(size).toBeGreaterThanOrEqual(1);
          expect(Number.isSafeInteger(multiplyAdds)).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
    expect(Math.min(refused, planned)).toBeGreaterThan(50);
  });
});

describe('presets', () => {
  test.each(['seed', 'quick', 'best'] as const)('%s is a valid recipe within 100,000 parameters', (name) => {
    const { recipe } = presets[name];
    expect(Recipe.parse(recipe)).toEqual(recipe);
    const summary = summarise(recipe, 10);
    expect(summary.parameterBudget).toBe(100_000);
    expect(summary.withinBudget).toBe(true);
  });

  test('seed keeps the choices of the project it is named after', () => {
    const { recipe } = presets.seed;
    expect(recipe.preprocessing.normalisation).toEqual({ kind: 'custom', mean: [0.5], std: [0.5] });
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
  });

  test('a ConvNeXt block keeps the shape: depthwise, norm, wider, GELU, narrower, added to what came in', () => {
    const { operations } = planNetwork(model({ kind: 'convnext', kernel: 5, expand: 3 }), [28, 28, 6], 10);
    expect(operations.slice(0, 6).map(({ name, kind, outputShape }) => [name, kind, ...outputShape])).toEqual(
      [
        ['1.convnext/depthwise', 'depthwise-conv', 28, 28, 6],
        ['1.convnext/norm', 'layer-norm', 28, 28, 6],
        ['1.convnext/expand', 'conv', 28, 28, 18],
        ['1.convnext/activation', 'activation', 28, 28, 18],
        ['1.convnext/project', 'conv', 28, 28, 6],
        ['1.convnext/add', 'add', 28, 28, 6],
      ],
    );
    expect(operations[5]!.inputs).toEqual([4, -1]);
  });

  test('says how much of the image each layer sees', () => {
    const fieldsOf = (...layers: unknown[]) =>
      summarise({ ...recipe, model: model(...layers) }, 10).layers.map(
        ({ receptiveField }) => receptiveField,
      );
    expect(
      fieldsOf(
        { kind: 'activation', activation: 'relu' }, // 1
        { kind: 'conv', filters: 4, stride: 2 }, // 3, then steps of 2 pixels
        { kind: 'residual', filters: 4 }, // 3 + 2·2 + 2·2
        { kind: 'max-pool', size: 3 }, // 11 + 2·2, then steps of 6
        { kind: 'separable-conv', filters: 4, kernel: 2 }, // 15 + 6
        { kind: 'inverted-residual', filters: 4 }, // 21 + 2·6
        { kind: 'convnext', kernel: 3 }, // 33 + 2·6
        { kind: 'squeeze-excite' },
        { kind: 'conv', filters: 4 },
      ),
    ).toEqual([1, 3, 11, 15, 21, 33, 45, null, null, null, null]);
    expect(fieldsOf({ kind: 'conv', filters: 4 }, { kind: 'flatten' }, { kind: 'dense', units: 4 })).toEqual([
      3,
      null,
      null,
      null,
    ]);
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
