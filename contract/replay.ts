/** A run trained once more from what was kept of it, and whether the figures came out equal. */
import * as z from 'zod';
import { RunId } from './ids.ts';
import { EngineInfo } from './run.ts';

export const Replay = z.object({
  runId: RunId,
  replayedAt: z.string(),
  /** What computed then and now; where they differ, equal figures cannot be expected. */
  engine: z.object({ before: EngineInfo.nullable(), after: EngineInfo }),
  sameEngine: z.boolean(),
  /** Images that it learned from and chose the best epoch by; each is what it was then, or the replay is refused. */
  images: z.int(),
  /** Epochs compared, all figures of each. */
  epochs: z.int(),
  /** Every figure of every epoch, the epoch that was kept and its weights are the same to the last bit. */
  equal: z.boolean(),
  /** The first figure that is not; null where all are. */
  firstDifference: z
    .object({ epoch: z.int(), key: z.string(), before: z.number().nullable(), after: z.number().nullable() })
    .nullable(),
  bestEpoch: z.object({ before: z.int(), after: z.int() }),
  /** Of the weights that were kept: SHA-256 in hexadecimal of the tensors, whatever else stands in their file. */
  weights: z.object({ before: z.string(), after: z.string() }),
  validationAccuracy: z.object({ before: z.number(), after: z.number() }),
});
export type Replay = z.infer<typeof Replay>;
