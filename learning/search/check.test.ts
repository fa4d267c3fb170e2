/** What a space is refused for before any of its trials begins. */
import { describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { SearchSpace } from '#recipe/search-space.ts';
import { presets } from '#recipe/presets.ts';
import { checkSpace } from './check.ts';

const { recipe } = presets.seed;
const check = (space: unknown, of: Recipe = recipe) => checkSpace(SearchSpace.parse(space), of, 10);
const refusal = (message: RegExp, path: string) =>
  expect.objectContaining({
    code: 'RECIPE_INVALID',
    message: expect.stringMatching(message) as string,
    details: expect.objectContaining({ path }) as object,
  });

describe('a space', () => {
  it.each([
    [
      [{ kind: 'number', path: 'training.learningRate', low: 1, high: 0.1 }],
      /low below high/,
      'training.learningRate',
    ],
    [
      [{ kind: 'number', path: 'training.weightDecay', low: 0, high: 0.1, logarithmic: true }],
      /above 0/,
      'training.weightDecay',
    ],
    [
      [{ kind: 'number', path: 'training.labelSmoothing', low: 0, high: 0.9 }],
      /0\.9/,
      'training.labelSmoothing',
    ],
    [
      [{ kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'best'] }],
      /"best"/,
      'model.initialiser',
    ],
    [
      [{ kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'he-normal'] }],
      /twice/,
      'model.initialiser',
    ],
    [
      [1, 2].map(() => ({ kind: 'integer', path: 'training.epochs', low: 1, high: 2 })),
      /twice/,
      'training.epochs',
    ],
    [
      [
        { kind: 'choice', path: 'training.optimizer', values: [{ kind: 'adam' }, { kind: 'sgd' }] },
        { kind: 'number', path: 'training.optimizer.momentum', low: 0.1, high: 0.9 },
      ],
      /momentum/,
      'training.optimizer',
    ],
    [
      [{ kind: 'choice', path: 'preprocessing.normalisation.mean', values: [[0.5], [0.5, 0.5, 0.5]] }],
      /mean expects one number for the one channel, received 3/,
      'preprocessing.normalisation.mean',
    ],
  ])('%j is refused', (space, message, path) => {
    expect(() => check(space)).toThrow(refusal(message, path));
  });

  it('may choose a thing and vary what all choices have', () => {
    check([
      { kind: 'choice', path: 'training.optimizer', values: [{ kind: 'rmsprop' }, { kind: 'sgd' }] },
      { kind: 'number', path: 'training.optimizer.momentum', low: 0.1, high: 0.9 },
      { kind: 'number', path: 'training.learningRate', low: 0.001, high: 1, logarithmic: true },
    ]);
  });

  it.each(Object.values(presets))('may choose kinds and turn on what is off: $recipe.name', (preset) => {
    check(
      [
        { kind: 'choice', path: 'training.optimizer.kind', values: ['adam', 'adamw', 'sgd'] },
        { kind: 'choice', path: 'training.schedule.kind', values: ['cosine', 'one-cycle', 'step'] },
        { kind: 'integer', path: 'training.earlyStopping.patience', low: 2, high: 8 },
      ],
      preset.recipe,
    );
  });

  it.each([
    [{ low: 32, high: 256 }],
    [{ low: 32, high: 256, logarithmic: true }],
    [{ low: 1, high: 2 }],
    [{ low: 0.5, high: 256 }],
    [{ low: 32, high: 200.5 }],
    [{ low: 2000, high: 4000 }],
  ])('of numbers over a field of whole numbers is refused: %j', (range) => {
    const path = 'training.batchSize';
    expect(() => check([{ kind: 'number', path, ...range }])).toThrow(refusal(/kind "integer"/, path));
    // So it is where the field has a sense only with what is chosen.
    const model = recipe.model.layers.map((layer) => ({ ...layer }));
    const filters = 'model.layers.0.filters';
    expect(() =>
      check([
        { kind: 'choice', path: 'model.layers', values: [model, model.slice(0, 1)] },
        { kind: 'number', path: filters, low: 4, high: 16 },
        { kind: 'number', path: 'model.layers.0.kernel', low: 1, high: 3 },
      ]),
    ).toThrow(refusal(/kind "integer"/, filters));
  });

  it('of whole numbers there, or of numbers elsewhere, is not', () => {
    check([
      { kind: 'integer', path: 'training.batchSize', low: 32, high: 256 },
      { kind: 'integer', path: 'training.epochs', low: 1, high: 2, logarithmic: true },
      { kind: 'number', path: 'training.labelSmoothing', low: 0, high: 0.2 },
    ]);
  });

  const erasing: Recipe = {
    ...recipe,
    augmentation: [{ kind: 'random-erasing', probability: 0.5, minimum: 0.1, maximum: 0.2 }],
  };
  const shares = (minimum: [number, number], maximum: [number, number]) => [
    { kind: 'number', path: 'augmentation.0.minimum', low: minimum[0], high: minimum[1] },
    { kind: 'number', path: 'augmentation.0.maximum', low: maximum[0], high: maximum[1] },
  ];

  it('whose values contradict each other is refused', () => {
    const contradiction = refusal(/Augmentation 1, random-erasing/, 'augmentation.0.minimum');
    expect(() => check(shares([0.5, 0.9], [0.1, 0.2]), erasing)).toThrow(contradiction);
    // Both low and both high are right, the one high and the other low are not.
    expect(() => check(shares([0.1, 0.5], [0.3, 0.6]), erasing)).toThrow(contradiction);
    // Also where the recipe's own values are far from what is varied.
    check(shares([0.3, 0.5], [0.5, 0.6]), erasing);
  });

  it('with two of three ranges that contradict each other is refused', () => {
    const third = { kind: 'number', path: 'augmentation.0.probability', low: 0, high: 1 };
    expect(() => check([...shares([0.1, 0.5], [0.3, 0.6]), third], erasing)).toThrow(
      refusal(/erasing/, 'augmentation.0.minimum'),
    );
    check([...shares([0.1, 0.3], [0.3, 0.6]), third], erasing);
  });

  it('of which no network can be made is refused with the layer', () => {
    expect(() =>
      check([
        { kind: 'number', path: 'training.learningRate', low: 0.1, high: 1 },
        {
          kind: 'choice',
          path: 'model.layers',
          values: [recipe.model.layers, [{ kind: 'flatten' }, { kind: 'conv', filters: 4 }]],
        },
      ]),
    ).toThrow(refusal(/Layer 2 \(conv\) expects/, 'model.layers'));
  });
});
