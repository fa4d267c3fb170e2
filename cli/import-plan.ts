/**
 * What an import would make of a source, on the command line: the options that say otherwise, and the plan as a table of
 * classes × parts before anything is read. What folders mean is left to the studio.
 */
import type { SourceReference } from '#contract/commands/data.ts';
import { followJob } from '#contract/follow.ts';
import { ImportOptions, type ImportPlan, importSplits, meanings } from '#contract/import.ts';
import { layouts } from '#engine/intake/importers.ts';
import { didYouMean } from '#contract/nearest.ts';
import { visible } from '#contract/visible.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { type Option, text, type Values, wholeNumber } from './command.ts';
import { count, duration, type Output, table, usage } from './output.ts';

type Meaning = (typeof meanings)[number];

const layoutNames = ['auto', ...layouts.map(({ name }) => name)];

/** Options of every command that imports. */
export const planOptions: Record<string, Option> = {
  layout: {
    type: 'string',
    value: 'LAYOUT',
    about: `what the files are taken for: ${layoutNames.join(', ')}`,
  },
  'class-level': {
    type: 'string',
    value: 'N',
    about: 'which folder below the source gives the class, from 1',
  },
  part: { type: 'string', value: 'PART', about: 'all of it is this part: pool, train, validation or test' },
  parts: {
    type: 'string',
    multiple: true,
    value: 'NAME=PART',
    about:
      'what a folder means: eval=validation, extra=train, foo=class (no part), new=unlabelled, bar=skip; with commas between',
  },
  'without-class': {
    type: 'string',
    value: 'WHAT',
    about: 'images without a class beside others: skip or unlabelled; all of it: --layout unlabelled',
  },
  'dry-run': { type: 'boolean', about: 'print what would be imported, and stop' },
};

/** @throws USAGE */
export function importOptions(values: Values): ImportOptions {
  const layout = oneOf('--layout', text(values.layout), layoutNames);
  const classLevel = wholeNumber('class-level', values['class-level'], 1, 64);
  const part = oneOf('--part', text(values.part), importSplits);
  const withoutClass = oneOf('--without-class', text(values['without-class']), ['skip', 'unlabelled']);
  const given = Array.isArray(values.parts) ? values.parts : [];
  const parts = Object.fromEntries(given.flatMap((list) => list.split(',')).map(readMeaning));
  return ImportOptions.parse({
    ...(layout && { layout }),
    ...(classLevel !== undefined && { classLevel }),
    ...(part && { part }),
    ...(given.length > 0 && { parts }),
    ...(withoutClass && { withoutClass }),
  });
}

function oneOf<T extends string>(
  name: string,
  given: string | undefined,
  known: readonly T[],
): T | undefined {
  if (given === undefined) return undefined;
  const found = known.find((one) => one === given);
  if (found) return found;
  throw usage(
    `Expected one of ${known.join(', ')} for ${name}, received ${JSON.stringify(given)}.${didYouMean(given, known)}`,
  );
}

/** "eval=validation": the folder's name may hold "=" too. */
function readMeaning(given: string): [string, Meaning] {
  const at = given.lastIndexOf('=');
  if (at < 1) {
    throw usage(
      `Expected NAME=PART for --parts, such as eval=validation, received ${JSON.stringify(given)}.`,
    );
  }
  return [given.slice(0, at), oneOf('--parts', given.slice(at + 1), meanings)!];
}

/** Has the studio look at a source, and prints what it makes of it. @throws what the job throws */
export async function tellPlan(
  client: StudioClient,
  source: SourceReference,
  options: ImportOptions,
  output: Output,
): Promise<ImportPlan> {
  const job = await followJob(
    client,
    () => client.sources.inspect({ source, options }),
    (event) => {
      if (event.event !== 'job.changed' || event.job.kind !== 'inspect') return;
      const { done, secondsLeft } = event.job.progress;
      const left = duration(secondsLeft);
      if (done > 0) output.progress(`Looking at ${count(done)} files${left && `, ${left} left`}`);
    },
  );
  const plan = await client.sources.plan({ jobId: job.id });
  output.event('import.plan', plan);
  output.lines(planLines(plan));
  return plan;
}

const classesShown = 60;
const longestShown = 48;
const shortened = (name: string) => {
  const characters = [...visible(name)];
  return characters.length > longestShown
    ? `${characters.slice(0, longestShown - 1).join('')}…`
    : characters.join('');
};
type Row = ImportPlan['unlabelled'] & { open: number };
const columns: readonly (readonly [keyof Row, string])[] = [
  ['pool', 'train'],
  ['train', 'train (fixed)'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['open', 'no part yet'],
];

/** Unlabelled images get their part when they are labelled, unless the source says it. */
function rowsOf({ classes, unlabelled }: ImportPlan): { name: string; counts: Row }[] {
  const rows = classes.map(({ name, counts }) => ({ name, counts: { ...counts, open: 0 } }));
  if (Object.values(unlabelled).every((images) => images === 0)) return rows;
  return [{ name: '(unlabelled)', counts: { ...unlabelled, pool: 0, open: unlabelled.pool } }, ...rows];
}

/** The plan as a person reads it. */
export function planLines(plan: ImportPlan): string[] {
  const classes = rowsOf(plan);
  // Parts that nothing goes to are no columns; one at least is.
  const shown = columns.filter(([part]) => classes.some(({ counts }) => counts[part] > 0));
  const row = (name: string, of: (part: keyof Row) => number) => [
    shortened(name),
    ...shown.map(([part]) => count(of(part))),
  ];
  const rows = classes.slice(0, classesShown).map(({ name, counts }) => row(name, (part) => counts[part]));
  const total = row('all', (part) => classes.reduce((sum, { counts }) => sum + counts[part], 0));
  const more = classes.length - classesShown;
  const lines =
    classes.length > 0 ? table([['class', ...shown.map(([, word]) => word)], ...rows, total]) : [];
  const all = [
    plan.statement,
    ...lines.slice(0, -1).map((line) => `  ${line}`),
    ...(more > 0 ? [`  … and ${count(more)} more classes`] : []),
    ...lines.slice(-1).map((line) => `  ${line}`),
    ...plan.warnings.map(({ text }) => `Warning: ${text}`),
    ...plan.skipped.map(
      ({ reason, count: files, examples }) =>
        `Skipped ${count(files)} ${files === 1 ? 'file' : 'files'} (${examples.slice(0, 3).map(shortened).join(', ')}${files > 3 ? ', …' : ''}): ${reason}`,
    ),
  ];
  // Names come from the disk: what a terminal would obey is written out.
  return all.map(visible);
}
