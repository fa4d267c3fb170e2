/** The trials of a study: their order, how many are done, which is best, how sure the mean is. Pure. */
import { objective } from '#recipe/metrics/index.ts';
import type { Json } from '#contract/errors.ts';
import type { Study, Trial } from '#contract/study.ts';

/** A column: one of the trial's own fields, or "value:" and a path. */
export type SortKey = 'number' | 'state' | 'score' | 'epochs' | 'fold' | 'seed' | `value:${string}`;
export interface Sorting {
  key: SortKey;
  descending: boolean;
}

const cell = (trial: Trial, key: SortKey): Json | undefined =>
  key.startsWith('value:')
    ? (trial.values[key.slice('value:'.length)] as Json | undefined)
    : (trial[key as Exclude<SortKey, `value:${string}`>] as Json);

/** Numbers by size, all else by its text; what is missing comes last either way. */
export function sortedTrials(trials: readonly Trial[], { key, descending }: Sorting): Trial[] {
  const sign = descending ? -1 : 1;
  const missing = (value: Json | undefined) => value === undefined || value === null;
  return [...trials].sort((a, b) => {
    const [left, right] = [cell(a, key), cell(b, key)];
    if (missing(left) || missing(right)) {
      if (missing(left) && missing(right)) return a.number - b.number;
      return missing(left) ? 1 : -1;
    }
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : JSON.stringify(left).localeCompare(JSON.stringify(right));
    return order === 0 ? a.number - b.number : sign * order;
  });
}

/** The other direction of the same column; scores start with the best, epochs with the greatest. */
export function nextSorting(now: Sorting, key: SortKey): Sorting {
  if (now.key === key) return { key, descending: !now.descending };
  return { key, descending: key === 'epochs' || (key === 'score' && objective.better === 'higher') };
}

/** Trials that have come to an end of their own. */
export const doneOf = ({ trials }: Pick<Study, 'trials'>): number =>
  trials.filter(({ state }) => state === 'finished' || state === 'held' || state === 'failed').length;

export const bestOf = ({ trials, bestTrial }: Pick<Study, 'trials' | 'bestTrial'>): Trial | null =>
  trials.find(({ number }) => number === bestTrial) ?? null;

export const bestScore = (study: Pick<Study, 'trials' | 'bestTrial'>): number | null =>
  bestOf(study)?.score ?? null;

/** How the interval of a summary was computed, in words. */
export function intervalWords({ plan, summary }: Pick<Study, 'plan' | 'summary'>): string {
  if (!summary) return '';
  const folds = plan.kind === 'cross-validation' ? plan.folds : null;
  const of = folds === null ? `${summary.count} trainings` : `${folds} folds`;
  const agreeing = summary.deviation !== null && summary.deviation < 1e-12;
  if (!summary.interval)
    return agreeing
      ? `Mean of ${summary.count}. All agree exactly: there is no spread to make an interval of.`
      : `Mean of ${summary.count}. An interval takes two or more.`;
  const law = agreeing
    ? 'Clopper and Pearson, of the images of all together: they agree exactly, so there is no spread to go by.'
    : folds === null
      ? 'Student’s t.'
      : 'Student’s t with the correction of Nadeau and Bengio (2003): folds share most of their training images, so they vary less than new images would.';
  return `Mean validation ${objective.label} of ${of}, with a 95 % interval by ${law}`;
}
