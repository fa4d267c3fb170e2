/** Runs side by side as rows: what they reached with the distance from the first, and where their recipes differ. Pure. */
import { type RecipeRow, sideBySide } from '#recipe/difference.ts';
import { accuracy } from '#recipe/metrics/accuracy.ts';
import { titleOf } from '#recipe/metrics/format.ts';
import { asResults, epochMetrics, trainingMetrics } from '#recipe/metrics/index.ts';
import type { Metric } from '#recipe/metrics/metric.ts';
import { trainKey, validationKey } from '#recipe/metrics/stored.ts';
import type { Run } from '#contract/run.ts';
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

interface Measure {
  name: string;
  of: (run: Run) => number | null | undefined;
  words: (value: number) => string;
  difference: (by: number) => string;
  /** Which direction is better; null where neither is. */
  good: 'more' | 'less' | null;
}

const sign = (by: number) => (by > 0 ? '+' : by < 0 ? '−' : '±');
const best = (run: Run) => run.epochs.find(({ epoch }) => epoch === run.bestEpoch) ?? run.epochs.at(-1);
const seconds = (run: Run) =>
  run.epochs.length === 0 ? null : run.epochs.reduce((total, epoch) => total + epoch.seconds, 0);
const measured = (
  metric: Pick<Metric, 'format' | 'better'>,
  name: string,
  of: Measure['of'],
  good: Measure['good'] = metric.better === 'higher' ? 'more' : 'less',
): Measure => ({
  name,
  of,
  words: (value) => score(metric, value),
  difference: (by) => scoreDifference(metric, by),
  good,
});
const amount = (
  name: string,
  of: Measure['of'],
  words: (value: number) => string,
  good: Measure['good'],
): Measure => ({
  name,
  of,
  words,
  difference: (by) => `${sign(by)}${words(Math.abs(by))}`,
  good,
});

const measures: Measure[] = [
  measured(accuracy, 'Test accuracy', (run) => run.testAccuracy),
  ...asResults(epochMetrics).map((metric) =>
    measured(metric, 'training' in metric ? `Validation ${metric.label}` : titleOf(metric), (run) =>
      metric === accuracy && run.validationAccuracy !== null
        ? run.validationAccuracy
        : best(run)?.[validationKey(metric)],
    ),
  ),
  // More of it may be better or too much.
  ...asResults(trainingMetrics).map((metric) =>
    measured(metric, `Training ${metric.label}`, (run) => best(run)?.[trainKey(metric)], null),
  ),
  amount('Best epoch', (run) => run.bestEpoch, count, null),
  amount('Epochs', (run) => run.epochs.length, count, null),
  amount('Parameters', (run) => run.parameters, count, 'less'),
  amount('Time', seconds, duration, 'less'),
  amount('Images per second', (run) => run.imagesPerSecond, count, 'more'),
];

/** What the runs reached; the best epoch of each where epochs differ. Rows that no run has a value for are left out. */
export function metricRows(runs: readonly Run[]): Row[] {
  return measures.flatMap((measure) => {
    const values = runs.map((run) => measure.of(run) ?? null);
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [];
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const top = measure.good === null || low === high ? null : measure.good === 'more' ? high : low;
    const cells = values.map((value, index): Cell => {
      const first = values[0] ?? null;
      const by = index === 0 || value === null || first === null ? null : value - first;
      return {
        words: value === null ? '–' : measure.words(value),
        difference: by === null ? null : measure.difference(by),
        better:
          by === null || by === 0 || measure.good === null ? null : by > 0 === (measure.good === 'more'),
        best: value !== null && value === top,
      };
    });
    return [{ name: measure.name, cells }];
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
