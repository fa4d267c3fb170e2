/** `atelier cross-validate`: how good a recipe is, and how sure that is, over folds and seeds. */
import { type Grouping, StudyPlan } from '#contract/study.ts';
import { type Command, type Values, wholeNumber } from '../command.ts';
import { type AskedGroups, askedGroups, findGroups, groupByOption, tellGroups } from '../group-by.ts';
import { usage } from '../output.ts';
import { runStudy, seedsOf, studyOptions } from '../study.ts';

export const crossValidateCommand: Command = {
  name: 'cross-validate',
  words: 'PROJECT',
  about:
    'train a recipe on folds and seeds: a mean and its interval; folds keep images that belong together in one, and the test part is never seen',
  needsEngine: true,
  options: {
    folds: {
      type: 'string',
      value: 'K|none',
      about: "k of k-fold (5 if absent); none: repeated hold-out on the project's validation split",
    },
    seeds: { type: 'string', value: 'N,N,…', about: 'each trains on all folds (1 if absent)' },
    'group-by': groupByOption,
    'random-folds': {
      type: 'boolean',
      about:
        'the naive estimate: folds at random, though images that look alike are then in several; beside the leak-proof one it tells what that hides',
    },
    ...studyOptions,
  },
  least: 1,
  most: 1,
  run(input) {
    const { values, output } = input;
    const asked = askedGroups(values);
    return runStudy(
      input,
      'cross-validation',
      () =>
        StudyPlan.parse({
          kind: 'cross-validation',
          folds: foldsOf(values),
          seeds: seedsOf(values, '1'),
          grouping: groupingOf(values, asked),
          parallel: wholeNumber('parallel', values.parallel, 1, 64) ?? null,
        }),
      async (client) => {
        if (!asked?.by) return;
        const found = await findGroups(client, { by: asked.by, table: asked.table }, output);
        tellGroups(found, output);
      },
    );
  },
};

function foldsOf(values: Values): number | null {
  if (values.folds === 'none') return null;
  return wholeNumber('folds', values.folds, 2, 20) ?? 5;
}

/** @throws USAGE */
function groupingOf(values: Values, asked: AskedGroups | undefined): Grouping {
  const random = values['random-folds'] === true;
  if (random && asked?.by)
    throw usage('Expected --random-folds without --group-by: random folds keep no groups together.');
  return { kind: random || asked?.by === null ? 'none' : 'groups' };
}
