/**
 * How much each parameter of a search decides: PED-ANOVA (Watanabe et al. 2023), the Pearson divergence between
 * where the best trials lie and where all lie, one parameter at a time. Closed form, no model to fit; it tells of
 * each parameter alone, not of what two do together. Follows Optuna 5's evaluator, against which the tests compare.
 */
import type { SearchParameter } from '#recipe/search-space.ts';
import { logNormalMass } from './normal.ts';
import type { Values } from './space.ts';

/** With fewer trials than this nothing is said. */
export const trialsForImportance = 10;
/** Best trials to look at, where there are enough (Optuna's advice). */
const wantedBest = 5;
const gridSteps = 50;
const tiny = 1e-12;

export interface Judged {
  values: Values;
  /** More is better. */
  score: number;
}

/**
 * Shares that sum to 1, largest first. The best are a tenth of the trials, of few trials the best five.
 * null where there are too few trials or none stands out.
 */
export function importance(
  space: readonly SearchParameter[],
  trials: readonly Judged[],
): { path: string; share: number }[] | null {
  if (trials.length < trialsForImportance) return null;
  const raw = divergences(space, trials, Math.max(0.1, wantedBest / trials.length));
  const sum = raw.reduce((total, { share }) => total + share, 0);
  if (!(sum > 0)) return null;
  return raw
    .map(({ path, share }) => ({ path, share: share / sum }))
    .sort((a, b) => b.share - a.share || (a.path < b.path ? -1 : 1));
}

/**
 * Pearson divergences times the squared share of the best, in the order of the space.
 * @param quantile share of the trials that are the best; those equal to the last of them are too
 */
export function divergences(
  space: readonly SearchParameter[],
  trials: readonly Judged[],
  quantile: number,
): { path: string; share: number }[] {
  const scores = trials.map(({ score }) => score).sort((a, b) => b - a);
  const cut = scores[Math.ceil(quantile * scores.length) - 1]!;
  const best = trials.filter(({ score }) => score >= cut);
  return space.map((parameter) => {
    const ofBest = probabilities(parameter, best);
    const ofAll = probabilities(parameter, trials);
    const divergence = ofAll.reduce((sum, all, at) => sum + all * (ofBest[at]! / all - 1) ** 2, 0);
    return { path: parameter.path, share: divergence * (best.length / trials.length) ** 2 };
  });
}

/** Smoothed probability of each cell of the parameter's grid, or of each choice. */
function probabilities(parameter: SearchParameter, trials: readonly Judged[]): number[] {
  const counts =
    parameter.kind === 'choice' ? countChoices(parameter, trials) : countCells(parameter, trials);
  const cells = counts.flatMap((count, cell) => (count > 0 ? [{ cell, count }] : []));
  const sum = trials.length + 1;
  const kernels = cells.length + 1;
  const size = counts.length;
  if (parameter.kind === 'choice') {
    const prior = 1 / kernels;
    return counts.map(
      (_, at) =>
        cells.reduce(
          (total, { cell, count }) =>
            total + ((count / sum) * (prior + (cell === at ? 1 : 0))) / (prior * size + 1),
          1 / sum / size,
        ) + tiny,
    );
  }
  const deviation = bandwidth(cells);
  const mass = (mean: number, width: number, from: number, to: number) =>
    Math.exp(logNormalMass((from - mean) / width, (to - mean) / width));
  const kernel = (mean: number, width: number, at: number) =>
    mass(mean, width, at - 0.5, at + 0.5) / mass(mean, width, -0.5, size - 0.5);
  return counts.map(
    (_, at) =>
      cells.reduce(
        (total, { cell, count }) => total + (count / sum) * kernel(cell, deviation, at),
        kernel((size - 1) / 2, size, at) / sum,
      ) + tiny,
  );
}

/** Scott's rule (1992) with the quartiles' distance where that is smaller, in cells; at least what keeps 90 % within one cell. */
function bandwidth(cells: readonly { cell: number; count: number }[]): number {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const mean = cells.reduce((sum, { cell, count }) => sum + cell * count, 0) / total;
  const squares = cells.reduce((sum, { cell, count }) => sum + count * (cell - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  let running = 0;
  const ends = cells.map(({ count }) => (running += count));
  const first = ends.findIndex((end) => end >= Math.floor(total / 4));
  const third = ends.findIndex((end) => end > Math.floor((total * 3) / 4));
  const quartiles = cells[third < 0 ? cells.length - 1 : third]!.cell - cells[first]!.cell;
  return Math.max(0.5 / 1.64, 1.059 * Math.min(quartiles / 1.34, deviation) * total ** -0.2);
}

function countChoices(
  { path, values }: SearchParameter & { kind: 'choice' },
  trials: readonly Judged[],
): number[] {
  const texts = values.map((value) => JSON.stringify(value));
  const counts = new Array<number>(texts.length).fill(0);
  for (const trial of trials) counts[texts.indexOf(JSON.stringify(trial.values[path]))]!++;
  return counts;
}

function countCells(
  { kind, path, low, high, logarithmic }: Exclude<SearchParameter, { kind: 'choice' }>,
  trials: readonly Judged[],
): number[] {
  const whole = high - low + 1;
  let size = gridSteps;
  if (kind === 'integer') size = Math.min(gridSteps, logarithmic ? Math.ceil(Math.log2(whole)) + 1 : whole);
  const scale = (value: number) => (logarithmic ? Math.log(value) : value);
  const step = (scale(high) - scale(low)) / (size - 1);
  const counts = new Array<number>(size).fill(0);
  for (const { values } of trials) {
    // A value half-way between two cells goes to the lower one.
    const cell = Math.ceil((scale(Number(values[path])) - scale(low)) / step - 0.5);
    counts[Math.min(size - 1, Math.max(0, cell))]!++;
  }
  return counts;
}
