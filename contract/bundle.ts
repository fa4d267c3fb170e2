/** What an export makes of a run: the bundle's files, and the proof that they answer as the studio does. */
import * as z from 'zod';
import { RunId } from './ids.ts';

/** Proof that the exported file answers as the studio does. */
export const Parity = z.object({
  images: z.int(),
  largestDifference: z.number(),
  labelFlips: z.int(),
  tolerance: z.number(),
  passed: z.boolean(),
  runtime: z.string(),
});
export type Parity = z.infer<typeof Parity>;

export const Bundle = z.object({
  runId: RunId,
  path: z.string(),
  bytes: z.int(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  parity: Parity,
  createdAt: z.string(),
});
export type Bundle = z.infer<typeof Bundle>;
