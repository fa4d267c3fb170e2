/**
 * Studies: several runs that answer one question. A cross-validation asks how good a recipe is and how sure that
 * is; a search asks which values of a recipe are best; a learning curve asks what more images would do. Trials are ordinary
 * runs. The test split is not looked at.
 * How values are chosen and what they tell is left to learning/search, carrying them out to engine/studies.
 */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { StudyId } from './ids.ts';
import { identityOf } from '#recipe/identity.ts';
import { Recipe } from '#recipe/recipe.ts';
import { SearchSpace } from '#recipe/search-space.ts';

export const runStates = ['queued', 'running', 'finished', 'cancelled', 'failed'] as const;
/** Of a run, a study or a job: true while it waits for its turn or works. */
export const isActive = ({ state }: { state: (typeof runStates)[number] }): boolean =>
  state === 'queued' || state === 'running';

/**
 * Which images must stay together in one fold: the project's groups (contract/splits.ts), so that nothing leaks; none (copies
 * alone), which is the naive estimate; or, in plans of before, those of one folder or with a file name that begins alike.
 */
export const Grouping = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('groups') }),
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('folder') }),
  z.strictObject({ kind: z.literal('prefix'), separator: z.string().min(1).max(8) }),
]);
export type Grouping = z.infer<typeof Grouping>;

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
/** Trials at once, each with its share of the cores; null decides by the cores. */
const parallel = z.int().min(1).max(64).nullable().default(null);

export const defaultShares = [1 / 8, 1 / 4, 1 / 2, 3 / 4, 1] as const;

export const StudyPlan = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cross-validation'),
    /** k of k-fold; null is repeated hold-out: the project's own validation split, with the seed alone varying. */
    folds: z.int().min(2).max(20).nullable().default(5),
    grouping: Grouping.default({ kind: 'groups' }),
    /** Each seed trains on all folds. */
    seeds: z.array(seed).min(1).max(50).default([1]),
    parallel,
  }),
  z.strictObject({
    kind: z.literal('search'),
    space: SearchSpace,
    /** Random and TPE draw `trials` trials (Bergstra et al. 2011 for TPE); a grid tries every combination, at most `trials`. */
    sampler: z.enum(['grid', 'random', 'tpe']).default('tpe'),
    trials: z.int().min(1).max(1000).default(20),
    /** Trains all for `minimumEpochs`, then the best one in `reduction` for `reduction` times as long, and so on (Li et al. 2018); null trains all to the end. */
    halving: z
      .strictObject({
        reduction: z.int().min(2).max(10).default(3),
        minimumEpochs: z.int().min(1).max(1000).default(1),
      })
      .nullable()
      .default(null),
    seed: seed.default(1),
    parallel,
  }),
  z.strictObject({
    kind: z.literal('learning-curve'),
    /** Parts of the training images, growing up to all of them: each holds the one before, and is trained on for as many steps. Four or more, since a curve has three numbers. */
    shares: z
      .array(z.number().gt(0).max(1))
      .min(4)
      .max(12)
      .refine(
        (shares) =>
          shares.every((share, at) => share > (shares[at - 1] ?? 0)) && shares[shares.length - 1] === 1,
        'Expected growing shares, the last one 1',
      )
      .default([...defaultShares]),
    /** Each draws parts of its own and trains on all of them: points that differ show how much is luck. */
    seeds: z.array(seed).min(1).max(50).default([1, 2, 3]),
    /** Whether images that belong together (contract/splits.ts) join together. */
    grouping: Grouping.default({ kind: 'groups' }),
    parallel,
  }),
]);
export type StudyPlan = z.infer<typeof StudyPlan>;

export const studyKindWords: Record<StudyPlan['kind'], string> = {
  'cross-validation': 'Cross-validation',
  search: 'Search',
  'learning-curve': 'Learning curve',
};
/** "12.5 %" of the training images. */
export const shareWords = (share: number): string => `${Number((100 * share).toFixed(2))} %`;

/** One run of a study. */
export const Trial = z.object({
  /** From 1, in the order of their start. */
  number: z.int(),
  runId: z.string(),
  state: z.enum([...runStates, 'held']),
  /** What differs from the study's recipe: values by path (search), the `share` of the training images (learning curve), else nothing. */
  values: z.record(z.string(), z.json()),
  /** Which part validates, from 1; null where the project's split is kept, as by a learning curve. */
  fold: z.int().nullable(),
  seed: z.int(),
  epochs: z.int(),
  /** Validation accuracy of the best epoch; null before the first. */
  score: z.number().nullable(),
});
export type Trial = z.infer<typeof Trial>;

/**
 * Mean over finished trials with a 95 % interval: Student's t; over folds with Nadeau and Bengio's (2003) correction for shared training images.
 * Where all agree exactly: the exact interval (Clopper and Pearson) of the images that were validated on together; null where those are not known.
 */
export const StudySummary = z.object({
  count: z.int(),
  mean: z.number(),
  deviation: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  /** The same over the means of each seed, where there are several. */
  overSeeds: z
    .object({
      count: z.int(),
      mean: z.number(),
      deviation: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }).nullable(),
    })
    .nullable(),
});
export type StudySummary = z.infer<typeof StudySummary>;

export const Study = z.object({
  id: StudyId,
  name: z.string(),
  state: z.enum(runStates),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  recipe: Recipe,
  plan: StudyPlan,
  trials: z.array(Trial),
  /** Trials to come as far as is known. */
  trialsInAll: z.int(),
  /** Number of the trial with the highest score; null before one has a score. */
  bestTrial: z.int().nullable(),
  summary: StudySummary.nullable(),
  /** How much each parameter decides, shares that sum to 1; null where too few trials tell (search only). */
  importance: z.array(z.object({ path: z.string(), share: z.number() })).nullable(),
  error: WireError.nullable(),
});
export type Study = z.infer<typeof Study>;

/** Whether its folds keep images that belong together in one; false for what has no folds, or draws them at random. */
export const isLeakProof = ({ plan }: Pick<Study, 'plan'>): boolean =>
  plan.kind === 'cross-validation' && plan.folds !== null && plan.grouping.kind !== 'none';

/**
 * The study that differs from a cross-validation by its folds alone, at random where those are leak-proof and the other way round:
 * the two estimates stand side by side. The newest that has a mean; null where there is none.
 */
export function counterpartOf(study: Study, studies: readonly Study[]): Study | null {
  const { plan, id } = study;
  if (plan.kind !== 'cross-validation' || plan.folds === null) return null;
  const others = studies.filter(
    (other) =>
      other.id !== id &&
      other.summary !== null &&
      other.plan.kind === 'cross-validation' &&
      other.plan.folds === plan.folds &&
      isLeakProof(other) !== isLeakProof(study) &&
      JSON.stringify(other.plan.seeds) === JSON.stringify(plan.seeds) &&
      identityOf(other.recipe) === identityOf(study.recipe),
  );
  others.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return others[0] ?? null;
}
