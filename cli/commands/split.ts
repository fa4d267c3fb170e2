/** `atelier split`: how many images train, validate and test; and drawing the parts anew. */
import { partWarnings } from '#contract/part-warnings.ts';
import type { Project } from '#contract/project.ts';
import { type Command, wholeNumber } from '../command.ts';
import { count, type Output, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const splitCommand: Command = {
  name: 'split',
  words: 'PROJECT',
  about: 'say how many images train, validate and test; with --test, --validation or --seed draw them anew',
  needsEngine: false,
  options: {
    test: {
      type: 'string',
      value: 'PERCENT',
      about: 'of all images, 0 to 90; the test part stays as it is if absent',
    },
    validation: {
      type: 'string',
      value: 'PERCENT',
      about: 'of what is not test data, 1 to 90 (the earlier share if absent)',
    },
    seed: { type: 'string', value: 'N', about: 'of the draw (the earlier one if absent)' },
    fixed: {
      type: 'boolean',
      about: 'also draw images whose part the source says; they stay where they are otherwise',
    },
  },
  least: 1,
  most: 1,
  run({ words: [given = ''], values, output }) {
    const test = wholeNumber('test', values.test, 0, 90);
    const validation = wholeNumber('validation', values.validation, 1, 90);
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
    const fixed = values.fixed === true;
    const redraw = test !== undefined || validation !== undefined || seed !== undefined;
    if (fixed && !redraw)
      throw usage('Expected --fixed beside --test, --validation or --seed: alone it draws nothing.');
    return withProject(given, async ({ client, project: before }) => {
      const project = redraw
        ? await client.project.redrawSplit({
            validationShare: validation === undefined ? before.validationShare : validation / 100,
            ...(test === undefined ? {} : { testShare: test / 100 }),
            seed: seed ?? before.splitSeed,
            fixed,
          })
        : before;
      tell(project, output);
    });
  },
};

const percent = (share: number) => `${Math.round(share * 100)} %`;

function tell({ counts, classes, validationShare, testShare, splitSeed }: Project, output: Output): void {
  const { train, validation, test, fixed, unlabelled } = counts;
  output.line(`train       ${count(train)}`);
  output.line(
    `validation  ${count(validation)} (${percent(validationShare)} of what is not test data, seed ${splitSeed})`,
  );
  output.line(`test        ${count(test)}`);
  if (unlabelled > 0) output.line(`unlabelled  ${count(unlabelled)} (in no part until they have a class)`);
  if (fixed > 0) output.line(`Of ${count(fixed)} images the source says the part; --fixed draws them too.`);
  const warnings = partWarnings(classes, unlabelled);
  for (const { text } of warnings) output.note(`Note: ${text}`);
  output.event('split', {
    train,
    validation,
    test,
    unlabelled,
    fixed,
    validationShare,
    testShare,
    seed: splitSeed,
    warnings,
  });
}
