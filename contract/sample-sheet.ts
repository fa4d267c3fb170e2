/** A sample sheet: some images of each class beside each other in one picture. Drawing it is the engine's. */
import * as z from 'zod';
import { ItemFilter } from './project.ts';

export const mostPerClass = 40;
export const greatestSeed = 1_000_000;

export const SampleSheet = z.object({
  /** Of which images; where it sorts them, the first of each class are taken, else a sample. */
  filter: ItemFilter,
  /** Images of each class at most. */
  perClass: z.int().min(1).max(mostPerClass).default(12),
  /** Draws other images. */
  seed: z.int().min(0).max(greatestSeed).default(1),
});
export type SampleSheet = z.infer<typeof SampleSheet>;
