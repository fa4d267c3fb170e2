/** `atelier compare`: runs side by side, in what they reached, image by image, by class, and in what their recipes say. */
import type { Json } from '#contract/errors.ts';
import { valueText } from '#recipe/metrics/format.ts';
import { differences, sideBySide } from '#recipe/difference.ts';
import type { RunComparison } from '#contract/evaluation.ts';
import {
  type ComparedClass,
  type EvaluatedLabels,
  labelChangeWords,
  otherLabelsWords,
  type RepairComparison,
  shortVersion,
} from '#contract/repair.ts';
import type { Run } from '#contract/run.ts';
import { versionWords } from '#contract/splits.ts';
import { type RunResult, runResults } from '#contract/run-results.ts';
import { verdict } from '#recipe/statistics/paired.ts';
import { chooseRun, chooseSplit, splitOption } from '../choose.ts';
import type { Command } from '../command.ts';
import { count, percent, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const compareCommand: Command = {
  name: 'compare',
  words: 'PROJECT RUN RUN…',
  about:
    'runs side by side: results, which is better and how sure that is, recipe differences from the first',
  needsEngine: false,
  options: {
    split: splitOption,
    classes: {
      type: 'boolean',
      about:
        'also by class, both on the present labels: images fixed and broken, recall, precision and F1 of before and after, and which labels each was evaluated on',
    },
  },
  least: 3,
  most: 20,
  /** @throws USAGE where a run is named twice, NOT_FOUND, CONFLICT */
  run: ({ words: [given = '', ...names], values, output }) => {
    const split = chooseSplit(values.split);
    return withProject(given, async ({ client }) => {
      const runs: Run[] = [];
      for (const name of names) {
        const run = await chooseRun(client, name);
        if (runs.some(({ id }) => id === run.id))
          throw usage(
            `Expected different runs, received ${run.id} (${run.name}) twice: a run is neither better nor worse than itself. List the runs: atelier runs PROJECT.`,
          );
        runs.push(run);
      }
      const [first, ...others] = runs;
      const pairs: { run: Run; comparison: RunComparison | null }[] = [];
      for (const run of others) {
        const ids = { baselineId: first!.id, runId: run.id };
        pairs.push({ run, comparison: await client.evaluations.compare({ ...ids, split }) });
      }
      const verdicts = pairs.map(({ run, comparison }) =>
        comparison === null
          ? `${run.name} and ${first!.name} are not both evaluated on the ${split} part: atelier evaluate PROJECT --run RUN --split ${split}`
          : verdict(comparison, first!.name, run.name),
      );
      for (const { run, comparison } of pairs) {
        const words = comparison && versionWords(comparison, first!.name, run.name, split);
        if (words) verdicts.push(words);
        const labels = comparison && otherLabelsWords(comparison, first!.name, run.name);
        if (labels) verdicts.push(`${labels}, or use --classes, which scores both on the present labels.`);
      }
      output.lines([...describe(runs), '', `On the ${split} part, image by image:`, ...verdicts]);
      const byClass: { run: string; comparison: RepairComparison }[] = [];
      for (const run of values.classes === true ? others : []) {
        const comparison = await client.repair.compare({ baselineId: first!.id, runId: run.id, split });
        if (!comparison) continue;
        output.lines(['', ...describeClasses(comparison, first!.name, run.name)]);
        byClass.push({ run: run.id, comparison });
      }
      output.event('comparison', {
        runs: runs.map((run) => ({ run: run.id, name: run.name, state: run.state, ...metricsOf(run) })),
        differences: others.map((run) => ({
          run: run.id,
          recipe: differences(first!.recipe, run.recipe),
        })),
        split,
        paired: pairs.map(({ run, comparison }) => ({ run: run.id, comparison })),
        ...(values.classes === true && { presentLabels: byClass }),
      });
    });
  },
};

/** Two runs on the labels of now. */
function describeClasses(comparison: RepairComparison, a: string, b: string): string[] {
  const { before, after, figures, classes } = comparison;
  const evaluated = (name: string, labels: EvaluatedLabels) => {
    const changes = labelChangeWords(labels);
    return `${name}: evaluated on labels ${shortVersion(labels.then)}, ${percent(labels.evaluated.accuracy)}; ${changes === null ? 'these are the present ones' : `${changes} since`}`;
  };
  const points = ([x, y]: ComparedClass['f1']) =>
    x === null || y === null ? '–' : `${percent(x)} → ${percent(y)}`;
  return [
    `${b} and ${a} on the present labels (${shortVersion(after.now)}) of the same ${count(comparison.count)} images: ${percent(figures.before.accuracy)} → ${percent(figures.after.accuracy)}`,
    evaluated(a, before),
    evaluated(b, after),
    verdict(comparison, a, b),
    ...(comparison.onlyOne > 0 ? [`${count(comparison.onlyOne)} images of one alone are left out.`] : []),
    ...table([
      ['class', 'images', 'fixed', 'broken', 'recall', 'precision', 'F1'],
      ...classes.map((one) => [
        one.name,
        count(one.support),
        count(one.fixed),
        count(one.broken),
        points(one.recall),
        points(one.precision),
        points(one.f1),
      ]),
    ]),
  ];
}

/** What a run reached: at its best epoch, where not said otherwise. */
const metricsOf = (run: Run): Record<string, number | null> =>
  Object.fromEntries(runResults.map(({ key, of }) => [key, of(run)]));

/** A length of time in seconds. */
const write = ({ format }: RunResult, value: number): string => {
  if (format === 'seconds') return `${count(Math.round(value))} s`;
  return format === 'count' ? count(Math.round(value)) : valueText({ format }, value);
};

function describe(runs: readonly Run[]): string[] {
  const head = ['', ...runs.map(({ id, name }) => `${id} ${name}`)];
  const reached = runResults.map((result) => [
    result.label,
    ...runs.map((run) => {
      const value = result.of(run);
      return value === null ? '–' : write(result, value);
    }),
  ]);
  const recipe = sideBySide(runs.map((run) => run.recipe)).map(({ path, values }) => [
    path,
    ...values.map(written),
  ]);
  return [
    ...table([head, ...reached]),
    '',
    ...(recipe.length === 0
      ? ['The recipes say the same.']
      : table([['recipe', ...head.slice(1)], ...recipe])),
  ];
}

const written = (value: Json | undefined): string => {
  if (value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const { kind, ...fields } = value;
  const named = Object.entries(fields).map(([name, field]) => `${name} ${inShort(field)}`);
  return typeof kind === 'string' ? [kind, named.join(', ')].join(' ').trim() : JSON.stringify(value);
};

/** Operations of an imported layer would fill the table: how many they are, instead. */
const inShort = (value: Json): string =>
  Array.isArray(value) && typeof value[0] === 'object' ? `(${value.length})` : JSON.stringify(value);
