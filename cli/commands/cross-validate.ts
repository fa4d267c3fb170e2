/** `atelier cross-validate`: how good a recipe is, and how sure that is, over folds and seeds. */
import { Grouping, StudyPlan } from '#contract/study.ts';
import { type Command, text, type Values, wholeNumber } from '../command.ts';
import { usage } from '../output.ts';
import { runStudy, studyOptions } from '../study.ts';

export const crossValidateCommand: Command = {
  name: 'cross-validate',
  words: 'PROJECT',
  about: 'train a recipe on folds and seeds: a mean and its interval; the test part is never seen',
  needsEngine: true,
  options: {
    folds: {
      type: 'string',
      value: 'K|none',
      about: "k of k-fold (5 if absent); none: repeated hold-out on the project's validation split",
    },
    seeds: { type: 'string', value: 'N,N,…', about: 'each trains on all folds (1 if absent)' },
    group: {
      type: 'string',
      value: 'folder|prefix:TEXT',
      about: 'images to keep in one fold: of one folder, or with names alike up to TEXT',
    },
    ...studyOptions,
  },
  least: 1,
  most: 1,
  run: (input) =>
    runStudy(input, 'cross-validation', () =>
      StudyPlan.parse({
        kind: 'cross-validation',
        folds: foldsOf(input.values),
        seeds: seedsOf(input.values),
        grouping: groupingOf(input.values),
        parallel: wholeNumber('parallel', input.values.parallel, 1, 64) ?? null,
      }),
    ),
};

function foldsOf(values: Values): number | null {
  if (values.folds === 'none') return null;
  return wholeNumber('folds', values.folds, 2, 20) ?? 5;
}

function seedsOf(values: Values): number[] {
  const given = text(values.seeds) ?? '1';
  const seeds = given.split(',').map((seed) => Number(seed));
  const fits = (seed: number) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31;
  if (/^\d+(,\d+)*$/.test(given) && seeds.length <= 50 && seeds.every(fits)) return seeds;
  throw usage(
    `Expected up to 50 whole numbers for --seeds, such as 1,2,3, received ${JSON.stringify(given)}.`,
  );
}

function groupingOf(values: Values): Grouping {
  const given = text(values.group);
  if (given === undefined) return { kind: 'none' };
  const [, separator] = /^prefix:(.+)$/s.exec(given) ?? [];
  const grouping = Grouping.safeParse(
    separator === undefined ? { kind: given } : { kind: 'prefix', separator },
  );
  if (grouping.success && given !== 'none') return grouping.data;
  throw usage(
    `Expected --group folder or --group prefix:TEXT (up to 8 characters), such as prefix:_, received ${JSON.stringify(given)}.`,
  );
}
