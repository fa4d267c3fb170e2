/** What a trained run answers: over a part of the data (an evaluation), and about one image (a prediction). */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import { classFields, evaluationFields } from '#recipe/metrics/stored.ts';
import { Judged, Verdict } from './answer-rule.ts';
import { ClassId, ItemId, RunId } from './ids.ts';
import { Split } from './project.ts';

export const ClassScore = z.object({
  classId: ClassId,
  name: z.string(),
  support: z.int(),
  ...classFields,
});
export type ClassScore = z.infer<typeof ClassScore>;

/**
 * Test-time augmentation: none, or the probabilities averaged over the image and its mirror image (and both shifted by a
 * pixel each way).
 */
export const ttas = ['none', 'flip', 'flip-shift'] as const;
export const Tta = z.enum(ttas);
export type Tta = z.infer<typeof Tta>;

/** A thousand classes have a million counts: they are looked at in one loop, since a schema for each takes half a second. */
const isSquareOfCounts = (given: unknown): boolean =>
  Array.isArray(given) &&
  given.every(
    (row: unknown) => Array.isArray(row) && row.length === given.length && row.every(Number.isSafeInteger),
  );

/** Its metrics are those of recipe/metrics, under their keys. */
export const Evaluation = z.object({
  runId: RunId,
  split: Split,
  tta: Tta.default('none'),
  evaluatedAt: z.string(),
  /** Names the very images that were in the part (a digest of their ids); null where that was not kept yet. */
  partVersion: z.string().nullable().default(null),
  /** Names the label of each of these images, as it was then (a digest); null where that was not kept yet. */
  labelsVersion: z.string().nullable().default(null),
  /** Test images that the run had trained or validated on: parts were drawn anew since. */
  trainedOn: z.int().default(0),
  count: z.int(),
  correct: z.int(),
  ...evaluationFields,
  classes: z.array(ClassScore),
  /** confusion[actual][predicted], counts, in the order of `classes`. */
  confusion: z.custom<number[][]>(isSquareOfCounts, 'Expected a square of whole numbers'),
  /** Classes of the part that the run has no output for; their images are counted nowhere else in here. */
  leftOut: z.array(z.object({ classId: ClassId, name: z.string(), images: z.int() })).default([]),
});
export type Evaluation = z.infer<typeof Evaluation>;

/**
 * Two runs on the same images of a part, those that both have predictions for: how many the second puts right and wrong, and whether
 * that is more than chance (recipe/statistics/paired.ts). Labels are those of the second's evaluation.
 */
export const RunComparison = z.object({
  /** Whether both were evaluated on the same version of the part; null where that is not known of one. */
  sameVersion: z.boolean().nullable(),
  /** Images of both that had another label when the other was evaluated, and which was evaluated first; null where there are none. */
  otherLabels: z.object({ images: z.int(), older: z.enum(['A', 'B']) }).nullable(),
  count: z.int(),
  fixed: z.int(),
  broken: z.int(),
  /** Accuracy of the second less that of the first, and its interval at 95 % (Tango 1998). */
  difference: z.number(),
  interval: Interval,
  test: z.object({ exact: z.number(), midP: z.number(), chiSquare: z.number(), chiSquareP: z.number() }),
  better: z.enum(['A', 'B']).nullable(),
  neededImages: z.int().nullable(),
  /** Ids of the first thousand. */
  fixedItems: z.array(ItemId),
  brokenItems: z.array(ItemId),
});
export type RunComparison = z.infer<typeof RunComparison>;

/** What a run said about one image. Probabilities are in the order of `classes`, at the answer rule's temperature where there is one, and sum to 1. */
export const Prediction = z.object({
  runId: RunId,
  itemId: ItemId.nullable(),
  name: z.string(),
  classes: z.array(z.object({ id: ClassId.nullable(), name: z.string() })),
  probabilities: z.array(z.number()),
  /** Index of the greatest probability. */
  predicted: z.int(),
  /** `answer` where the run has no answer rule. */
  verdict: Verdict,
  /** What the verdict follows from; null without an answer rule. */
  judged: Judged.nullable(),
  /** Address of the image as the network saw it, and of the image itself. */
  networkImage: z.string(),
  image: z.string(),
  milliseconds: z.number(),
});
export type Prediction = z.infer<typeof Prediction>;
