/**
 * What is trained while it is being killed: real images, tiny networks, a second each. Between them they use all
 * that a run remembers from step to step and from epoch to epoch.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Recipe } from '#recipe/recipe.ts';
import { tinyRecipe } from '#contract/testing.ts';
import { appRoot } from '#engine/app-root.ts';
import type { TrainingData } from '#learning/training/loop/training-data.ts';

const layers = [
  { kind: 'conv', filters: 6, stride: 2 },
  { kind: 'max-pool' },
  { kind: 'dropout', rate: 0.2 },
];

const scenarios = {
  /** Both moments, an average, a plateau that looks back at all epochs, and every kind of randomness. */
  plateau: {
    augmentation: [
      { kind: 'horizontal-flip', probability: 0.5 },
      { kind: 'crop', probability: 1, padding: 2 },
      { kind: 'random-erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
    ],
    model: { layers },
    training: {
      optimizer: { kind: 'adam' },
      schedule: { kind: 'reduce-on-plateau', warmUp: 0.1, patience: 1 },
      learningRate: 0.02,
      weightAveraging: 0.9,
      labelSmoothing: 0.05,
    },
  },
  /** Velocity, clipping, mixed answers, residual blocks. */
  'one-cycle': {
    augmentation: [
      { kind: 'rotation', probability: 0.5, degrees: 10 },
      { kind: 'mixup', probability: 0.7, alpha: 0.4 },
    ],
    model: {
      layers: [
        { kind: 'conv', filters: 4, stride: 2 },
        { kind: 'residual', filters: 8, stride: 2, preActivation: true, squeezeExcite: 4 },
        { kind: 'spatial-dropout', rate: 0.1 },
      ],
    },
    training: {
      optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
      schedule: { kind: 'one-cycle' },
      learningRate: 0.1,
      gradientClipping: 1,
      weightDecay: 5e-4,
    },
  },
  /** Classes drawn equally often, weighted, focused; stops by itself. */
  balanced: {
    augmentation: [{ kind: 'trivial-augment', probability: 1, magnitude: 0.5 }],
    model: { layers: [{ kind: 'separable-conv', filters: 8, stride: 2 }, ...layers] },
    training: {
      optimizer: { kind: 'adamw' },
      schedule: { kind: 'cosine', warmUp: 0.2 },
      learningRate: 0.01,
      sampling: 'balanced',
      classWeights: { kind: 'balanced' },
      loss: { kind: 'focal', gamma: 2 },
      earlyStopping: { patience: 1 },
      weightDecay: 0.01,
    },
  },
  /** The other memories: squares and momentum, penalties, layer norm. */
  rmsprop: {
    augmentation: [
      { kind: 'noise', probability: 0.5, fraction: 0.1 },
      { kind: 'cutmix', probability: 0.5, alpha: 1 },
    ],
    model: { layers: [...layers, { kind: 'layer-norm' }], l2: 1e-4 },
    training: {
      optimizer: { kind: 'rmsprop', momentum: 0.5 },
      schedule: { kind: 'exponential', factor: 0.7 },
      learningRate: 0.003,
      weightAveraging: 0.8,
    },
  },
};

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

/** Of ten steps an epoch, three epochs. */
export function recipeOf(name: ScenarioName): Recipe {
  const { augmentation, model, training } = scenarios[name];
  return tinyRecipe({
    name,
    preprocessing: { normalisation: { kind: 'measured' } },
    augmentation,
    model,
    training: { epochs: 3, seed: 7, ...training },
  });
}

/** The first images of the small part of Fashion-MNIST that comes with the program. */
export function tortureData(): TrainingData {
  const read = (name: string, header: number) =>
    new Uint8Array(
      gunzipSync(readFileSync(join(appRoot(), 'resources', 'fashion-mnist-small', name))).subarray(header),
    );
  const [train, validation] = [330, 90];
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    pixels: read('train-images-idx3-ubyte.gz', 16).slice(0, (train + validation) * 784),
    labels: Int32Array.from(read('train-labels-idx1-ubyte.gz', 8).subarray(0, train + validation)),
    train: range(0, train),
    validation: range(train, train + validation),
    classCount: 10,
  };
}
