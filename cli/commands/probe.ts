/** `atelier find-learning-rate` and `atelier compare-precision`: brief trainings that answer a question about a recipe. */
import type { Job, Origin, PrecisionReport, RateSearch } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import type { Recipe } from '#contract/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { type Command, type Interruption, texts, type Values } from '../command.ts';
import { followInterruptibly, type Work } from '../interruptible.ts';
import { chosenOrigin, originOf, originOptions } from '../origin.ts';
import { count, duration, type Output, percent, table } from '../output.ts';
import { askedRecipe, changeRecipe, recipeOptions } from '../recipe.ts';
import { openProject, withStudio } from '../session.ts';

/** Points of the curve that a terminal shows. */
const shownPoints = 20;

export const findLearningRateCommand: Command = {
  name: 'find-learning-rate',
  words: 'PROJECT',
  about: 'train briefly at rising learning rates and say which to take',
  needsEngine: true,
  options: { ...recipeOptions, ...originOptions },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) => {
    const asked = askedBeginning(values);
    return withStudio(async ({ client }) => {
      await openProject(client, given);
      const beginning = await asked(client);
      const { id: jobId } = await probe(client, client.recipes.findLearningRate, beginning, output, signal);
      const search = await client.recipes.learningRates({ jobId });
      for (const line of describeRates(search)) output.line(line);
      output.event('learning-rate.found', { ...search, recipe: beginning.recipe.name });
    });
  },
};

export const comparePrecisionCommand: Command = {
  name: 'compare-precision',
  words: 'PROJECT',
  about: 'train briefly in float32 and bfloat16 and say whether the loss follows and what is gained',
  needsEngine: true,
  options: { ...recipeOptions, ...originOptions },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) => {
    const asked = askedBeginning(values);
    return withStudio(async ({ client }) => {
      await openProject(client, given);
      const beginning = await asked(client);
      const { id: jobId } = await probe(client, client.recipes.comparePrecision, beginning, output, signal);
      const report = await client.recipes.precisionReport({ jobId });
      for (const line of describePrecisions(report)) output.line(line);
      output.event('precision.compared', { ...report, recipe: beginning.recipe.name });
    });
  },
};

/** What is tried, and what it begins with; fresh weights where absent. */
interface Beginning {
  recipe: Recipe;
  origin?: Origin;
}

/** As `train` takes them: with an earlier run and no recipe, that run's own. */
function askedBeginning(values: Values): (client: StudioClient) => Promise<Beginning> {
  const named = originOf(values);
  const changes = texts(values.set);
  const asked = named && values.recipe === undefined ? null : askedRecipe(values);
  return async (client) => {
    const earlier = named && (await chosenOrigin(client, named));
    const recipe = asked ? await asked(client) : changeRecipe(earlier!.run.recipe, changes);
    return earlier ? { recipe, origin: earlier.origin } : { recipe };
  };
}

/** The job at its end; Ctrl-C cancels it. */
function probe(
  client: StudioClient,
  start: (input: Beginning) => Promise<Job>,
  beginning: Beginning,
  output: Output,
  signal: Interruption,
): Promise<Job> {
  const work: Work<Job> = {
    follow: followJob,
    begin: () => start(beginning),
    onEvent(event, { id }) {
      if (event.event !== 'job.changed' || event.job.id !== id) return;
      const { done, total, unit, secondsLeft } = event.job.progress;
      output.event('probe.progress', { done, total, unit, secondsLeft });
      const left = duration(secondsLeft);
      output.progress(
        `${event.job.title}: ${count(done)}${total === null ? '' : ` of ${count(total)}`} ${unit}${left && `, ${left} left`}`,
      );
    },
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
