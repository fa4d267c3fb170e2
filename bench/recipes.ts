/**
 * What Atelier trains in the bench, by the very step that the studio trains with: the network of network.ts, on a batch
 * as it is (the step) and on 60,000 images of 28×28×1 with crop, flip, rotation and erasing (the epoch). The epoch's
 * twin for PyTorch is peers/pytorch_epoch.py.
 */
import { Recipe } from '#recipe/recipe.ts';
import { BATCH_SIZE } from './network.ts';

export const EPOCH_IMAGES = 60_000;

/** Images are drawn evenly from all bytes: normalised so, they have a mean of 0 and a std of 1, as those of the peers. */
export const stepRecipe = Recipe.parse({
  format: 'atelier-recipe/2',
  name: 'Bench',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'stretch',
    normalisation: { kind: 'custom', mean: [0.5], std: [0.2898] },
  },
  augmentation: [],
  model: {
    layers: [
      { kind: 'conv', filters: 32 },
      { kind: 'conv', filters: 32 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'global-average-pool' },
    ],
  },
  training: {
    optimizer: { kind: 'adam' },
    learningRate: 1e-3,
    schedule: { kind: 'constant' },
    batchSize: BATCH_SIZE,
    epochs: 1,
  },
});

export const epochRecipe = Recipe.parse({
  ...stepRecipe,
  preprocessing: {
    ...stepRecipe.preprocessing,
    normalisation: { kind: 'custom', mean: [0.286], std: [0.353] },
  },
  augmentation: [
    { kind: 'crop', probability: 1, padding: 2 },
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'rotation', probability: 1, degrees: 10 },
    { kind: 'random-erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
  ],
});

/** Images that cost what real ones cost: bytes drawn by a fixed rule, [count, 28, 28, 1]; peers draw their own. */
export function drawImages(count: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: count * 28 * 28 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
