/** `atelier evaluate`: accuracy with its interval, scores per class, the confusion matrix as text. */
import { AtelierError } from '#contract/errors.ts';
import { type Evaluation, TestTime, testTimes } from '#contract/evaluation.ts';
import { followJob } from '#contract/follow.ts';
import { Split, splitNames } from '#contract/project.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, duration, percent, table, usage } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  words: 'PROJECT',
  about: 'judge a run on a part of the data',
  needsEngine: true,
  options: {
    run: runOption,
    split: { type: 'string', value: splitNames.join('|'), about: 'which part (test if absent)' },
    'test-time': {
      type: 'string',
      value: testTimes.join('|'),
      about: 'ask about each image once, or also mirrored, or moved too (once if absent)',
    },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const split = Split.safeParse(text(values.split) ?? 'test').data;
    if (!split)
      throw usage(`Expected --split ${splitNames.join('|')}, received ${JSON.stringify(values.split)}.`);
    const testTime = TestTime.safeParse(text(values['test-time']) ?? 'once').data;
    if (!testTime)
      throw usage(
        `Expected --test-time ${testTimes.join('|')}, received ${JSON.stringify(values['test-time'])}.`,
      );
    return withStudio(async ({ client }) => {
      await openProject(client, given);
      const { id: runId, name } = await chooseRun(client, text(values.run));
      await followJob(
        client,
        () => client.evaluations.start({ runId, split, testTime }),
        (event) => {
          if (event.event !== 'job.changed' || event.job.kind !== 'evaluate') return;
          const { done, total, unit, secondsLeft } = event.job.progress;
          output.event('evaluation.progress', { done, total, unit, secondsLeft });
          const left = duration(secondsLeft);
          output.progress(
            `Evaluating ${count(done)}${total === null ? '' : ` of ${count(total)}`} ${unit}${left && `, ${left} left`}`,
          );
        },
      );
      const evaluation = await client.evaluations.get({ runId, split, testTime });
      if (!evaluation)
        throw new AtelierError('INTERNAL', `The evaluation of ${runId} finished but is not there.`);
      for (const line of describe(evaluation, name)) output.line(line);
      output.event('evaluation.finished', { evaluation });
    });
  },
};

function leftOutWords(leftOut: Evaluation['leftOut']): string {
  const images = leftOut.reduce((sum, one) => sum + one.images, 0);
  return `Left out  ${count(images)} images of ${count(leftOut.length)} classes that the run has no output for: ${leftOut.map(({ name }) => name).join(', ')}`;
}

/** Lines for a terminal. */
function describe(evaluation: Evaluation, runName: string): string[] {
  const { accuracy, accuracyInterval: interval, classes, confusion } = evaluation;
  const asked = { once: '', flip: ', mirrored too', 'flip-shift': ', mirrored and moved too' };
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  return [
    `${runName} on ${evaluation.split}${asked[evaluation.testTime]}: ${count(evaluation.correct)} of ${count(evaluation.count)} right`,
    `Accuracy  ${percent(accuracy)}  (95 % interval ${percent(interval.low)} to ${percent(interval.high)})`,
    ...(evaluation.topK
      ? [`${`Top ${evaluation.topK.k}`.padEnd(9)} ${percent(evaluation.topK.accuracy)}`]
      : []),
    ...(evaluation.leftOut.length > 0 ? [leftOutWords(evaluation.leftOut)] : []),
    `Loss      ${evaluation.loss.toFixed(4)}`,
    `Macro F1  ${percent(evaluation.macroF1)}`,
    '',
    ...table([
      ['class', 'images', 'precision', 'recall', 'F1'],
      ...classes.map(({ name, support, precision, recall, f1 }) => [
        name,
        count(support),
        share(precision),
        share(recall),
        share(f1),
      ]),
    ]),
    '',
    'Confusion (a row per true class, a column per predicted class in the same order)',
    ...table([
      ['', ...classes.map((_, index) => `${index + 1}`)],
      ...confusion.map((counts, index) => [
        `${index + 1} ${classes[index]?.name ?? ''}`,
        ...counts.map(count),
      ]),
    ]),
  ];
}
