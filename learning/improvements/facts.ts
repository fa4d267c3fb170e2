/** What is known of a run, its data and its project when it is asked what would make it better. Where it comes from is the caller's. */
import type { CurveOf, Estimate, LearningCurve } from '#contract/learning-curve.ts';
import type { TrainingLength } from '#contract/training-length.ts';

export interface Facts {
  run: { id: string; name: string };
  /** Of the kept weights on the validation images. */
  validation: {
    count: number;
    accuracy: number;
    classes: readonly { classId: number; name: string; support: number; recall: number | null }[];
  };
  /** At the kept epoch. */
  trainAccuracy: number | null;
  /** Images of each class that it trained on, in the order of the classes. */
  classImages: readonly number[];
  recipe: {
    epochs: number;
    backbone: boolean;
    /** Classes weigh the same and are drawn as often as they come. */
    equalClasses: boolean;
    /** Kinds of its augmentations. */
    augmentation: readonly string[];
  };
  /** null where findings were never looked for. */
  findings: {
    /** null where they could not be looked for. */
    labelErrors: LabelErrors | null;
    shortcuts: readonly string[];
    unsafe: readonly { augmentation: string; from: string; to: string; turned: number; images: number }[];
    /** Labels, parts or images are others since. */
    changed: boolean;
  } | null;
  /** Of the present parts; null where groups were never looked for. */
  leaks: { images: number; leaked: number } | null;
  /** Whether there is a published or own backbone to begin with. */
  backboneThere: boolean;
  curve: {
    name: string;
    trainings: number;
    sameRecipe: boolean;
    overall: CurveOf;
    classes: readonly CurveOf[];
    leak: LearningCurve['leak'];
  } | null;
  length: TrainingLength;
  merge: {
    classIds: [number, number];
    names: [string, string];
    gain: Estimate;
    fixed: number;
    broken: number;
  } | null;
  /** Another run that is shown to be better on the same images. */
  better: { id: string; name: string; gain: Estimate; fixed: number; broken: number } | null;
  /** Calibration error as it is and at a temperature, and the part that it is of; null where it was computed of neither. */
  calibration: { split: 'validation' | 'test'; error: number; scaled: number | null } | null;
  /** It has an answer rule, which holds a temperature. */
  calibrated: boolean;
}

/** Images whose label is probably wrong, of those that nothing was done about. */
export interface LabelErrors {
  train: number;
  validation: number;
  test: number;
  /** Probability that the suggested class is right, of those validation images that the run takes for it, and of those that it takes for the given one. */
  asSuggested: readonly number[];
  asGiven: readonly number[];
}
