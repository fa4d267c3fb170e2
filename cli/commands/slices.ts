/** `atelier slices`: sets of evaluated images that share something and hold more wrong answers than the rest. */
import { AtelierError } from '#contract/errors.ts';
import { type Slice, type Slices, slicesWords, sliceWords } from '#contract/slices.ts';
import { chooseRun, chooseSplit, runOption, splitOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { followOneJob } from '../interruptible.ts';
import { count, percent, table } from '../output.ts';
import { withProject } from '../session.ts';

export const slicesCommand: Command = {
  name: 'slices',
  words: 'PROJECT',
  about:
    'find slices of the evaluated images (dark, small, of one source, look-alikes …) that are wrong more often',
  needsEngine: true,
  options: { run: runOption, split: splitOption },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) => {
    const split = chooseSplit(values.split);
    return withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      await followOneJob(
        client,
        {
          begin: () => client.slices.start({ runId, split }),
          doing: 'Looking at',
          progress: 'slices.progress',
          stopsAfter: 'what is being looked at',
          stopped: 'Stopped. Slices of before stay as they were.',
        },
        output,
        signal,
      );
      const slices = await client.slices.get({ runId, split });
      if (!slices)
        throw new AtelierError('INTERNAL', `The error slices of ${runId} were found but are not there.`);
      output.lines(describe(slices, name));
      output.event('slices.finished', { slices });
    });
  },
};

function describe(found: Slices, name: string): string[] {
  const { images, wrong, split, slices, unread, clusteredBy } = found;
  const told = slices.filter((slice) => slice.found);
  const unsure = slices.filter((slice) => !slice.found);
  return [
    `${name} on ${split}: ${count(wrong)} of ${count(images)} wrong (${percent(wrong / images)}).`,
    slicesWords(found),
    ...(told.length > 0 ? ['', ...rows(told)] : []),
    ...(unsure.length > 0
      ? ['', 'These look worse, but may be chance after so many tries:', ...rows(unsure)]
      : []),
    '',
    'Intervals are exact, at 95 %, of each slice alone. Slices were chosen for being bad: on new images expect them nearer to the rest.',
    clusteredBy === null
      ? 'There are too few images for clusters of look-alikes.'
      : `Look-alikes are clusters of ${clusteredBy === 'run' ? 'what the classifier of the run looks at' : 'the embeddings of the project'}.`,
    ...(unread > 0 ? [`${count(unread)} images could not be looked at.`] : []),
  ];
}

const rows = (slices: readonly Slice[]): string[] =>
  table([
    ['slice', 'images', 'wrong', 'interval', 'the rest', 'by its classes', 'p, adjusted'],
    ...slices.map(({ condition, alike, images, wrong, interval, rest, expected, adjusted }) => [
      `${sliceWords(condition)}${alike.length > 0 ? ` (also: ${alike.map(sliceWords).join('; ')})` : ''}`,
      count(images),
      percent(wrong / images),
      `${percent(interval.low)} to ${percent(interval.high)}`,
      percent(rest.wrong / rest.images),
      expected === null ? '–' : percent(expected),
      adjusted < 0.0001 ? '< 0.0001' : adjusted.toFixed(4),
    ]),
  ]);
