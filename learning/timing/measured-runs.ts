/**
 * Trainings that were really carried out, in this order, by `npm run bench:times` on two cores of an AMD EPYC with AVX2 that
 * nobody else used: seconds on the wall, of all of it and of each part. A table of data for tests.
 */
import type { PresetName, Recipe } from '#recipe/recipe.ts';
import type { Training } from '#recipe/training.ts';
import { presetsFor } from '#recipe/presets.ts';
import type { ProjectFacts } from '#recipe/project-facts.ts';
import type { Pace } from './paces.ts';

interface MeasuredProject {
  facts: ProjectFacts;
  counts: { train: number; validation: number; test: number };
  classes: number;
  /** Of an original; 0 where they are kept as pixels. */
  sourcePixels: number;
}

export interface MeasuredRun extends MeasuredProject {
  name: string;
  recipe: Recipe;
  seconds: number;
  /**
   * Seconds: of the start, an image that was brought to size, a feature, a step, the answers to all validation images. Images
   * and features that are not named were kept, or not needed.
   */
  took: Partial<Record<Pace['part'], number>>;
}

type Images = Pick<ProjectFacts, 'width' | 'height' | 'colour' | 'backbones'>;
const photographs: Images = { width: 512, height: 384, colour: true, backbones: ['efficientnet-lite0'] };
const smallPictures: Images = { width: 28, height: 28, colour: false, backbones: [] };

function project(
  counts: MeasuredProject['counts'],
  classes: number,
  sourcePixels: number,
  images: Images,
): MeasuredProject {
  const classCounts = Array.from({ length: classes }, () => counts.train / classes);
  return { facts: { ...images, images: counts.train, classCounts }, counts, classes, sourcePixels };
}
const photos = project({ train: 408, validation: 102, test: 90 }, 6, 512 * 384, photographs);
const few = project({ train: 204, validation: 54, test: 48 }, 6, 512 * 384, photographs);
const small = project({ train: 1600, validation: 400, test: 500 }, 10, 0, smallPictures);
const many = project({ train: 48_000, validation: 12_000, test: 10_000 }, 10, 0, smallPictures);

/** The preset for a project, and what of its training was otherwise. */
function recipeFor({ facts }: MeasuredProject, preset: PresetName, change: Partial<Training> = {}): Recipe {
  const { recipe } = presetsFor(facts).find((each) => each.preset === preset)!;
  return { ...recipe, training: { ...recipe.training, ...change } };
}
/** Fine-tuning as it was then. */
const fineTuned = (epochs: number): Recipe =>
  recipeFor(photos, 'auto', {
    ...{ learningRate: 0.004, layerDecay: 0.45, batchNorm: 'running', frozenLayers: 13, cachedViews: 4 },
    epochs,
  });
const quick = recipeFor(small, 'quick', { epochs: 1 });

export const measuredRuns: readonly MeasuredRun[] = [
  {
    ...{ name: '600 photographs, auto', ...photos, recipe: recipeFor(photos, 'auto'), seconds: 32.5 },
    took: { images: 0.004002, features: 0.02101, step: 0.001864, answer: 0.003325, start: 2.718 },
  },
  {
    ...{
      name: 'the same again, its features kept',
      ...photos,
      recipe: recipeFor(photos, 'auto'),
      seconds: 5,
    },
    took: { step: 0.001773, answer: 0.002646, start: 2.621 },
  },
  {
    name: '208 photographs, quick, 8 epochs',
    ...{ ...few, recipe: recipeFor(few, 'quick', { epochs: 8 }), seconds: 12.6 },
    took: { images: 0.004568, step: 0.0384, answer: 0.2023, start: 1.047 },
  },
  {
    name: '600 photographs, quick, 4 epochs',
    ...{ ...photos, recipe: recipeFor(photos, 'quick', { epochs: 4 }), seconds: 11.9 },
    took: { images: 0.005202, step: 0.0602, answer: 0.2194, start: 1.249 },
  },
  {
    ...{ name: '208 photographs, auto', ...few, recipe: recipeFor(few, 'auto'), seconds: 23.5 },
    took: { images: 0.005108, features: 0.01442, step: 0.002714, answer: 0.003409, start: 3.807 },
  },
  {
    ...{ name: '600 photographs, fine-tune, 1 epoch', ...photos, recipe: fineTuned(1), seconds: 47 },
    took: { features: 0.01733, step: 0.3031, answer: 0.3186, start: 3.62 },
  },
  {
    ...{ name: 'the same, 5 epochs, its features kept', ...photos, recipe: fineTuned(5), seconds: 21.8 },
    took: { step: 0.2587, answer: 0.1965, start: 2.182 },
  },
  {
    ...{ name: '2,500 small pictures, quick, 1 epoch', ...small, recipe: quick, seconds: 3 },
    took: { step: 0.05036, answer: 0.08833, start: 1.341 },
  },
  {
    name: '2,500 small pictures, seed, 2 epochs',
    ...{ ...small, recipe: recipeFor(small, 'seed', { epochs: 2 }), seconds: 4.3 },
    took: { step: 0.05014, answer: 0.09265, start: 1.126 },
  },
  {
    name: '2,500 small pictures, best, 1 epoch',
    ...{ ...small, recipe: recipeFor(small, 'best', { epochs: 1 }), seconds: 3.5 },
    took: { step: 0.06513, answer: 0.1418, start: 1.246 },
  },
  {
    name: '2,500 small pictures, quick, batch 32',
    ...{ ...small, recipe: recipeFor(small, 'quick', { epochs: 1, batchSize: 32 }), seconds: 3.5 },
    took: { step: 0.03492, answer: 0.1245, start: 1.266 },
  },
  {
    name: '2,500 small pictures, quick at 40 × 40',
    ...{ ...small, seconds: 7.2 },
    recipe: { ...quick, preprocessing: { ...quick.preprocessing, height: 40, width: 40 } },
    took: { images: 0.001179, step: 0.09153, answer: 0.2426, start: 1.236 },
  },
  {
    name: '70,000 small pictures, quick, 1 epoch',
    ...{ ...many, recipe: recipeFor(many, 'quick', { epochs: 1 }), seconds: 35.5 },
    took: { step: 0.07314, answer: 1.62, start: 2.55 },
  },
];
