/**
 * What a study of kind learning-curve says: accuracy against the number of training images, overall and of each class, extrapolated with
 * its uncertainty, and in words. The arithmetic is learning/statistics/learning-curve.ts.
 */
import * as z from 'zod';
import { pointsText } from '#recipe/metrics/format.ts';
import { ClassId, RunId, StudyId } from './ids.ts';
import { Leak } from './splits.ts';

/** At 95 %. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** What is asked of more images: two points. */
export const gainAsked = 0.02;
/** How many times as many images as there are a curve is drawn to. */
export const drawnTo = 4;

export const MoreImages = z.object({
  /** Images beyond those that there are. */
  more: z.int(),
  low: z.int(),
  /** null: no end can be told. */
  high: z.int().nullable(),
});

export const FittedCurve = z.object({
  /** Least and most images of a training. */
  from: z.int(),
  to: z.int(),
  /** Along the curve, up to `drawnTo` times as many images as there are. */
  line: z.array(Estimate.extend({ images: z.number() })),
  /** Accuracy (of a class: recall) with all images. */
  now: Estimate,
  /** Gain of twice as many images. */
  twice: Estimate,
  /** Images for `gainAsked`; null where that cannot be told. */
  forGain: MoreImages.nullable(),
});
export type FittedCurve = z.infer<typeof FittedCurve>;

export const CurveOf = z.object({
  /** null: of all images. */
  classId: ClassId.nullable(),
  name: z.string(),
  points: z.array(
    z.object({
      runId: RunId,
      seed: z.int(),
      /** Trained on; of a class: its own. */
      images: z.int(),
      /** Validation images, and those answered right. */
      tested: z.int(),
      correct: z.int(),
    }),
  ),
  /** null while there are fewer than four sizes. */
  fit: FittedCurve.nullable(),
});
export type CurveOf = z.infer<typeof CurveOf>;

export const LearningCurve = z.object({
  studyId: StudyId,
  /** Validation images of its trainings, and those of a group that also trained; null where groups were never looked for. */
  leak: Leak.nullable(),
  overall: CurveOf,
  classes: z.array(CurveOf),
});
export type LearningCurve = z.infer<typeof LearningCurve>;

/** Two digits: more would promise too much. */
const about = (images: number): string => Number(images.toPrecision(2)).toLocaleString('en');
const range = ({ low, high }: { low: number; high: number }) => `${pointsText(low)} to ${pointsText(high)}`;

/** "About 60 more images of glass for +2 points of recall (25 to 300).", or why that cannot be told. */
export function moreImagesWords({ classId, name, fit }: CurveOf): string {
  const [of, what] = classId === null ? ['', 'accuracy'] : [` of ${name}`, 'recall'];
  if (!fit) return `Nothing can be told${of} yet: a curve takes trainings of four sizes.`;
  const goal = `${pointsText(gainAsked, 0)} points of ${what}`;
  const { forGain, twice } = fit;
  if (!forGain)
    return `How many more images${of} ${goal} take cannot be told: twice as many bring ${pointsText(twice.value)} points (${range(twice)}).`;
  const { more, low, high } = forGain;
  return `About ${about(more)} more images${of} for ${goal} (${high === null ? `${about(low)} or more, no end can be told` : `${about(low)} to ${about(high)}`}).`;
}

/** What is said of a curve whose trainings validated on what also trained; null where they did not, or that is not known. */
export const leakingCurveWords = ({ leak }: Pick<LearningCurve, 'leak'>): string | null =>
  leak && leak.leaked > 0
    ? `${leak.leaked.toLocaleString('en')} of ${leak.images.toLocaleString('en')} validation images belong to a group that also trained: the curve rises by them too, and is not to be believed. Redraw the parts first.`
    : null;

/** What holds for every curve, and must be known of it. */
export const learningCurveCaution =
  'Measured on the validation images with the recipe as it is; of a class with the others growing as they are. An extrapolation: the farther, the less sure.';
