/** `atelier learning-curve`: what more images would do, by trainings on growing parts of those that there are. */
import { defaultShares, shareWords, StudyPlan } from '#contract/study.ts';
import { type Command, text, type Values, wholeNumber } from '../command.ts';
import { usage } from '../output.ts';
import { runStudy, seedsOf, studyOptions } from '../study.ts';

export const learningCurveCommand: Command = {
  name: 'learning-curve',
  words: 'PROJECT',
  about:
    'train a recipe on growing parts of the training images: what more of them would gain, overall and of each class, and how sure that is; the test part is never seen',
  needsEngine: true,
  options: {
    shares: {
      type: 'string',
      value: 'N,N,…',
      about: `parts of the training images in per cent, four or more up to 100 (${defaultShares.map((share) => 100 * share).join(',')} if absent)`,
    },
    seeds: {
      type: 'string',
      value: 'N,N,…',
      about:
        'each draws parts of its own and trains on all of them (1,2,3 if absent; of many images one is enough)',
    },
    within: {
      type: 'string',
      value: 'MINUTES',
      about: 'start only where it is expected to take no longer',
    },
    'no-groups': {
      type: 'boolean',
      about:
        'let images join one by one, without finding out first which belong together (of many images faster)',
    },
    ...studyOptions,
  },
  least: 1,
  most: 1,
  run: (input) =>
    runStudy(input, 'learning-curve', () =>
      StudyPlan.parse({
        kind: 'learning-curve',
        shares: sharesOf(input.values),
        seeds: seedsOf(input.values, '1,2,3'),
        grouping: { kind: input.values['no-groups'] === true ? 'none' : 'groups' },
        parallel: wholeNumber('parallel', input.values.parallel, 1, 64) ?? null,
      }),
    ),
};

/** @throws USAGE */
function sharesOf(values: Values): number[] {
  const given = text(values.shares);
  if (given === undefined) return [...defaultShares];
  const shares = given.split(',').map((share) => Number(share) / 100);
  const growing = shares.every((share, at) => share > (shares[at - 1] ?? 0));
  if (
    /^[\d.]+(,[\d.]+)*$/.test(given) &&
    growing &&
    shares.length >= 4 &&
    shares.length <= 12 &&
    shares[shares.length - 1] === 1
  )
    return shares;
  throw usage(
    `Expected four to twelve growing numbers up to 100 for --shares, such as ${defaultShares.map((share) => shareWords(share).replace(' %', '')).join(',')}, received ${JSON.stringify(given)}.`,
  );
}
