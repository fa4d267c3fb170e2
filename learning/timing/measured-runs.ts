/**
 * Trainings that were really carried out, in this order, by `npm run bench:times` on two cores of an AMD EPYC with AVX2 that nine
 * to eleven programs shared (load): seconds on the wall, of all of it and of each part. A table of data.
 */
import type { PresetName, Training } from '#contract/recipe.ts';
import type { Pace } from './paces.ts';

export interface MeasuredRun {
  name: string;
  images: { kind: 'photographs' | 'small'; train: number; validation: number; test: number };
  preset: PresetName;
  change: Partial<Pick<Training, 'epochs' | 'batchSize'>> & { side?: number };
  /** Whether images were brought to size, and features computed: else they were kept, or not needed. */
  packs: boolean;
  computesFeatures: boolean;
  seconds: number;
  load: number;
  /** Its own steps took several times as long as those of the run before: somebody took both cores. */
  disturbed?: true;
  /** Seconds: of the start, an image, a feature, a step, the answers to all validation images. */
  took: Partial<Record<Pace['part'], number>>;
}

export const measuredRuns: readonly MeasuredRun[] = [
  {
    name: '600 photographs, auto',
    images: { kind: 'photographs', train: 408, validation: 102, test: 90 },
    preset: 'auto',
    change: { epochs: 60, batchSize: 32 },
    packs: true,
    computesFeatures: true,
    seconds: 82.7,
    load: 9.5,
    took: { images: 0.006769, features: 0.047, step: 0.00721, answer: 0.013, start: 23.31 },
  },
  {
    name: 'the same again, its features kept',
    images: { kind: 'photographs', train: 408, validation: 102, test: 90 },
    preset: 'auto',
    change: { epochs: 60, batchSize: 32 },
    packs: false,
    computesFeatures: false,
    seconds: 16.3,
    load: 9.6,
    took: { step: 0.004451, answer: 0.006332, start: 9.544 },
  },
  {
    name: '208 photographs, quick',
    images: { kind: 'photographs', train: 204, validation: 54, test: 48 },
    preset: 'quick',
    change: { epochs: 14, batchSize: 8 },
    packs: true,
    computesFeatures: false,
    seconds: 63.7,
    load: 10.9,
    took: { images: 0.009334, step: 0.1343, answer: 0.6326, start: 2.701 },
  },
  {
    name: '600 photographs, quick, 20 epochs',
    images: { kind: 'photographs', train: 408, validation: 102, test: 90 },
    preset: 'quick',
    change: { epochs: 20, batchSize: 16 },
    packs: true,
    computesFeatures: false,
    seconds: 118.4,
    load: 10.2,
    took: { images: 0.008045, step: 0.1906, answer: 0.6389, start: 3.312 },
  },
  {
    name: '208 photographs, auto',
    images: { kind: 'photographs', train: 204, validation: 54, test: 48 },
    preset: 'auto',
    change: { epochs: 60, batchSize: 32 },
    packs: true,
    computesFeatures: true,
    seconds: 56.8,
    load: 10.5,
    took: { images: 0.005715, features: 0.04824, step: 0.005776, answer: 0.01062, start: 8.568 },
  },
  {
    name: '600 photographs, fine-tune, 3 epochs',
    images: { kind: 'photographs', train: 408, validation: 102, test: 90 },
    preset: 'fine-tune',
    change: { epochs: 3, batchSize: 32 },
    packs: false,
    computesFeatures: true,
    seconds: 134.6,
    load: 8.1,
    took: { features: 0.0986, step: 0.7315, answer: 0.5643, start: 11.28 },
  },
  {
    name: 'the same, 5 epochs, its features kept',
    images: { kind: 'photographs', train: 408, validation: 102, test: 90 },
    preset: 'fine-tune',
    change: { epochs: 5, batchSize: 32 },
    packs: false,
    computesFeatures: false,
    seconds: 175.5,
    load: 11.4,
    disturbed: true,
    took: { step: 2.612, answer: 0.6781, start: 11.26 },
  },
  {
    name: '2,500 small pictures, quick, 3 epochs',
    images: { kind: 'small', train: 1600, validation: 400, test: 500 },
    preset: 'quick',
    change: { epochs: 3, batchSize: 64 },
    packs: false,
    computesFeatures: false,
    seconds: 22.4,
    load: 11.5,
    took: { step: 0.189, answer: 0.6785, start: 3.342 },
  },
];
