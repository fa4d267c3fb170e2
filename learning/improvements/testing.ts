/** For tests only: facts of a run of three classes with which nothing is amiss. */
import type { CurveOf, Estimate } from '#contract/learning-curve.ts';
import type { Facts } from './facts.ts';

export const estimate = (value: number, low: number, high: number): Estimate => ({ value, low, high });

export const curve = (classId: number | null, name: string, to: number, twice: Estimate): CurveOf => ({
  classId,
  name,
  points: [],
  fit: {
    from: to / 8,
    to,
    line: [],
    now: estimate(0.85, 0.8, 0.9),
    twice,
    forGain: { more: to / 2, low: to / 4, high: null },
  },
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  run: { id: 'run-1', name: 'Quick 1' },
  validation: {
    count: 200,
    accuracy: 0.85,
    classes: [
      { classId: 1, name: 'glass', support: 100, recall: 0.9 },
      { classId: 2, name: 'metal', support: 60, recall: 0.85 },
      { classId: 3, name: 'paper', support: 40, recall: 0.7 },
    ],
  },
  trainAccuracy: 0.95,
  classImages: [400, 240, 160],
  recipe: { epochs: 10, backbone: true, equalClasses: true, augmentation: ['shift'] },
  findings: {
    labelErrors: { train: 0, validation: 0, test: 0, asSuggested: [], asGiven: [] },
    shortcuts: [],
    unsafe: [],
    changed: false,
  },
  leaks: { images: 400, leaked: 0 },
  backboneThere: true,
  curve: {
    name: 'Quick: learning curve 1',
    trainings: 15,
    sameRecipe: true,
    overall: curve(null, 'all images', 800, estimate(0, -0.001, 0.002)),
    classes: [],
    leak: { images: 200, leaked: 0 },
  },
  length: { verdict: 'settled', epochs: 10, bestEpoch: 6, window: 5, slope: null, gain: null, rate: 1 },
  merge: null,
  better: null,
  calibration: { split: 'validation', error: 0.02, scaled: 0.019 },
  calibrated: false,
  ...changes,
});
