/** Runs side by side as rows: what they reached with the distance from the first, and where their recipes differ. Pure. */
import { type RecipeRow, sideBySide } from '#recipe/difference.ts';
import { titleOf } from '#recipe/metrics/format.ts';
import type { Run } from '#contract/run.ts';
import { type RunResult, runResults } from '#contract/run-results.ts';
import { count, duration, engineName, moment, score, scoreDifference } from '../../../format.ts';

interface Cell {
  words: string;
  /** Distance from the first run, in words; none for the first itself and where it cannot be said. */
  difference: string | null;
  /** True where that distance is for the better, null where there is no better. */
  better: boolean | null;
  /** The best of the row. */
  best: boolean;
}
interface Row {
  name: string;
  cells: Cell[];
}

const sign = (by: number) => (by > 0 ? '+' : by < 0 ? '−' : '±');

function words({ format }: RunResult, value: number): string {
  if (format === 'count') return count(value);
  return format === 'seconds' ? duration(value) : score({ format }, value);
}
function differenceWords(result: RunResult, by: number): string {
  const { format } = result;
  return format === 'count' || format === 'seconds'
    ? `${sign(by)}${words(result, Math.abs(by))}`
    : scoreDifference({ format }, by);
}

/** What the runs reached; the best epoch of each where epochs differ. Rows that no run has a value for are left out. */
export function metricRows(runs: readonly Run[]): Row[] {
  return runResults.flatMap((result) => {
    const { label, better } = result;
    const values = runs.map((run) => result.of(run));
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [];
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const top = better === null || low === high ? null : better === 'higher' ? high : low;
    const cells = values.map((value, index): Cell => {
      const first = values[0] ?? null;
      const by = index === 0 || value === null || first === null ? null : value - first;
      return {
        words: value === null ? '–' : words(result, value),
        difference: by === null ? null : differenceWords(result, by),
        better: by === null || by === 0 || better === null ? null : by > 0 === (better === 'higher'),
        best: value !== null && value === top,
      };
    });
    return [{ name: titleOf({ key: result.key, label }), cells }];
  });
}

/** Run details: when and on what the runs were made. */
export function factRows(runs: readonly Run[]): { name: string; values: string[] }[] {
  const facts: [string, (run: Run) => string][] = [
    ['State', ({ state }) => state],
    ['Started', ({ createdAt }) => moment(createdAt)],
    ['Finished', ({ finishedAt }) => (finishedAt ? moment(finishedAt) : '–')],
    ['Engine', ({ engine }) => (engine ? engineName(engine) : '–')],
    ['Threads', ({ engine }) => (engine ? String(engine.threads) : '–')],
    ['Precision', ({ recipe }) => recipe.training.precision],
  ];
  return facts.map(([name, of]) => ({ name, values: runs.map(of) }));
}

/** The fields in which any recipe differs from the first one's, each with what every run's own recipe has there. */
export const recipeRows = (runs: readonly Run[]): RecipeRow[] => sideBySide(runs.map(({ recipe }) => recipe));

/** What a row is called that stands for what is put in between the first recipe's layers; null for any other row. */
export function insertionLabel(path: string): string | null {
  const [, list, place] = /^(augmentation|model\.layers)\.\+(\d+)(?::\d+)?$/.exec(path) ?? [];
  if (!list) return null;
  const name = list === 'augmentation' ? 'augmentation' : 'layer';
  return place === '0' ? `Added before ${name} 1` : `Added after ${name} ${place}`;
}
