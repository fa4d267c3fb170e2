/** What a training or a study is expected to take. How it is worked out is learning/timing. */
import * as z from 'zod';

/** Seconds of each part of a training, in the order in which they come. */
export const TrainingParts = z.object({
  /** The worker, its engine, the first of each kind of call. */
  start: z.number(),
  /** Bringing images to size. */
  images: z.number(),
  /** Computing what frozen layers give; 0 where all of it is kept. */
  features: z.number(),
  /** Steps, validations, checkpoints. */
  epochs: z.number(),
  evaluation: z.number(),
});
export type TrainingParts = z.infer<typeof TrainingParts>;

export const TimeEstimate = z.object({
  /** By what was measured on this machine; null before the first run on it: there is a range alone. */
  seconds: z.number().nullable(),
  low: z.number(),
  high: z.number(),
  /** Of a training; of a study the sum over its trainings, some of which may be under way at once. */
  parts: TrainingParts,
});
export type TimeEstimate = z.infer<typeof TimeEstimate>;
