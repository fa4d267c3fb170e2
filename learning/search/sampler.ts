/**
 * Which values the next trial of a search gets. Nothing is remembered between trials: each answer is a function of
 * the plan, the trial's number and what was tried before, so that a search goes on after a kill as if nothing had been.
 */
import type { StudyPlan } from '#contract/study.ts';
import { generator } from '#learning/random-numbers.ts';
import {
  cardinality,
  combination,
  drawPoints,
  drawValues,
  gridSize,
  gridValues,
  type Values,
  walkCombinations,
} from './space.ts';
import { startupTrials, tpeCandidates } from './tpe.ts';

export type SearchPlan = Extract<StudyPlan, { kind: 'search' }>;

/** A trial as the sampler sees it. */
export interface Tried {
  number: number;
  values: Values;
  /** `held` was trained in part and may go on. */
  state: 'under-way' | 'held' | 'finished' | 'failed';
  epochs: number;
  /** More is better. */
  score: number | null;
}

/** Draws before all combinations are gone through: nearly always enough, and it keeps to how they are drawn. */
const attempts = 200;

/** How many trials the plan comes to: a grid's combinations, and no more than there are different ones. */
export function trialCount({ space, sampler, trials }: SearchPlan): number {
  return Math.min(trials, sampler === 'grid' ? gridSize(space) : cardinality(space));
}

/**
 * The values of the next trial, different from all tried before where that is possible.
 * @param number of the trial to come, from 1
 */
export function proposeValues(plan: SearchPlan, number: number, tried: readonly Tried[]): Values {
  const { space, sampler, seed } = plan;
  const random = generator(seed, number);
  const known = new Set(tried.map(({ values }) => combination(space, values)));
  const isNew = (values: Values) => !known.has(combination(space, values));
  if (sampler === 'grid') return nextOfGrid(plan, isNew, random);

  const ended = tried.filter(({ state }) => state !== 'under-way');
  if (sampler === 'tpe' && ended.length >= startupTrials) {
    const underWay = tried.filter(({ state }) => state === 'under-way');
    const found = tpeCandidates(space, byMerit(ended), underWay, random).find(isNew);
    if (found) return found;
  }
  const drawn = drawnAnew(() => drawValues(space, random), isNew);
  if (isNew(drawn) || cardinality(space) === Infinity) return drawn;
  return firstNew(walkCombinations(space, random, true), isNew) ?? drawn;
}

/**
 * From the best to the worst: finished ones by score; then held ones, those that came farthest first; then failed
 * ones. Equal ones in the order of their numbers.
 */
export function byMerit<T extends Tried>(trials: readonly T[]): T[] {
  const order = { finished: 0, held: 1, failed: 2, 'under-way': 3 };
  const score = (trial: Tried) => trial.score ?? -Infinity;
  return [...trials].sort(
    (a, b) =>
      order[a.state] - order[b.state] ||
      (a.state === 'held' ? b.epochs - a.epochs : 0) ||
      (score(a) === score(b) ? 0 : score(b) - score(a)) ||
      a.number - b.number,
  );
}

/** In order where the whole grid is tried; else drawn, so that no corner of it is left out. */
function nextOfGrid(
  { space, trials }: SearchPlan,
  isNew: (values: Values) => boolean,
  random: () => number,
): Values {
  const size = gridSize(space);
  if (size <= trials) {
    for (let index = 0; index < size; index++) {
      const values = gridValues(space, index);
      if (isNew(values)) return values;
    }
  }
  const drawn = drawnAnew(() => drawPoints(space, random), isNew);
  if (isNew(drawn)) return drawn;
  return firstNew(walkCombinations(space, random, false), isNew) ?? drawn;
}

function drawnAnew(draw: () => Values, isNew: (values: Values) => boolean): Values {
  let values = draw();
  for (let attempt = 1; attempt < attempts && !isNew(values); attempt++) values = draw();
  return values;
}

function firstNew(combinations: Iterable<Values>, isNew: (values: Values) => boolean): Values | null {
  for (const values of combinations) if (isNew(values)) return values;
  return null;
}
