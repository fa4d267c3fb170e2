/**
 * What an evaluation would come to if classes were merged or dropped, from the predictions that are kept. The arithmetic is
 * recipe/statistics/what-if.ts; a network trained anew on other classes may do otherwise, and that is always said.
 */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import { ClassId, RunId } from './ids.ts';
import { Split } from './project.ts';

/** Each list of `merge` becomes one class; images of `drop` are left out. No class is named twice. */
export const WhatIfChange = z.object({
  merge: z.array(z.array(ClassId).min(2).max(1000)).max(500).default([]),
  drop: z.array(ClassId).max(1000).default([]),
});
export type WhatIfChange = z.infer<typeof WhatIfChange>;

const score = z.number().nullable();
export const WhatIfFigures = z.object({
  count: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  /** Of the accuracy, exact, at 95 %. */
  interval: Interval,
  macroF1: z.number(),
  classes: z.array(
    z.object({
      /** Classes of the run that it is made of. */
      classIds: z.array(ClassId),
      /** Their names, joined by " + ". */
      name: z.string(),
      support: z.int(),
      precision: score,
      recall: score,
      f1: score,
    }),
  ),
});
export type WhatIfFigures = z.infer<typeof WhatIfFigures>;

export const WhatIf = z.object({
  runId: RunId,
  split: Split,
  /** Of the evaluation that it is of. */
  evaluatedAt: z.string(),
  before: WhatIfFigures,
  /** null where nothing was asked to be changed. */
  after: WhatIfFigures.nullable(),
  /** Pairs whose merging puts most images right, best first; of the classes as they are. */
  suggestions: z.array(
    z.object({
      classIds: z.tuple([ClassId, ClassId]),
      names: z.tuple([z.string(), z.string()]),
      /** Images put right and wrong. */
      fixed: z.int(),
      broken: z.int(),
      /** Of the accuracy, and its interval at 95 % (Tango 1998). */
      gain: z.number(),
      interval: Interval,
    }),
  ),
});
export type WhatIf = z.infer<typeof WhatIf>;

/** What must be said beside every figure after a change. */
export const whatIfCaution =
  'Of the predictions that are there: fewer classes are an easier question, and a network trained anew on them may do otherwise.';
