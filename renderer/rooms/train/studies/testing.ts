/** For tests only: a recipe with an augmentation, layers and an optimizer that have fields of their own. */
import { recipeOf } from '../../../state/testing.ts';

export const recipe = recipeOf(
  'A',
  { schedule: { kind: 'one-cycle' }, batchSize: 64, epochs: 5 },
  {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'flatten' },
      { kind: 'dropout', rate: 0.2 },
      { kind: 'residual', filters: 8 },
    ],
  },
  {
    normalisation: { kind: 'custom', mean: [0.5], std: [0.5] },
    augmentation: [{ kind: 'rotation', probability: 1, degrees: 10 }],
  },
);
