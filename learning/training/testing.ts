/** Real images for the tests of this room: the small part of Fashion-MNIST in resources/. Not part of the product. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Recipe } from '#contract/recipe.ts';
import { Recipe as RecipeSchema } from '#contract/recipe.ts';
import type { TrainingData } from './train.ts';

const read = (name: string, header: number) => {
  const path = fileURLToPath(new URL(`../../resources/fashion-mnist-small/${name}`, import.meta.url));
  return new Uint8Array(gunzipSync(readFileSync(path)).subarray(header));
};

/** The first images: `train` of them to train on, `validation` more to validate on. 28×28×1, ten classes. */
export function sampleData(train: number, validation: number): TrainingData {
  const count = train + validation;
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    pixels: read('train-images-idx3-ubyte.gz', 16).slice(0, count * 784),
    labels: Int32Array.from(read('train-labels-idx1-ubyte.gz', 8).subarray(0, count)),
    train: range(0, train),
    validation: range(train, count),
    classCount: 10,
  };
}

/** A recipe of a few hundred parameters; parts of it can be replaced. */
export function smallRecipe(
  change: { training?: Partial<Recipe['training']>; model?: unknown; augmentation?: unknown } = {},
): Recipe {
  return RecipeSchema.parse({
    format: 'atelier-recipe/1',
    name: 'Small',
    preprocessing: {
      height: 28,
      width: 28,
      channels: 1,
      fit: 'stretch',
      normalisation: { kind: 'measured' },
    },
    augmentation: change.augmentation ?? [{ kind: 'horizontal-flip', probability: 0.5 }],
    model: change.model ?? {
      layers: [
        { kind: 'conv', filters: 6, stride: 2 },
        { kind: 'max-pool' },
        { kind: 'conv', filters: 8 },
        { kind: 'dropout', rate: 0.1 },
      ],
    },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.02,
      schedule: { kind: 'cosine', warmUp: 0.1 },
      batchSize: 32,
      epochs: 2,
      weightDecay: 1e-3,
      labelSmoothing: 0.05,
      ...change.training,
    },
  });
}
