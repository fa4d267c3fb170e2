/**
 * What a study does next: carry an open trial on, let a good one go on, or start another. A function of the plan and
 * of what the trials have come to, so that a study that was killed goes on as if it had not been.
 */
import type { Json } from '#contract/errors.ts';
import { shareWords } from '#contract/study.ts';
import { scoreForComparison, objective } from '#recipe/metrics/index.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { type Climber, expectedEpochs, finalist, promotion, rungs } from '#learning/search/halving.ts';
import { proposeValues, type Tried, trialCount } from '#learning/search/sampler.ts';
import { recipeOfShare } from '#learning/search/recipe-of-share.ts';
import { applyValues } from '#learning/search/space.ts';
import { isHeld, isOpen, type StudyCore, type TrialRun } from '../project/studies.ts';

export type Step =
  /** To its own target. */
  | { kind: 'carry-on'; trial: TrialRun }
  /** From the rung it was held at. */
  | { kind: 'promote'; trial: TrialRun; target: number | null }
  | {
      kind: 'start';
      number: number;
      values: Record<string, Json>;
      fold: number | null;
      seed: number;
      /** The study's own where the values make none. */
      recipe: Recipe;
      /** Why the values make no recipe. */
      fault: unknown;
      name: string;
      target: number | null;
    };

/**
 * The next step, or null where there is none until a trial under way has ended, or at all.
 * @param trials in the order of their numbers
 * @param underWay runs that train now
 * @param settled runs that failed since the study was last started; they get no second try before the next
 */
export function nextAction(
  study: StudyCore,
  trials: readonly TrialRun[],
  scores: () => ReadonlyMap<string, number[]>,
  underWay: ReadonlySet<string>,
  settled: ReadonlySet<string>,
): Step | null {
  const open = trials.find(
    (trial) => isOpen(trial) && !underWay.has(trial.runId) && !settled.has(trial.runId),
  );
  if (open) return { kind: 'carry-on', trial: open };
  switch (study.plan.kind) {
    case 'search':
      return nextOfSearch(study, study.plan, trials, scores, underWay);
    case 'cross-validation':
      return nextOfFolds(study, study.plan, trials);
    case 'learning-curve':
      return nextOfShares(study, study.plan, trials);
    default:
      return study.plan satisfies never;
  }
}

type PlanOf<K> = Extract<StudyCore['plan'], { kind: K }>;

function nextOfFolds(
  { recipe }: StudyCore,
  { folds, seeds }: PlanOf<'cross-validation'>,
  trials: readonly TrialRun[],
): Step | null {
  const parts = folds === null ? [null] : Array.from({ length: folds }, (_, index) => index + 1);
  const all = seeds.flatMap((seed) => parts.map((fold) => ({ seed, fold })));
  return startOf(recipe, all, trials, ({ fold, seed }) => ({
    values: {},
    fold,
    name: `${fold === null ? '' : `fold ${fold} of ${folds}, `}seed ${seed}`,
  }));
}

/** The largest first: whether it fits into memory, and how long the others take, is known at once. */
function nextOfShares(
  { recipe }: StudyCore,
  { shares, seeds }: PlanOf<'learning-curve'>,
  trials: readonly TrialRun[],
): Step | null {
  const largestFirst = [...shares].reverse();
  const all = seeds.flatMap((seed) => largestFirst.map((share) => ({ seed, share })));
  return startOf(recipe, all, trials, ({ share, seed }) => ({
    values: { share },
    fold: null,
    name: `${shareWords(share)} of the training images, seed ${seed}`,
    of: recipeOfShare(recipe, share),
  }));
}

/** The first of all that no trial has taken. */
function startOf<T extends { seed: number }>(
  recipe: Recipe,
  all: readonly T[],
  trials: readonly TrialRun[],
  distinctOf: (one: T) => { values: Record<string, Json>; fold: number | null; name: string; of?: Recipe },
): Step | null {
  const taken = new Set(trials.map(({ number }) => number));
  const index = all.findIndex((_, at) => !taken.has(at + 1));
  if (index < 0) return null;
  const { seed } = all[index]!;
  const { name, of = recipe, ...distinct } = distinctOf(all[index]!);
  return {
    kind: 'start',
    number: index + 1,
    ...distinct,
    seed,
    recipe: { ...of, training: { ...of.training, seed } },
    fault: null,
    name: `${recipe.name.slice(0, 118 - name.length)}, ${name}`,
    target: null,
  };
}

function nextOfSearch(
  { id, recipe }: StudyCore,
  plan: PlanOf<'search'>,
  trials: readonly TrialRun[],
  scores: () => ReadonlyMap<string, number[]>,
  underWay: ReadonlySet<string>,
): Step | null {
  const { halving } = plan;
  const steps = halving ? rungs(halving, recipe.training.epochs) : [];
  const promoted = (next: { number: number; target: number } | null): Step | null => {
    const trial = trials.find(({ number }) => number === next?.number);
    return trial && next ? { kind: 'promote', trial, target: next.target } : null;
  };
  if (halving) {
    const step = promoted(promotion(climbers(trials, scores(), underWay), steps, halving.reduction));
    if (step) return step;
  }
  if (trials.length < trialCount(plan)) {
    const number = Math.max(0, ...trials.map((trial) => trial.number)) + 1;
    const values = proposeValues(plan, number, tried(trials, underWay));
    const name = trialName(recipe.name, id, number);
    const made = recipeWith(recipe, values);
    const changed = { ...made.recipe, name };
    const { seed } = changed.training;
    return {
      kind: 'start',
      number,
      values,
      fold: null,
      seed,
      recipe: changed,
      fault: made.fault,
      name,
      target: steps.length > 1 ? steps[0]! : null,
    };
  }
  if (!halving || underWay.size > 0) return null;
  return promoted(finalist(climbers(trials, scores(), underWay), steps));
}

/** The check of the space tries out some of its values only: those that make no recipe are a trial that fails. */
function recipeWith(recipe: Recipe, values: Record<string, Json>): { recipe: Recipe; fault: unknown } {
  try {
    return { recipe: applyValues(recipe, values), fault: null };
  } catch (fault) {
    return { recipe, fault };
  }
}

/** "Quick, search 3 trial 7"; a search that begins with such a recipe leaves the earlier one's words out. */
function trialName(base: string, studyId: string, number: number): string {
  const own = `, search ${studyId.replace('study-', '')} trial ${number}`;
  return base.replace(/, search \d+ trial \d+$/, '').slice(0, 120 - own.length) + own;
}

const tried = (trials: readonly TrialRun[], underWay: ReadonlySet<string>): Tried[] =>
  trials.map((trial) => ({
    number: trial.number,
    values: trial.values,
    state: stateOf(trial, underWay),
    epochs: trial.epochs,
    score:
      trial.state === 'failed' || trial.score === null ? null : scoreForComparison(objective, trial.score),
  }));

function stateOf(trial: TrialRun, underWay: ReadonlySet<string>): Tried['state'] {
  if (underWay.has(trial.runId)) return 'under-way';
  if (trial.state === 'failed') return 'failed';
  return isHeld(trial) ? 'held' : 'finished';
}

function climbers(
  trials: readonly TrialRun[],
  scores: ReadonlyMap<string, number[]>,
  underWay: ReadonlySet<string>,
): Climber[] {
  return trials.map((trial) => {
    const state = stateOf(trial, underWay);
    return {
      number: trial.number,
      target: trial.target ?? trial.epochsInAll,
      underWay: state === 'under-way',
      ended: state === 'finished' || state === 'failed',
      failed: state === 'failed',
      scores: (scores.get(trial.runId) ?? []).map((score) => scoreForComparison(objective, score)),
    };
  });
}

/** Of a learning curve's trials that have not begun. */
function epochsToCome(
  recipe: Recipe,
  { shares, seeds }: PlanOf<'learning-curve'>,
  trials: readonly TrialRun[],
): number {
  const begun = trials.map(({ values, seed }) => `${String(values['share'])} ${seed}`);
  return seeds
    .flatMap((seed) => shares.map((share) => ({ seed, share })))
    .filter(({ seed, share }) => !begun.includes(`${share} ${seed}`))
    .reduce((sum, { share }) => sum + recipeOfShare(recipe, share).training.epochs, 0);
}

/** Epochs trained so far, and in all as far as is known. */
export function epochsOf(
  { plan, recipe }: StudyCore,
  trials: readonly TrialRun[],
  count: number,
): { done: number; total: number } {
  const each = recipe.training.epochs;
  if (plan.kind === 'search' && plan.halving) {
    const done = trials.reduce((sum, { epochs }) => sum + epochs, 0);
    const total = expectedEpochs(count, rungs(plan.halving, each), plan.halving.reduction);
    return { done, total: Math.max(done, total) };
  }
  // One that stopped early, or failed, has no more to do.
  const over = (trial: TrialRun) =>
    trial.state === 'finished' || (trial.state === 'failed' && !isOpen(trial));
  return {
    done: trials.reduce((sum, trial) => sum + (over(trial) ? trial.epochsInAll : trial.epochs), 0),
    total:
      trials.reduce((sum, { epochsInAll }) => sum + epochsInAll, 0) +
      (plan.kind === 'learning-curve'
        ? epochsToCome(recipe, plan, trials)
        : Math.max(0, count - trials.length) * each),
  };
}
