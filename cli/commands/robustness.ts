/** `atelier robustness`: how often a run is right on images that are corrupted in common ways, beside the same images as they are. */
import { AtelierError } from '#contract/errors.ts';
import {
  augmentationSuggestions,
  corruptionKinds,
  mostImages,
  type Robustness,
  robustnessWords,
  severities,
  usualImages,
} from '#contract/robustness.ts';
import { chooseRun, chooseSplit, runOption, splitOption } from '../choose.ts';
import { type Command, text, wholeNumber } from '../command.ts';
import { followOneJob } from '../interruptible.ts';
import { percent, table } from '../output.ts';
import { withProject } from '../session.ts';

export const robustnessCommand: Command = {
  name: 'robustness',
  words: 'PROJECT',
  about:
    'ask a run about evaluated images with noise, blur, other light, JPEG and more, at five severities each',
  needsEngine: true,
  options: {
    run: runOption,
    split: splitOption,
    images: {
      type: 'string',
      value: 'N',
      about: `images to look at, drawn from the part (${usualImages} if absent; all where there are no more)`,
    },
    seed: { type: 'string', value: 'N', about: 'of the draw and of the noise (0 if absent)' },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) => {
    const split = chooseSplit(values.split);
    const images = wholeNumber('images', values.images, 1, mostImages);
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
    return withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      await followOneJob(
        client,
        {
          begin: () => client.robustness.start({ runId, split, images, seed }),
          doing: 'Asked about',
          progress: 'robustness.progress',
          stopsAfter: 'the images that are being asked about',
          stopped: 'Stopped. A sweep of before stays as it was.',
        },
        output,
        signal,
      );
      const found = await client.robustness.get({ runId, split });
      if (!found)
        throw new AtelierError('INTERNAL', `The corruption sweep of ${runId} was made but is not there.`);
      const suggestions = augmentationSuggestions(found);
      output.lines(describe(found, name, suggestions));
      output.event('robustness.finished', { robustness: found, suggestions });
    });
  },
};

const points = (share: number) => `${share > 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;

function describe(found: Robustness, name: string, suggestions: readonly string[]): string[] {
  const { clean, mean, corruptions } = found;
  return [
    `${name}: ${robustnessWords(found)}`,
    `As they are  ${percent(clean.accuracy)}  (95 % interval ${percent(clean.interval.low)} to ${percent(clean.interval.high)})`,
    `Corrupted    ${percent(mean.accuracy)}  ${mean.interval ? `(95 % interval ${percent(mean.interval.low)} to ${percent(mean.interval.high)}, bootstrap)` : ''}  mean of all`,
    '',
    ...table([
      ['accuracy at severity', ...severities.map(String), 'at 3: interval', 'points less, interval'],
      ...corruptions.map(({ corruption, points: all }) => {
        const { interval, drop, dropInterval } = all[2]!;
        return [
          corruptionKinds[corruption].label,
          ...all.map(({ accuracy }) => percent(accuracy)),
          `${percent(interval.low)} to ${percent(interval.high)}`,
          `${points(drop)} (${points(dropInterval.low)} to ${points(dropInterval.high)})`,
        ];
      }),
    ]),
    ...(suggestions.length > 0 ? ['', ...suggestions] : []),
  ];
}
