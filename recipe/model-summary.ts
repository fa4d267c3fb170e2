/** A network layer by layer, as the window and the command line show it; summary.ts makes it. */
import * as z from 'zod';

/** One line of the layer-by-layer summary. */
export const LayerSummary = z.object({
  name: z.string(),
  kind: z.string(),
  /** [height, width, channels] or [units]. */
  outputShape: z.array(z.int()),
  parameters: z.int(),
  multiplyAdds: z.int(),
  /** Side in pixels of the square of the input that one value can see; null from where it sees all. */
  receptiveField: z.int().nullable(),
});
export type LayerSummary = z.infer<typeof LayerSummary>;

export const ModelSummary = z.object({
  layers: z.array(LayerSummary),
  parameters: z.int(),
  multiplyAdds: z.int(),
  parameterBudget: z.int(),
  withinBudget: z.boolean(),
});
export type ModelSummary = z.infer<typeof ModelSummary>;
