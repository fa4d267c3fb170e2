/** `atelier find-learning-rate` and `atelier compare-precision`: brief trainings that answer a question about a recipe. */
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import type { Job } from '#contract/job.ts';
import type { PrecisionReport, RateSearch, Tried } from '#contract/probes.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Command, Interruption } from '../command.ts';
import { followInterruptibly, type Work } from '../interruptible.ts';
import { askedBeginning, type Beginning, originOptions, recipeOptions } from '../recipe.ts';
import { count, jobProgress, type Output, percent, table } from '../output.ts';
import { withProject } from '../session.ts';

/** Points of the curve that a terminal shows. */
const shownPoints = 20;

export const findLearningRateCommand = probeCommand<RateSearch>({
  name: 'find-learning-rate',
  about: 'train briefly at rising learning rates and say which to take',
  start: (client, beginning) => client.recipes.findLearningRate(beginning),
  read: (client, jobId) => client.recipes.learningRates({ jobId }),
  describe: describeRates,
  event: 'learning-rate.found',
});

export const comparePrecisionCommand = probeCommand<PrecisionReport>({
  name: 'compare-precision',
  about: 'train briefly in float32 and bfloat16 and say whether the loss follows and what is gained',
  start: (client, beginning) => client.recipes.comparePrecision(beginning),
  read: (client, jobId) => client.recipes.precisionReport({ jobId }),
  describe: describePrecisions,
  event: 'precision.compared',
});

interface Probe<T> {
  name: string;
  about: string;
  start: (client: StudioClient, beginning: Beginning) => Promise<Job>;
  read: (client: StudioClient, jobId: string) => Promise<Tried<T>>;
  describe: (found: T) => readonly string[];
  event: string;
}

function probeCommand<T>({ name, about, start, read, describe, event }: Probe<T>): Command {
  return {
    name,
    words: 'PROJECT',
    about,
    needsEngine: true,
    options: { ...recipeOptions, ...originOptions },
    least: 1,
    most: 1,
    run: ({ words: [given = ''], values, output, signal }) => {
      const asked = askedBeginning(values);
      return withProject(given, async ({ client }) => {
        const beginning = await asked(client);
        const { id } = await probe(client, () => start(client, beginning), output, signal);
        const found = await read(client, id);
        output.lines(describe(found));
        output.event(event, { ...found, recipe: beginning.recipe.name });
      });
    },
  };
}

/** The job at its end; Ctrl-C cancels it. */
function probe(
  client: StudioClient,
  begin: () => Promise<Job>,
  output: Output,
  signal: Interruption,
): Promise<Job> {
  const work: Work<Job> = {
    follow: followJob,
    begin,
    onEvent: (event, job) =>
      jobProgress(output, ({ id }) => id === job.id, `${job.title}:`, 'probe.progress')(event),
    cancel: ({ id }) => client.jobs.cancel({ jobId: id }),
    stopsAfter: 'the current step',
    stopped: () =>
      new AtelierError('CANCELLED', 'Stopped. Nothing was changed, and nothing is kept of the try.'),
  };
  return followInterruptibly(client, work, output, signal);
}

function describeRates({ points, suggestion }: RateSearch): string[] {
  const step = Math.max(1, Math.ceil(points.length / shownPoints));
  const shown = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  const losses = shown.map(({ loss }) => loss);
  const [least, greatest] = [Math.min(...losses), Math.max(...losses)];
  const bar = (loss: number) => '█'.repeat(1 + Math.round((29 * (loss - least)) / (greatest - least || 1)));
  return [
    ...table([
      ['rate', 'loss'],
      ...shown.map(({ rate, loss }) => [rate.toExponential(1), loss.toFixed(4)]),
    ]).map((line, index) => (index === 0 ? line : `${line}  ${bar(shown[index - 1]!.loss)}`)),
    '',
    suggestion === null
      ? 'The loss never fell: no rate can be suggested. Check the recipe and the labels.'
      : `Suggestion: --set training.learningRate=${Number(suggestion.toPrecision(2))}`,
  ];
}

function describePrecisions(report: PrecisionReport): string[] {
  const { unavailable, float32, bfloat16, largestDifference, recommended } = report;
  if (unavailable !== null || !bfloat16) return [`bfloat16 cannot be had here: ${unavailable}`];
  const row = (name: string, { losses, imagesPerSecond }: PrecisionReport['float32']) => [
    name,
    losses[0]?.toFixed(4) ?? '–',
    losses[losses.length - 1]?.toFixed(4) ?? '–',
    count(Math.round(imagesPerSecond)),
  ];
  const follows =
    largestDifference === null
      ? 'A loss became infinite or not a number, so the two cannot be compared.'
      : `Over ${report.steps} steps the smoothed losses differ by ${percent(largestDifference)} at most.`;
  return [
    ...table([
      ['precision', 'first loss', 'last loss', 'images/s'],
      row('float32', float32),
      row('bfloat16', bfloat16),
    ]),
    '',
    follows,
    recommended
      ? 'bfloat16 is worth having here: --set training.precision=bfloat16'
      : 'float32 is the better choice here.',
  ];
}
