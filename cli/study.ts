/**
 * A study on the command line: started or resumed, followed trial by trial, and told at its end. What it is to do is
 * the affair of commands/cross-validate.ts and commands/search.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { followStudy } from '#contract/follow.ts';
import { valueText } from '#recipe/metrics/format.ts';
import { scoreForComparison, objective } from '#recipe/metrics/index.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { validationWarnings } from '#contract/splits.ts';
import { shareWords, type Study, type StudyPlan, type Trial } from '#contract/study.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { chooseStudy } from './choose.ts';
import {
  boundedText,
  type Command,
  type Interruption,
  longestName,
  type Option,
  text,
  type Values,
  wholeNumber,
} from './command.ts';
import { followInterruptibly, resumeCommand, type Work } from './interruptible.ts';
import { tellEstimates } from './estimates.ts';
import { tellLearningCurve } from './learning-curve-lines.ts';
import { count, duration, expectedWords, type Output, table, usage } from './output.ts';
import { askedRecipe, recipeOptions, tellRecipe } from './recipe.ts';
import { withProject } from './session.ts';

/** Options that both commands have. */
export const studyOptions: Record<string, Option> = {
  ...recipeOptions,
  parallel: { type: 'string', value: 'N', about: 'trials at once (half the cores if absent)' },
  name: { type: 'string', value: 'NAME', about: 'name of the study' },
  resume: { type: 'string', value: 'STUDY', about: 'go on with the open trials of a study' },
};

/** @param absent what is taken where --seeds is not given @throws USAGE */
export function seedsOf(values: Values, absent: string): number[] {
  const given = text(values.seeds) ?? absent;
  const seeds = given.split(',').map((seed) => Number(seed));
  const fits = (seed: number) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31;
  if (/^\d+(,\d+)*$/.test(given) && seeds.length <= 50 && seeds.every(fits)) return seeds;
  throw usage(
    `Expected up to 50 whole numbers for --seeds, such as 1,2,3, received ${JSON.stringify(given)}.`,
  );
}

/**
 * Carries out the study that the options describe, or the one of --resume, to its end. What does not depend on the project is
 * refused before it is opened.
 * @param planOf told only where none is resumed; may throw USAGE
 * @param prepare done before one is started
 */
export function runStudy(
  { words: [given = ''], values, output, signal }: Parameters<Command['run']>[0],
  kind: Study['plan']['kind'],
  planOf: () => StudyPlan,
  prepare: (client: StudioClient) => Promise<void> = async () => undefined,
): Promise<void> {
  const resumed = resumedStudy(values);
  const start = resumed === undefined ? readStart(values, planOf, prepare, output) : null;
  return withProject(given, async ({ client, project: { path } }) => {
    const before = resumed === undefined ? null : await studyToResume(client, resumed, kind);
    if (before) await tellLeaks(client, before.plan, output);
    const begin = async (): Promise<Begun> =>
      before
        ? { study: await client.studies.resume({ studyId: before.id }), expected: null }
        : start!(client);
    await carryToEnd(client, begin, output, signal, path);
  });
}

/** How the study is started once the project is open. @throws USAGE */
function readStart(
  values: Values,
  planOf: () => StudyPlan,
  prepare: (client: StudioClient) => Promise<void>,
  output: Output,
): (client: StudioClient) => Promise<Begun> {
  const asked = askedRecipe(values, (why) => tellRecipe(why, output));
  const plan = planOf();
  const name = boundedText('--name', text(values.name), 0, longestName);
  return async (client) => {
    await prepare(client);
    await tellLeaks(client, plan, output);
    const recipe = await asked(client);
    // Where the recipe is at fault, starting it says so.
    const expected = await client.studies.estimate({ recipe, plan }).catch(() => null);
    keepWithin(wholeNumber('within', values.within, 1, 100_000), expected);
    const study = await client.studies.start({ recipe, plan, ...(name === undefined ? {} : { name }) });
    return { study, expected };
  };
}

/** Of what validates on the present parts: that nobody has looked for look-alikes, or how many validation images leak. */
async function tellLeaks(client: StudioClient, plan: StudyPlan, output: Output): Promise<void> {
  if (plan.kind === 'cross-validation' && plan.folds !== null) return;
  const [state, project] = await Promise.all([client.splits.get(), client.project.current()]);
  const warnings = project ? validationWarnings(state, project.counts) : [];
  for (const words of warnings) output.note(`Note: ${words}`);
  if (warnings.length > 0)
    output.note(
      'Look with: atelier split PROJECT --check. Draw a leak-proof validation part with: atelier split PROJECT --seed 1',
    );
}

/** @throws BUDGET_EXCEEDED where it is expected to take longer than that */
function keepWithin(minutes: number | undefined, expected: TimeEstimate | null): void {
  if (minutes === undefined || !expected) return;
  const seconds = expected.seconds ?? expected.high;
  if (seconds <= 60 * minutes) return;
  throw new AtelierError(
    'BUDGET_EXCEEDED',
    `Expected a study of at most ${count(minutes)} minutes; this one would take ${expectedWords(expected)}. Take fewer seeds or shares, or train for fewer epochs. Nothing was started.`,
    { minutes, seconds },
  );
}

/** The study to resume, or undefined. @throws USAGE where something is given beside it */
function resumedStudy(values: Values): string | undefined {
  const resumed = text(values.resume);
  const others = Object.keys(values).filter(
    (name) => name !== 'resume' && name !== 'json' && values[name] !== undefined,
  );
  if (resumed !== undefined && others.length > 0) {
    throw usage(
      `Expected --resume STUDY alone: a resumed study keeps its own recipe and plan. Leave out --${others[0]}.`,
    );
  }
  return resumed;
}

/** The study to go on with. @throws NOT_FOUND, CONFLICT, USAGE where the other command is for it */
async function studyToResume(
  client: StudioClient,
  given: string,
  kind: Study['plan']['kind'],
): Promise<Study> {
  const found = await chooseStudy(client, given);
  if (found.plan.kind === kind) return found;
  throw usage(
    `${found.id} (${found.name}) is a ${found.plan.kind}. Go on with it by: atelier ${commandOf(found)} PROJECT --resume ${found.id}`,
  );
}

const commandNames = {
  search: 'search',
  'cross-validation': 'cross-validate',
  'learning-curve': 'learning-curve',
};
const commandOf = ({ plan }: Study) => commandNames[plan.kind];

/** A study under way, and what it is expected to take; null where that is not known, as of one that is resumed. */
interface Begun {
  study: Study;
  expected: TimeEstimate | null;
}

/** Follows a study to its end and tells the result. @throws CANCELLED with the command that goes on */
async function carryToEnd(
  client: StudioClient,
  begin: () => Promise<Begun>,
  output: Output,
  signal: Interruption,
  path: string,
): Promise<void> {
  const told = new Map<number, string>();
  const tell = (latest: Study) => {
    for (const trial of latest.trials) {
      const key = `${trial.state} ${trial.epochs}`;
      if (!atRest(trial) || told.get(trial.number) === key) continue;
      told.set(trial.number, key);
      output.event('study.trial', { study: latest.id, ...trial });
      output.line(trialLine(latest, trial));
    }
  };
  let expected: TimeEstimate | null = null;
  const work: Work<Study> = {
    follow: followStudy,
    async begin() {
      const begun = await begin();
      expected = begun.expected;
      return begun.study;
    },
    onBegun(study) {
      const { id, name, plan, recipe, trialsInAll } = study;
      output.event('study.started', { study: id, name, plan, recipe, trialsInAll, expected });
      output.line(`Study ${id} (${name}): ${count(trialsInAll)} trials.`);
      if (expected) output.line(`Expected time: ${expectedWords(expected)}.`);
      tell(study);
    },
    onEvent(event, { id }) {
      if (event.event === 'study.changed' && event.study.id === id) tell(event.study);
      if (event.event !== 'job.changed' || event.job.studyId !== id) return;
      const { done, total, secondsLeft } = event.job.progress;
      output.event('study.progress', { study: id, done, total, unit: 'epochs', secondsLeft });
      const left = duration(secondsLeft);
      output.progress(`${count(done)} of ${count(total ?? 0)} epochs${left && `, ${left} left`}`);
    },
    cancel: ({ id }) => client.studies.cancel({ studyId: id }),
    stopsAfter: 'the current step of each trial',
    stopped: (study) =>
      new AtelierError(
        'CANCELLED',
        `Stopped. The study is kept; go on with: ${resumeCommand(commandOf(study), path, study.id)}`,
        { study: study.id },
      ),
  };
  const study = await followInterruptibly(client, work, output, signal);
  tellResult(study, output);
  await tellEstimates(client, study, output);
  await tellLearningCurve(client, study, output);
}

const meritOf = ({ score }: Trial) => scoreForComparison(objective, score);
const atRest = ({ state }: Trial) => state === 'finished' || state === 'failed' || state === 'held';

/** What tells one trial from the others. */
function distinction({ values, fold, seed }: Trial, plan: Study['plan']): string {
  if (plan.kind === 'learning-curve')
    return `${shareWords(Number(values['share']))} of the images, seed ${seed}`;
  if (plan.kind === 'cross-validation') return `${fold === null ? '' : `fold ${fold}, `}seed ${seed}`;
  return Object.entries(values)
    .map(([path, value]) => `${path.split('.').slice(-2).join('.')}=${shown(value)}`)
    .join('  ');
}

/** {"kind":"adam"} is shown as adam. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  const [first, ...others] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return first?.[0] === 'kind' && others.length === 0 ? String(first[1]) : JSON.stringify(value);
}

function trialLine({ plan, trialsInAll }: Study, trial: Trial): string {
  const width = String(trialsInAll).length;
  const result = valueText(objective, trial.score).padStart(8);
  const epochs = `${trial.epochs} ${trial.epochs === 1 ? 'epoch' : 'epochs'}`;
  return `trial ${String(trial.number).padStart(width)}  ${result}  ${trial.state}, ${epochs}  ${distinction(trial, plan)}`;
}

function tellResult(study: Study, output: Output): void {
  const { trials, bestTrial, summary, importance } = study;
  const best = trials.find(({ number }) => number === bestTrial) ?? null;
  output.event('study.finished', { study: study.id, trials, best, summary, importance });
  output.line();
  writeTrials(study, output);
}

/** Its trials, the best first in a search, and what they come to, for people. */
export function writeTrials({ plan, trials, bestTrial, summary, importance }: Study, output: Output): void {
  const best = trials.find(({ number }) => number === bestTrial) ?? null;
  const ranked = trials.slice();
  if (plan.kind === 'search') ranked.sort((a, b) => meritOf(b) - meritOf(a) || 0);
  const rows = ranked.map((trial) => [
    distinction(trial, plan),
    trial.runId,
    trial.state,
    String(trial.epochs),
    valueText(objective, trial.score),
  ]);
  const first = plan.kind === 'search' ? 'values' : 'trial';
  output.lines(table([[first, 'run', 'state', 'epochs', `val. ${objective.short}`], ...rows]));
  output.line();
  if (plan.kind === 'search') {
    if (best)
      output.line(
        `Best                 trial ${best.number} (${best.runId}), ${valueText(objective, best.score)}`,
      );
    for (const { path, share } of importance ?? [])
      output.line(`Decides ${`${Math.round(share * 100)} %`.padStart(12)} ${path}`);
    return;
  }
  if (!summary) return;
  const interval = (range: { low: number; high: number } | null) =>
    range
      ? `  (95 % interval ${valueText(objective, range.low)} to ${valueText(objective, range.high)})`
      : '';
  output.line(
    `Validation ${objective.label}  ${valueText(objective, summary.mean)}${interval(summary.interval)}`,
  );
  const { overSeeds } = summary;
  if (overSeeds) {
    output.line(
      `Over ${overSeeds.count} seeds`.padEnd(21) +
        `${valueText(objective, overSeeds.mean)}${interval(overSeeds.interval)}`,
    );
  }
}
