/**
 * What would make a run better, as a list: each with the gain that is expected, how that was estimated, and what does it. Made of what is
 * there; where something is missing, what computes it is named. The list is learning/improvements, what it knows engine/improvements/facts.ts.
 */
import * as z from 'zod';
import { FindingKind } from './findings.ts';
import { ClassId, RunId } from './ids.ts';
import { Estimate } from './learning-curve.ts';

export const improvementKinds = [
  'findings',
  'label-errors',
  'more-images',
  'train-longer',
  'merge-classes',
  'leaks',
  'shortcuts',
  'unsafe-augmentation',
  'augmentation',
  'class-weights',
  'better-run',
  'backbone',
  'larger-network',
  'temperature',
] as const;

/**
 * accuracy: a gain was estimated. trust: none, but a figure or a probability that says what is. unknown: not before something is computed.
 * none: it would gain nothing.
 */
export const improvementEffects = ['accuracy', 'trust', 'unknown', 'none'] as const;
export const improvementCosts = ['minutes', 'training', 'labelling', 'collecting'] as const;

/** What of the window does it. */
export const ImprovementAction = z.discriminatedUnion('to', [
  z.object({ to: z.literal('findings'), finding: FindingKind.nullable() }),
  z.object({ to: z.literal('learning-curve') }),
  z.object({ to: z.literal('what-if'), classIds: z.array(ClassId) }),
  /** A training of the run's recipe with these fields changed, by path. */
  z.object({ to: z.literal('train'), changes: z.record(z.string(), z.json()) }),
  z.object({ to: z.literal('preset') }),
  z.object({ to: z.literal('run'), runId: RunId }),
  z.object({ to: z.literal('calibration') }),
  z.object({ to: z.literal('redraw') }),
]);
export type ImprovementAction = z.infer<typeof ImprovementAction>;

export const Improvement = z.object({
  kind: z.enum(improvementKinds),
  /** What to do. */
  title: z.string(),
  effect: z.enum(improvementEffects),
  /** Of the validation accuracy; null unless the effect is accuracy. */
  gain: Estimate.nullable(),
  /** How it was estimated, or why it cannot be; a sentence or more. */
  how: z.string(),
  cost: z.enum(improvementCosts),
  action: ImprovementAction.nullable(),
  /** The same on the command line, with PROJECT for the project; null where a person does it. */
  command: z.string().nullable(),
});
export type Improvement = z.infer<typeof Improvement>;

export const Improvements = z.object({
  runId: RunId,
  /** Validation images, and how many of them it answers right; null where the run was not evaluated on them. */
  validation: z.object({ count: z.int(), accuracy: z.number() }).nullable(),
  list: z.array(Improvement),
});
export type Improvements = z.infer<typeof Improvements>;

export const improvementCostWords: Record<Improvement['cost'], string> = {
  minutes: 'minutes',
  training: 'a training',
  labelling: 'labelling',
  collecting: 'new images',
};

/** Why test images have no say in it. */
export const improvementCaution =
  'Estimated on the validation images: what the test images say is not used to choose, so that they stay honest.';
