/** What tests are about something else with: an epoch and a recipe, of which they say only what matters to them. */
import { Recipe } from '#recipe/recipe.ts';
import { Epoch } from './run.ts';

/** @param number from 1 @param more what the test is about; metrics that it does not name are as in a run of before them */
export const epochOf = (number: number, more: Partial<Epoch> = {}): Epoch => ({
  ...Epoch.parse({
    ...{ epoch: number, trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1, validationAccuracy: 0.75 },
    ...{ learningRate: 0.1, imagesPerSecond: 1, seconds: 1 },
  }),
  ...more,
});

/** A recipe for grey images of 28×28. @param changes what the test is about, as a recipe has it */
export const tinyRecipe = ({
  preprocessing,
  training,
  ...others
}: {
  name?: string;
  preprocessing?: object;
  augmentation?: object[];
  model: { layers: unknown[] };
  training?: object;
}): Recipe =>
  Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Tiny',
    preprocessing: {
      ...{ height: 28, width: 28, channels: 1, fit: 'stretch' },
      normalisation: { kind: 'custom', mean: [0.5], std: [0.5] },
      ...preprocessing,
    },
    augmentation: [],
    ...others,
    training: {
      ...{ optimizer: { kind: 'adam' }, learningRate: 0.01, schedule: { kind: 'constant' } },
      ...{ batchSize: 32, epochs: 4 },
      ...training,
    },
  });
