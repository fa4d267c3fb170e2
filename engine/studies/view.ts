/** A study as the contract has it: what is stored, and what follows from its trials. */
import { type Study, type StudyPlan, type Trial } from '#contract/study.ts';
import { scoreForComparison, objective } from '#recipe/metrics/index.ts';
import { importance } from '#learning/search/importance.ts';
import { trialCount } from '#learning/search/sampler.ts';
import { summariseScores } from '#learning/search/summary.ts';
import { isHeld, type Studies, type StudyCore, type TrialRun } from '../project/studies.ts';

/** @throws NOT_FOUND */
export function studyOf(studies: Studies, studyId: string): Study {
  return entityOf(studies, studies.get(studyId));
}

export const listStudies = (studies: Studies): Study[] =>
  studies.list().map((core) => entityOf(studies, core));

function entityOf(studies: Studies, core: StudyCore): Study {
  const trials = studies.trials(core.id).map(trialOf);
  const best = trials.reduce<Trial | null>(
    (found, trial) => (meritOf(trial) > (found ? meritOf(found) : -Infinity) ? trial : found),
    null,
  );
  const { plan } = core;
  return {
    ...core,
    trials,
    trialsInAll: trialsInAll(plan),
    bestTrial: best?.number ?? null,
    summary:
      plan.kind === 'cross-validation'
        ? summariseScores(
            trials.flatMap(({ state, fold, seed, score }) =>
              state === 'finished' && score !== null ? [{ fold, seed, score }] : [],
            ),
            plan.folds,
            (folds) => imagesIn(studies.foldsOf(core.id), folds),
          )
        : null,
    importance: plan.kind === 'search' ? importanceOf(core.id, plan, trials) : null,
  };
}

/** Images of some folds, counted from 1; null where it was not kept which are in them. */
function imagesIn(kept: ReadonlyMap<number, number> | null, folds: ReadonlySet<number>): number | null {
  const images = [...(kept?.values() ?? [])].filter((fold) => folds.has(fold + 1)).length;
  return images === 0 ? null : images;
}

/** Trials that the plan comes to. */
export function trialsInAll(plan: StudyPlan): number {
  if (plan.kind === 'search') return trialCount(plan);
  return (plan.kind === 'learning-curve' ? plan.shares.length : (plan.folds ?? 1)) * plan.seeds.length;
}

const meritOf = ({ score }: Trial) => scoreForComparison(objective, score);

/** A failed trial has no score: what it had before it failed is no result. */
function trialOf(run: TrialRun): Trial {
  const { number, runId, values, fold, seed, epochs, score } = run;
  const state = isHeld(run) ? 'held' : run.state;
  return { number, runId, state, values, fold, seed, epochs, score: state === 'failed' ? null : score };
}

/** Trials at rest decide; it is counted anew only when those have changed. */
const counted = new Map<string, { key: string; shares: Study['importance'] }>();

function importanceOf(
  studyId: string,
  { space }: StudyPlan & { kind: 'search' },
  trials: readonly Trial[],
): Study['importance'] {
  const atRest = trials.filter(({ state }) => state === 'finished' || state === 'held' || state === 'failed');
  const judged = atRest.map((trial) => ({ values: trial.values, score: meritOf(trial) }));
  const key = JSON.stringify(atRest.map(({ runId, score }) => [runId, score]));
  const known = counted.get(studyId);
  if (known?.key === key) return known.shares;
  const shares = judged.some(({ score }) => score > -Infinity) ? importance(space, judged) : null;
  if (counted.size > 100) counted.clear();
  counted.set(studyId, { key, shares });
  return shares;
}
