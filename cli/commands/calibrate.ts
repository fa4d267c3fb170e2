/** `atelier calibrate`: when a run answers, is not sure, or says that an image is unlike all training images. */
import {
  answerPromise,
  type AnswerRule,
  type AnswerRuleChoice,
  AnswerRuleChoice as Choice,
  defaultChoice,
  unknownPromise,
} from '#contract/answer-rule.ts';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, jobProgress, percent, usage } from '../output.ts';
import { withProject } from '../session.ts';

const ways = ['coverage', 'error', 'threshold'] as const;

export const calibrateCommand: Command = {
  name: 'calibrate',
  words: 'PROJECT',
  about: 'choose when a run answers, is not sure, or says that an image is unlike all training images',
  needsEngine: true,
  options: {
    run: runOption,
    coverage: {
      type: 'string',
      value: 'SHARE',
      about: `answer so many of the validation images, the surest (${defaultChoice.threshold.value} if nothing is said)`,
    },
    error: {
      type: 'string',
      value: 'SHARE',
      about: 'answer as many as can be answered with at most so many of these wrong',
    },
    threshold: {
      type: 'string',
      value: 'PROBABILITY',
      about: 'answer where the probability is so much or more',
    },
    known: {
      type: 'string',
      value: 'SHARE',
      about: `take, with 95 % confidence, no more than the rest of images like the validation images for unknown (${defaultChoice.known} if absent)`,
    },
    off: { type: 'boolean', about: 'answer always again' },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const choice = chosen(values);
    return withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      if (choice === null) {
        const before = await client.answerRules.remove({ runId });
        output.line(`${name} answers always.`);
        if (before) output.line(`Before: ${words(before.chosen)}.`);
        output.event('calibrate.finished', { run: runId, rule: null, before });
        return;
      }
      const before = await client.answerRules.get({ runId });
      await followJob(
        client,
        () => client.answerRules.fit({ runId, choice }),
        jobProgress(output, ({ kind }) => kind === 'calibrate', 'Calibrating', 'calibrate.progress'),
      );
      const rule = await client.answerRules.get({ runId });
      if (!rule)
        throw new AtelierError('INTERNAL', `The answer rule of ${runId} was fitted but is not there.`);
      output.lines(describe(rule, name));
      if (before) output.line(`Before: ${words(before.chosen)}.`);
      output.event('calibrate.finished', { run: runId, rule, before });
    });
  },
};

/** @returns null for --off */
function chosen(values: Record<string, unknown>): AnswerRuleChoice | null {
  const said = ways.filter((way) => values[way] !== undefined);
  if (said.length > 1 || (values['off'] === true && (said.length > 0 || values['known'] !== undefined)))
    throw usage('Expected one of --coverage, --error and --threshold, or --off alone.');
  if (values['off'] === true) return null;
  const number = (option: string) => {
    const given = values[option];
    return typeof given === 'string' && given.trim() !== '' ? Number(given) : NaN;
  };
  const parsed = Choice.safeParse({
    threshold: said[0] ? { by: said[0], value: number(said[0]) } : defaultChoice.threshold,
    known: values['known'] === undefined ? defaultChoice.known : number('known'),
  });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues[0]?.path[0] === 'known' ? 'known' : said[0]!;
  throw usage(
    `Expected --${wrong} from ${wrong === 'known' ? '0.5' : '0'} to 1, as 0.9 for 90 %, received ${JSON.stringify(values[wrong])}.`,
  );
}

/** As options that choose it again. */
const words = ({ threshold: { by, value }, known }: AnswerRuleChoice) => `--${by} ${value} --known ${known}`;

function describe(rule: AnswerRule, name: string): string[] {
  const { temperature, threshold, validation, calibrated, chosen, trainingImages } = rule;
  const { images, answered, unsure, unknown, wrong } = validation;
  const share = (part: number, of = images) => (of === 0 ? '–' : percent(part / of));
  return [
    `${name} answers where its probability is ${threshold.toFixed(3)} or more (${words(chosen)}).`,
    calibrated
      ? `Probabilities are at the temperature ${temperature.toFixed(3)}, fitted on ${count(images)} validation images.`
      : 'Probabilities are as they were: the validation images cannot tell a temperature.',
    `Unknown is what is less like ${count(trainingImages)} training images than ${unknown === 0 ? 'every validation image is' : `all but ${count(unknown)} of the validation images are`}. ${unknownPromise(rule)}`,
    `Of these ${count(images)}: ${count(answered)} answered (${share(answered)}), ${count(wrong)} of them wrong (${share(wrong, answered)}); ${count(unsure)} not sure (${share(unsure)}), ${count(unknown)} unknown (${share(unknown)}).`,
    answerPromise(rule),
  ];
}
