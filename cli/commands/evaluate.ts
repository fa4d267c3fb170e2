/** `atelier evaluate`: accuracy with its interval, scores per class, the confusion matrix as text. */
import { resolve } from 'node:path';
import { confusionCsv } from '#contract/csv.ts';
import { AtelierError } from '#contract/errors.ts';
import { type Evaluation, Tta, ttas } from '#contract/evaluation.ts';
import { followJob } from '#contract/follow.ts';
import { trainedOnWords } from '#contract/splits.ts';
import { accuracyText, titleOf, valueText } from '#recipe/metrics/format.ts';
import { classMetrics, resultMetrics } from '#recipe/metrics/index.ts';
import {
  type Normalization,
  normalizationLabels,
  normalizations,
  normalize,
} from '#recipe/metrics/normalize.ts';
import { scoreIn } from '#recipe/metrics/stored.ts';
import { topConfusions } from '#recipe/metrics/top-confusions.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { chooseRun, chooseSplit, runOption, splitOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { count, counted, jobProgress, table, usage } from '../output.ts';
import { describeEvidence } from '../evidence-lines.ts';
import { withProject } from '../session.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  words: 'PROJECT',
  about: 'judge a run on a part of the data',
  needsEngine: true,
  options: {
    run: runOption,
    split: splitOption,
    tta: {
      type: 'string',
      value: ttas.join('|'),
      about:
        'test-time augmentation: none, the mean with the mirror image, or with shifts of both too (none if absent)',
    },
    intervals: {
      type: 'boolean',
      about:
        'also an interval for every metric that has one and for each class, and whether the probabilities can be trusted (bootstrap: takes longer)',
    },
    csv: {
      type: 'string',
      value: 'FILE',
      about: 'write the confusion matrix, too: a row per true class, a column per predicted one',
    },
    force: forceOption,
    normalize: {
      type: 'string',
      value: normalizations.join('|'),
      about: 'the confusion matrix in per cent of its rows, its columns or all (none: counts, if absent)',
    },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const split = chooseSplit(values.split);
    const tta = Tta.safeParse(text(values.tta) ?? 'none').data;
    if (!tta) throw usage(`Expected --tta ${ttas.join('|')}, received ${JSON.stringify(values.tta)}.`);
    const normalization = normalizations.find((one) => one === (text(values.normalize) ?? 'none'));
    if (!normalization)
      throw usage(
        `Expected --normalize ${normalizations.join('|')}, received ${JSON.stringify(values.normalize)}.`,
      );
    if (values.intervals === true && tta !== 'none')
      throw usage('Expected --intervals without --tta: they are of the predictions without it.');
    const csv = text(values.csv);
    if (csv !== undefined) refuseToReplace([resolve(csv)], values, '--csv');
    return withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      await followJob(
        client,
        () => client.evaluations.start({ runId, split, tta }),
        jobProgress(output, ({ kind }) => kind === 'evaluate', 'Evaluating', 'evaluation.progress'),
      );
      const evaluation = await client.evaluations.get({ runId, split, tta });
      if (!evaluation)
        throw new AtelierError('INTERNAL', `The evaluation of ${runId} finished but is not there.`);
      output.lines(describe(evaluation, name, normalization));
      if (csv !== undefined) {
        const names = evaluation.classes.map((one) => one.name);
        const shown = normalize(evaluation.confusion, normalization);
        await writeDurably(resolve(csv), Buffer.from(confusionCsv(names, shown)));
        output.line(`The confusion matrix is in ${csv}.`);
      }
      output.event('evaluation.finished', { evaluation, ...(csv !== undefined && { csv }) });
      if (values.intervals !== true) return;
      await followJob(
        client,
        () => client.evaluations.startEvidence({ runId, split }),
        jobProgress(output, ({ kind }) => kind === 'evidence', 'Computing intervals', 'evidence.progress'),
      );
      const evidence = await client.evaluations.evidence({ runId, split });
      if (!evidence) throw new AtelierError('INTERNAL', `The intervals of ${runId} are not there.`);
      output.lines(['', ...describeEvidence(evidence, evaluation)]);
      output.event('evidence.finished', { evidence });
    });
  },
};

function leftOutWords(leftOut: Evaluation['leftOut'], width: number): string {
  const images = leftOut.reduce((sum, one) => sum + one.images, 0);
  return `${'Left out'.padEnd(width)}  ${counted(images, 'image')} of ${counted(leftOut.length, 'class', 'classes')} that the run has no output for: ${leftOut.map(({ name }) => name).join(', ')}`;
}

/** Lines for a terminal. */
function describe(evaluation: Evaluation, runName: string, by: Normalization): string[] {
  const { classes } = evaluation;
  const others = resultMetrics.flatMap((metric) => {
    const score = scoreIn(evaluation, metric);
    if (metric.key === 'accuracy' || score === null) return [];
    return [{ title: titleOf(metric, score.k), value: valueText(metric, score.value) }];
  });
  const width = Math.max(...others.map(({ title }) => title.length));
  return [
    `${runName} on ${evaluation.split}${evaluation.tta === 'none' ? '' : `, TTA ${evaluation.tta}`}: ${count(evaluation.correct)} of ${count(evaluation.count)} right`,
    `${'Accuracy'.padEnd(width)}  ${accuracyText(evaluation)}`,
    ...others.map(({ title, value }) => `${title.padEnd(width)}  ${value}`),
    ...(trainedOnWords(evaluation) === null ? [] : [trainedOnWords(evaluation)!]),
    ...(evaluation.leftOut.length > 0 ? [leftOutWords(evaluation.leftOut, width)] : []),
    '',
    ...table([
      ['class', 'images', ...classMetrics.map(({ label }) => label)],
      ...classes.map((score) => [
        score.name,
        count(score.support),
        ...classMetrics.map((metric) => valueText(metric, score[metric.key])),
      ]),
    ]),
    '',
    ...(classes.length > mostInTable ? mistakes(evaluation) : matrixLines(evaluation, by)),
  ];
}

/** No terminal is as wide as the matrix of more classes. */
const mostInTable = 40;

function matrixLines({ classes, confusion }: Evaluation, by: Normalization): string[] {
  return [
    `Confusion matrix${by === 'none' ? '' : `, ${normalizationLabels[by].toLowerCase()}, in per cent`} (a row per true class, a column per predicted class in the same order)`,
    ...table([
      ['', ...classes.map((_, index) => `${index + 1}`)],
      ...normalize(confusion, by).map((counts, index) => [
        `${index + 1} ${classes[index]?.name ?? ''}`,
        ...counts.map((value) => (by === 'none' ? count(value) : (100 * value).toFixed(1))),
      ]),
    ]),
  ];
}

function mistakes({ classes, confusion }: Evaluation): string[] {
  const found = topConfusions(confusion, 20);
  return [
    `Top confusions (the matrix of ${count(classes.length)} classes is too wide for a terminal; --csv FILE writes it)`,
    ...table([
      ['class', 'predicted as', 'images'],
      ...found.map(({ actual, predicted, images }) => [
        classes[actual]!.name,
        classes[predicted]!.name,
        count(images),
      ]),
    ]),
  ];
}
