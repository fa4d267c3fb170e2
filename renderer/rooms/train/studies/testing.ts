/** For tests only: a recipe with an augmentation, layers and an optimizer that have fields of their own. */
import { Recipe } from '#recipe/recipe.ts';

export const recipe = Recipe.parse({
  format: 'atelier-recipe/2',
  name: 'A',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'custom', mean: [0.5], std: [0.5] },
  },
  augmentation: [{ kind: 'rotation', probability: 1, degrees: 10 }],
  model: {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'flatten' },
      { kind: 'dropout', rate: 0.2 },
      { kind: 'residual', filters: 8 },
    ],
  },
  training: {
    optimizer: { kind: 'sgd' },
    learningRate: 0.1,
    schedule: { kind: 'one-cycle' },
    batchSize: 64,
    epochs: 5,
  },
});
