/** `atelier improve`: what would make a run better, the largest expected gain first. */
import { improvementCaution, improvementCostWords, type Improvement } from '#contract/improvements.ts';
import { AtelierError } from '#contract/errors.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, percent } from '../output.ts';
import { withProject } from '../session.ts';

export const improveCommand: Command = {
  name: 'improve',
  words: 'PROJECT',
  about:
    'what would make a run better, the largest expected gain first: with the estimated gain, how it was estimated and what does it; computes nothing',
  needsEngine: false,
  options: { run: runOption },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) =>
    withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      const found = await client.improvements.list({ runId });
      const { validation, list } = found;
      if (!validation)
        throw new AtelierError(
          'NOT_FOUND',
          `Expected an evaluation of ${runId} on the validation part, but there is none. Evaluate it: atelier evaluate PROJECT --run ${runId} --split validation.`,
          { runId },
        );
      output.line(
        `${name} answers ${percent(validation.accuracy)} of ${count(validation.count)} validation images right.`,
      );
      list.forEach((one, at) => output.lines(['', ...linesOf(one, at + 1)]));
      output.lines(['', improvementCaution]);
      output.event('improvements', { ...found });
    }),
};

const effects: Record<Improvement['effect'], string> = {
  accuracy: '',
  trust: 'no gain, but an honest figure',
  unknown: 'unknown',
  none: 'no gain',
};

function linesOf({ title, effect, gain, how, cost, command }: Improvement, number: number): string[] {
  const gained = gain
    ? `${pointsText(gain.value)} points (${pointsText(gain.low)} to ${pointsText(gain.high)})`
    : effects[effect];
  return [
    `${number}. ${title}`,
    `   Gain: ${gained}; costs ${improvementCostWords[cost]}`,
    `   ${how}`,
    ...(command === null ? [] : [`   ${command}`]),
  ];
}
