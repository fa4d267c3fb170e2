/**
 * Trainings that were really carried out, in this order, by `npm run bench:times` on two cores of an AMD EPYC with AVX2 that
 * nobody else used: seconds on the wall, of all of it and of each part. A table of data; recipes as they were then.
 */
import { backboneLayers } from '#recipe/efficientnet-lite.ts';
import type { Pace } from './paces.ts';

interface MeasuredRecipe {
  training: object;
}

export interface MeasuredRun {
  name: string;
  recipe: MeasuredRecipe;
  /** What of its training was otherwise. */
  change: { batchSize: number; epochs: number; cachedViews?: number };
  counts: { train: number; validation: number; test: number };
  classes: number;
  /** Of an original; 0 where they are kept as pixels. */
  sourcePixels: number;
  /** Whether images were brought to size, and features computed: else they were kept, or not needed. */
  packs: boolean;
  computesFeatures: boolean;
  seconds: number;
  /** Seconds: of the start, an image, a feature, a step, the answers to all validation images. */
  took: Partial<Record<Pace['part'], number>>;
}

const backbone = [...backboneLayers('efficientnet-lite0'), { kind: 'dropout', rate: 0.2 }];

const head = {
  format: 'atelier-recipe/2',
  name: 'Auto',
  preprocessing: {
    height: 224,
    width: 224,
    channels: 3,
    fit: 'stretch',
    normalisation: { kind: 'custom', mean: [0.4980392156862745], std: [0.5019607843137255] },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 1, padding: 16 },
  ],
  model: { backbone: 'efficientnet-lite0', layers: backbone, parameterBudget: 10000000 },
  training: {
    optimizer: { kind: 'adamw' },
    learningRate: 0.002,
    schedule: { kind: 'cosine', warmUp: 0.05 },
    weightDecay: 0.05,
    labelSmoothing: 0.15,
    earlyStopping: { patience: 15 },
    frozenLayers: 19,
  },
};

const quick64 = {
  format: 'atelier-recipe/2',
  name: 'Quick',
  preprocessing: {
    height: 64,
    width: 64,
    channels: 3,
    fit: 'letterbox',
    normalisation: { kind: 'measured' },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 0.5, padding: 5 },
  ],
  model: {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 48 },
      { kind: 'conv', filters: 48 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'conv', filters: 64 },
      { kind: 'global-average-pool' },
    ],
  },
  training: {
    optimizer: { kind: 'muon' },
    learningRate: 0.01,
    schedule: { kind: 'one-cycle', peakAt: 0.25 },
    weightDecay: 0.05,
    labelSmoothing: 0.05,
  },
};

const fineTuned = {
  format: 'atelier-recipe/2',
  name: 'Fine-tune',
  preprocessing: {
    height: 224,
    width: 224,
    channels: 3,
    fit: 'stretch',
    normalisation: { kind: 'custom', mean: [0.4980392156862745], std: [0.5019607843137255] },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 1, padding: 16 },
  ],
  model: { backbone: 'efficientnet-lite0', layers: backbone, parameterBudget: 10000000 },
  training: {
    optimizer: { kind: 'adamw' },
    learningRate: 0.004,
    layerDecay: 0.45,
    batchNorm: 'running',
    schedule: { kind: 'cosine', warmUp: 0.05 },
    weightDecay: 0.05,
    labelSmoothing: 0.15,
    earlyStopping: { patience: 15 },
    frozenLayers: 13,
  },
};

const quick28 = {
  format: 'atelier-recipe/2',
  name: 'Quick',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'measured' },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 0.5, padding: 2 },
  ],
  model: {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 48 },
      { kind: 'conv', filters: 48 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'conv', filters: 64 },
      { kind: 'global-average-pool' },
    ],
  },
  training: {
    optimizer: { kind: 'muon' },
    learningRate: 0.01,
    schedule: { kind: 'one-cycle', peakAt: 0.25 },
    weightDecay: 0.05,
    labelSmoothing: 0.05,
  },
};

const seed = {
  format: 'atelier-recipe/2',
  name: 'Seed',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'custom', mean: [0.5], std: [0.5] },
  },
  augmentation: [
    { kind: 'vertical-flip', probability: 0.5 },
    { kind: 'horizontal-flip', probability: 0.5 },
  ],
  model: {
    layers: [
      { kind: 'conv', filters: 24 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 48 },
      { kind: 'conv', filters: 48 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'conv', filters: 64 },
      { kind: 'global-average-pool' },
      { kind: 'dropout', rate: 0.1 },
    ],
  },
  training: { optimizer: { kind: 'adam' }, learningRate: 0.002, schedule: { kind: 'cosine', warmUp: 0.05 } },
};

const best = {
  format: 'atelier-recipe/2',
  name: 'Best',
  preprocessing: {
    height: 28,
    width: 28,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'measured' },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 1, padding: 2 },
  ],
  model: {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'conv', filters: 16 },
      { kind: 'max-pool' },
      { kind: 'residual', filters: 32, preActivation: true },
      { kind: 'residual', filters: 32, preActivation: true },
      { kind: 'max-pool' },
      { kind: 'residual', filters: 64, preActivation: true },
      { kind: 'batch-norm' },
      { kind: 'activation', activation: 'relu' },
      { kind: 'global-average-pool' },
    ],
  },
  training: {
    optimizer: { kind: 'sgd' },
    learningRate: 0.1,
    schedule: { kind: 'one-cycle', peakAt: 0.25 },
    weightDecay: 0.005,
    labelSmoothing: 0.05,
    weightAveraging: 0.999,
  },
};

const quick40 = {
  format: 'atelier-recipe/2',
  name: 'Quick',
  preprocessing: {
    height: 40,
    width: 40,
    channels: 1,
    fit: 'letterbox',
    normalisation: { kind: 'measured' },
  },
  augmentation: [
    { kind: 'horizontal-flip', probability: 0.5 },
    { kind: 'crop', probability: 0.5, padding: 2 },
  ],
  model: {
    layers: [
      { kind: 'conv', filters: 16 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 48 },
      { kind: 'conv', filters: 48 },
      { kind: 'max-pool' },
      { kind: 'conv', filters: 64 },
      { kind: 'conv', filters: 64 },
      { kind: 'global-average-pool' },
    ],
  },
  training: {
    optimizer: { kind: 'muon' },
    learningRate: 0.01,
    schedule: { kind: 'one-cycle', peakAt: 0.25 },
    weightDecay: 0.05,
    labelSmoothing: 0.05,
  },
};

export const measuredRuns: readonly MeasuredRun[] = [
  {
    name: '600 photographs, auto',
    recipe: head,
    change: { batchSize: 32, epochs: 60, cachedViews: 2 },
    counts: { train: 408, validation: 102, test: 90 },
    classes: 6,
    sourcePixels: 196608,
    packs: true,
    computesFeatures: true,
    seconds: 32.5,
    took: { images: 0.004002, features: 0.02101, step: 0.001864, answer: 0.003325, start: 2.718 },
  },
  {
    name: 'the same again, its features kept',
    recipe: head,
    change: { batchSize: 32, epochs: 60, cachedViews: 2 },
    counts: { train: 408, validation: 102, test: 90 },
    classes: 6,
    sourcePixels: 196608,
    packs: false,
    computesFeatures: false,
    seconds: 5,
    took: { step: 0.001773, answer: 0.002646, start: 2.621 },
  },
  {
    name: '208 photographs, quick, 8 epochs',
    recipe: quick64,
    change: { batchSize: 8, epochs: 8 },
    counts: { train: 204, validation: 54, test: 48 },
    classes: 6,
    sourcePixels: 196608,
    packs: true,
    computesFeatures: false,
    seconds: 12.6,
    took: { images: 0.004568, step: 0.0384, answer: 0.2023, start: 1.047 },
  },
  {
    name: '600 photographs, quick, 4 epochs',
    recipe: quick64,
    change: { batchSize: 16, epochs: 4 },
    counts: { train: 408, validation: 102, test: 90 },
    classes: 6,
    sourcePixels: 196608,
    packs: true,
    computesFeatures: false,
    seconds: 11.9,
    took: { images: 0.005202, step: 0.0602, answer: 0.2194, start: 1.249 },
  },
  {
    name: '208 photographs, auto',
    recipe: head,
    change: { batchSize: 32, epochs: 60 },
    counts: { train: 204, validation: 54, test: 48 },
    classes: 6,
    sourcePixels: 196608,
    packs: true,
    computesFeatures: true,
    seconds: 23.5,
    took: { images: 0.005108, features: 0.01442, step: 0.002714, answer: 0.003409, start: 3.807 },
  },
  {
    name: '600 photographs, fine-tune, 1 epoch',
    recipe: fineTuned,
    change: { batchSize: 32, epochs: 1 },
    counts: { train: 408, validation: 102, test: 90 },
    classes: 6,
    sourcePixels: 196608,
    packs: false,
    computesFeatures: true,
    seconds: 47,
    took: { features: 0.01733, step: 0.3031, answer: 0.3186, start: 3.62 },
  },
  {
    name: 'the same, 5 epochs, its features kept',
    recipe: fineTuned,
    change: { batchSize: 32, epochs: 5 },
    counts: { train: 408, validation: 102, test: 90 },
    classes: 6,
    sourcePixels: 196608,
    packs: false,
    computesFeatures: false,
    seconds: 21.8,
    took: { step: 0.2587, answer: 0.1965, start: 2.182 },
  },
  {
    name: '2,500 small pictures, quick, 1 epoch',
    recipe: quick28,
    change: { batchSize: 64, epochs: 1 },
    counts: { train: 1600, validation: 400, test: 500 },
    classes: 10,
    sourcePixels: 0,
    packs: false,
    computesFeatures: false,
    seconds: 3,
    took: { step: 0.05036, answer: 0.08833, start: 1.341 },
  },
  {
    name: '2,500 small pictures, seed, 2 epochs',
    recipe: seed,
    change: { batchSize: 64, epochs: 2 },
    counts: { train: 1600, validation: 400, test: 500 },
    classes: 10,
    sourcePixels: 0,
    packs: false,
    computesFeatures: false,
    seconds: 4.3,
    took: { step: 0.05014, answer: 0.09265, start: 1.126 },
  },
  {
    name: '2,500 small pictures, best, 1 epoch',
    recipe: best,
    change: { batchSize: 64, epochs: 1 },
    counts: { train: 1600, validation: 400, test: 500 },
    classes: 10,
    sourcePixels: 0,
    packs: false,
    computesFeatures: false,
    seconds: 3.5,
    took: { step: 0.06513, answer: 0.1418, start: 1.246 },
  },
  {
    name: '2,500 small pictures, quick, batch 32',
    recipe: quick28,
    change: { batchSize: 32, epochs: 1 },
    counts: { train: 1600, validation: 400, test: 500 },
    classes: 10,
    sourcePixels: 0,
    packs: false,
    computesFeatures: false,
    seconds: 3.5,
    took: { step: 0.03492, answer: 0.1245, start: 1.266 },
  },
  {
    name: '2,500 small pictures, quick at 40 × 40',
    recipe: quick40,
    change: { batchSize: 64, epochs: 1 },
    counts: { train: 1600, validation: 400, test: 500 },
    classes: 10,
    sourcePixels: 0,
    packs: true,
    computesFeatures: false,
    seconds: 7.2,
    took: { images: 0.001179, step: 0.09153, answer: 0.2426, start: 1.236 },
  },
  {
    name: '70,000 small pictures, quick, 1 epoch',
    recipe: quick28,
    change: { batchSize: 128, epochs: 1 },
    counts: { train: 48000, validation: 12000, test: 10000 },
    classes: 10,
    sourcePixels: 0,
    packs: false,
    computesFeatures: false,
    seconds: 35.5,
    took: { step: 0.07314, answer: 1.62, start: 2.55 },
  },
];
