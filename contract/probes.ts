/** What can be looked at beside a training: a network's layers, learning rates, precisions. None of it changes a run. */
import * as z from 'zod';
import type { Recipe } from '#recipe/recipe.ts';
import type { Origin } from './run.ts';

/** One layer of a run's network on one image, as pictures of tiles in rows; see commands `runs.inspect`. */
export const LayerPicture = z.object({
  /** The plan's name of the operation, such as "2.residual/conv1". */
  name: z.string(),
  kind: z.string(),
  outputShape: z.array(z.int()),
  /** Address of the picture of what the layer answers, a tile a channel; null for a vector drawn as `values`. */
  activations: z.string().nullable(),
  /** What a vector holds; null for a map. */
  values: z.array(z.number()).nullable(),
  /** Address of the picture of a convolution's kernels, a tile an output channel (its mean over input channels); null for what has none. */
  filters: z.string().nullable(),
  /** Tiles shown; channels beyond are left out. */
  tiles: z.int(),
  /** Tiles in a row. */
  columns: z.int(),
});
export type LayerPicture = z.infer<typeof LayerPicture>;

/** What a learning-rate finder saw (Smith 2015): the smoothed loss at each rate, rising until it diverged. */
export const RateSearch = z.object({
  points: z.array(z.object({ rate: z.number(), loss: z.number() })),
  /** Where the loss fell fastest; null where it never fell. */
  suggestion: z.number().nullable(),
});
export type RateSearch = z.infer<typeof RateSearch>;

/** The same recipe, seed and batches in float32 and in bfloat16, side by side on this machine. */
export const PrecisionReport = z.object({
  /** Why bfloat16 cannot be had here; null where it can. */
  unavailable: z.string().nullable(),
  steps: z.int(),
  float32: z.object({ losses: z.array(z.number()), imagesPerSecond: z.number() }),
  bfloat16: z.object({ losses: z.array(z.number()), imagesPerSecond: z.number() }).nullable(),
  /** Largest difference of the two smoothed losses, as a share of float32's. */
  largestDifference: z.number().nullable(),
  /** True where the loss follows and it is faster. */
  recommended: z.boolean(),
});
export type PrecisionReport = z.infer<typeof PrecisionReport>;

/** What a probe found, the recipe that it tried, and what it began with; null for random weights. */
export type Tried<T> = T & { recipe: Recipe; origin: Origin | null };
