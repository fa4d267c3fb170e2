/** A job: work that takes longer than a call, with its progress and its end. */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { JobId, RunId, StudyId } from './ids.ts';
import { runStates } from './study.ts';

const jobKinds = [
  'inspect',
  'import',
  'rescan',
  'update',
  'train',
  'replay',
  'evaluate',
  'evidence',
  'nearest',
  'slices',
  'robustness',
  'calibrate',
  'export',
  'study',
  'find-learning-rate',
  'compare-precision',
  'embed',
  'findings',
  'group',
  'split',
  'map',
  'facts',
] as const;
export const Job = z.object({
  id: JobId,
  kind: z.enum(jobKinds),
  title: z.string(),
  state: z.enum(runStates),
  runId: RunId.nullable(),
  studyId: StudyId.nullable(),
  /** total is null while it cannot be known. */
  progress: z.object({
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string(),
    secondsLeft: z.number().nullable(),
  }),
  error: WireError.nullable(),
});
export type Job = z.infer<typeof Job>;
