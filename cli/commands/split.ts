/** `atelier split`: how many images train, validate and test; and drawing the validation part anew. */
import type { Project } from '#contract/entities.ts';
import { type Command, wholeNumber } from '../command.ts';
import { count, type Output } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

export const splitCommand: Command = {
  name: 'split',
  words: 'PROJECT',
  about: 'say how many images train, validate and test; with --validation draw the validation part anew',
  needsEngine: false,
  options: {
    validation: {
      type: 'string',
      value: 'PERCENT',
      about: 'of what is not test data, 1 to 90; the test part stays as it is',
    },
    seed: { type: 'string', value: 'N', about: 'of the draw (the earlier one if absent)' },
  },
  least: 1,
  most: 1,
  run({ words: [given = ''], values, output }) {
    const validation = wholeNumber('validation', values.validation, 1, 90);
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
    return withStudio(async ({ client }) => {
      const before = await openProject(client, given);
      const redraw = validation !== undefined || seed !== undefined;
      const validationShare = validation === undefined ? before.validationShare : validation / 100;
      const project = redraw
        ? await client.project.redrawSplit({ validationShare, seed: seed ?? before.splitSeed })
        : before;
      tell(project, output);
    });
  },
};

function tell({ counts, validationShare, splitSeed }: Project, output: Output): void {
  const { train, validation, test } = counts;
  output.line(`train       ${count(train)}`);
  output.line(
    `validation  ${count(validation)} (${Math.round(validationShare * 100)} % of what is not test data, seed ${splitSeed})`,
  );
  output.line(`test        ${count(test)}`);
  output.event('split', { train, validation, test, validationShare, seed: splitSeed });
}
