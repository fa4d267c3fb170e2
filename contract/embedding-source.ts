/** What computes embeddings. What follows from them is embeddings.ts. */
import * as z from 'zod';
import { BackboneName } from '#recipe/backbone-name.ts';
import { RunId } from './ids.ts';

/** A pre-trained backbone, or what a run's classifier looks at. */
export const EmbeddingSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('backbone'), name: BackboneName }),
  z.object({ kind: z.literal('run'), runId: RunId }),
]);
export type EmbeddingSource = z.infer<typeof EmbeddingSource>;
