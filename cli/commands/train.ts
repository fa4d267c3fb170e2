/** `atelier train`: one run of a recipe, from the start or from its last checkpoint. */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { followJob, followRun } from '#contract/follow.ts';
import { trainable } from '#contract/project.ts';
import { valueText, withK } from '#recipe/metrics/format.ts';
import { epochColumns } from '#recipe/metrics/stored.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Epoch, Run } from '#contract/run.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { chooseRun } from '../choose.ts';
import { boundedText, type Command, type Interruption, longestName, longestNote, text } from '../command.ts';
import { followInterruptibly, resumeCommand, type Work } from '../interruptible.ts';
import { askedBeginning, originOptions, recipeOptions, tellRecipe } from '../recipe.ts';
import { count, duration, expectedWords, type Output, percent, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const trainCommand: Command = {
  name: 'train',
  words: 'PROJECT',
  about: 'train a network; Ctrl-C stops after the current step, and the run can be resumed',
  needsEngine: true,
  options: {
    recipe: {
      ...recipeOptions.recipe,
      about: "what to train (auto if absent, or the earlier run's own), also by the id of a run or study",
    },
    backbone: recipeOptions.backbone,
    set: recipeOptions.set,
    ...originOptions,
    resume: {
      type: 'string',
      value: 'RUN',
      about: 'go on from the last checkpoint of a cancelled or failed run',
    },
    name: { type: 'string', value: 'NAME', about: 'name of the run' },
    note: { type: 'string', value: 'TEXT', about: 'a note to keep with it' },
  },
  least: 1,
  most: 1,
  run: ({ words: [projectGiven = ''], values, output, signal }) => {
    const resumed = text(values.resume);
    const others = ['recipe', 'backbone', 'set', 'name', 'continue', 'fine-tune'].filter(
      (name) => values[name] !== undefined,
    );
    if (resumed !== undefined && others.length > 0) {
      throw usage('Expected --resume RUN alone: a resumed run keeps its own recipe, weights and name.');
    }
    const asked = askedBeginning(values, (why) => tellRecipe(why, output));
    const name = boundedText('--name', text(values.name), 0, longestName);
    const note = boundedText('--note', text(values.note), 0, longestNote);
    return withProject(projectGiven, async ({ client, project: { path, classes } }) => {
      const before = resumed === undefined ? null : await chooseRun(client, resumed);
      const beginning = await asked(client);
      const expected = before ? null : await client.recipes.estimate(beginning).catch(() => null);
      const begin = async () => {
        const run = before
          ? await client.runs.resume({ runId: before.id })
          : await client.runs.start({ ...beginning, ...(name === undefined ? {} : { name }) });
        return note === undefined ? run : client.runs.setNote({ runId: run.id, note });
      };

      const began = performance.now();
      const run = await trainToEnd(client, begin, expected, output, signal, path);
      const hasTest = trainable(classes).some(({ counts }) => counts.test > 0);
      const { sealed } = (await client.splits.get()).test;
      const tested = hasTest && !sealed ? await ensureTested(client, run, output) : run;
      if (sealed)
        output.note(
          `The test part is sealed, so the run is judged by its validation images alone. Open it, once and at the end: atelier evaluate PROJECT --run ${run.id}`,
        );
      if (!hasTest)
        output.note('There is no test part, so the run is judged by its validation images alone.');
      tellResult(tested, (performance.now() - began) / 1000, output);
    });
  },
};

function trainToEnd(
  client: StudioClient,
  begin: () => Promise<Run>,
  expected: TimeEstimate | null,
  output: Output,
  signal: Interruption,
  path: string,
): Promise<Run> {
  const noted = new Set<string>();
  let pausedFor: string | null = null;
  const work: Work<Run> = {
    follow: followRun,
    begin,
    onBegun(run) {
      const { id, name, recipe, origin } = run;
      output.event('run.started', { run: id, name, recipe, origin, expected });
      output.line(
        `Run ${run.id} (${run.name}): ${count(run.recipe.training.epochs)} epochs of ${run.recipe.name}.`,
      );
      if (expected) output.line(`Expected time: ${expectedWords(expected)}.`);
      if (run.epochs.length > 0) output.line(`Going on after epoch ${run.epochs.length}.`);
      output.line(row(run.recipe, ({ head }) => head));
    },
    onEvent(event, { id, recipe }) {
      tell(event, id, recipe, output);
      if (event.event !== 'run.changed' || event.run.id !== id) return;
      const reason = event.run.paused?.message ?? null;
      if (reason !== null && reason !== pausedFor) output.note(`Waiting: ${reason}`);
      if (reason === null && pausedFor !== null) output.note('Going on.');
      if (reason !== pausedFor) output.event('run.paused', { run: id, reason: event.run.paused });
      pausedFor = reason;
      for (const notice of event.run.notices) if (!noted.has(notice)) output.note(notice);
      event.run.notices.forEach((notice) => noted.add(notice));
    },
    cancel: ({ id }) => client.runs.cancel({ runId: id }),
    stopsAfter: 'the current step',
    stopped: ({ id }) =>
      new AtelierError(
        'CANCELLED',
        `Stopped. The run is kept; go on with: ${resumeCommand('train', path, id)}`,
        { run: id },
      ),
  };
  return followInterruptibly(client, work, output, signal);
}

interface Column {
  head: string;
  width: number;
  cell: (epoch: Epoch) => string;
}

/** As many of the metrics as 80 columns hold; with --json an epoch tells all. */
function columnsOf({ training }: Recipe): Column[] {
  const epoch: Column = {
    head: 'epoch',
    width: Math.max(5, String(training.epochs).length * 2 + 1),
    cell: (result) => `${result.epoch}/${training.epochs}`,
  };
  const pace: Column[] = [
    { head: 'images/s', width: 8, cell: (result) => count(Math.round(result.imagesPerSecond)) },
    { head: 's', width: 5, cell: (result) => result.seconds.toFixed(1) },
  ];
  const scores = epochColumns.map(({ metric, part, key }): Column => {
    const short = withK(metric, metric.short, training.topK);
    const head = part === 'validation' && 'training' in metric ? `val. ${short}` : short;
    return {
      head,
      width: Math.max(head.length, metric.format === 'percent' ? 7 : 6),
      cell: (epoch) => valueText(metric, epoch[key]),
    };
  });
  const widthOf = (columns: Column[]) => columns.reduce((sum, { width }) => sum + width + 2, -2);
  while (widthOf([epoch, ...scores, ...pace]) > 80) scores.pop();
  return [epoch, ...scores, ...pace];
}
const row = (recipe: Recipe, text: (column: Column) => string) =>
  columnsOf(recipe)
    .map((column) => text(column).padStart(column.width))
    .join('  ');

function tell(event: StudioEvent, runId: string, recipe: Recipe, output: Output): void {
  if (event.event === 'run.progress' && event.runId === runId) {
    const { event: name, runId: run, ...rest } = event;
    output.event(name, { run, ...rest });
    const left = duration(event.secondsLeft);
    output.progress(
      `epoch ${event.epoch}/${event.epochs}  step ${count(event.step)}/${count(event.steps)}  loss ${event.loss.toFixed(4)}  ` +
        `accuracy ${percent(event.accuracy)}  ${count(Math.round(event.imagesPerSecond))} images/s${left && `  ${left} left`}`,
    );
  }
  if (event.event === 'run.epoch' && event.runId === runId) {
    const { epoch } = event;
    output.event('run.epoch', { run: runId, ...epoch });
    output.line(row(recipe, ({ cell }) => cell(epoch)));
  }
}

/** The run with its accuracy on the test part, which the studio may have measured already. */
async function ensureTested(client: StudioClient, run: Run, output: Output): Promise<Run> {
  const runId = run.id;
  if (run.testAccuracy !== null) return run;
  output.progress('Evaluating on the test part');
  if ((await client.evaluations.get({ runId, split: 'test' })) === null) {
    await followJob(client, () => client.evaluations.start({ runId, split: 'test' }));
  }
  const evaluation = await client.evaluations.get({ runId, split: 'test' });
  return { ...run, testAccuracy: evaluation?.accuracy ?? null };
}

/** @param seconds from its turn to its end, evaluation included */
function tellResult(run: Run, seconds: number, output: Output): void {
  const { validationAccuracy: validation, testAccuracy: test } = run;
  output.event('run.finished', {
    run: run.id,
    validation: validation === null ? null : { accuracy: validation },
    test: test === null ? null : { accuracy: test },
    parameters: run.parameters,
    imagesPerSecond: run.imagesPerSecond,
    engine: run.engine,
    bestEpoch: run.bestEpoch,
    epochs: run.epochs.length,
    seconds,
  });
  output.line();
  if (validation !== null)
    output.line(`Validation accuracy  ${percent(validation)} (epoch ${run.bestEpoch})`);
  if (test !== null) output.line(`Test accuracy        ${percent(test)}`);
  if (run.parameters !== null) output.line(`Parameters           ${count(run.parameters)}`);
  if (run.imagesPerSecond !== null)
    output.line(`Speed                ${count(Math.round(run.imagesPerSecond))} images/s`);
  output.line(`Time                 ${duration(seconds)}`);
  if (run.engine)
    output.line(
      `Engine               ${run.engine.kind} ${run.engine.version} on ${run.engine.device}, ${run.engine.threads} threads`,
    );
}
