/**
 * What a report of a run says: what it is, what it was trained on, how good it is and how sure that is, where it fails, what it cannot do, and how it is made
 * again. Every figure is handed over; nothing is computed here but sums and shares.
 */
import type { AnswerRule } from '#contract/answer-rule.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import { type Calibration, type Evidence, ifPerfectWords } from '#contract/evidence.ts';
import type { Replay } from '#contract/replay.ts';
import { originWords, type Run } from '#contract/run.ts';
import { classCells, intervalText, titleOf, valueText } from '#recipe/metrics/format.ts';
import { classMetrics, resultMetrics } from '#recipe/metrics/index.ts';
import { scoreIn } from '#recipe/metrics/stored.ts';
import { topConfusions } from '#recipe/metrics/top-confusions.ts';
import { type SectionId, sectionIds, sections } from '#recipe/sections.ts';
import { summaryOf } from '#recipe/values.ts';
import { chosenOn, imagesOf, knows, percent, plural, testedOn, whole } from '../run-words.ts';
import type { Block, ReportImage } from './block.ts';
import { lineChart, matrixChart } from './charts.ts';
import { type Tested, testedBlocks } from './tested.ts';

export interface ReportInput {
  /** Of Atelier. */
  version: string;
  projectName: string;
  run: Run;
  /** Images that it learned from and chose the best epoch by, as the run saw them. */
  counts: { train: number; validation: number };
  /** SHA-256 over the contents, classes and parts of these images and the test images that were evaluated, in hexadecimal. */
  dataDigest: string;
  /** Test where there is one, else validation; null where it was not evaluated. */
  evaluation: Evaluation | null;
  /** What is known of its images; null where there is no evaluation. */
  tested: Tested | null;
  evidence: Evidence | null;
  replay: Replay | null;
  /** Names that it can give. */
  classCount: number;
  /** When it answers; null: always. */
  rule: AnswerRule | null;
  /** The worst mistakes. */
  mistakes: readonly ReportImage[];
}

/** Classes of a matrix that is drawn; more are listed by what is confused most. */
const mostDrawn = 60;
/** Classes of a matrix that is a table where nothing can be drawn. */
const mostInTable = 20;

export function reportOf(input: ReportInput): Block[] {
  const { run, evaluation, evidence, tested } = input;
  return [
    { kind: 'heading', level: 1, text: run.name },
    {
      kind: 'text',
      text: `An image classifier, trained with Atelier ${input.version} in the project “${input.projectName}”.`,
    },
    ...(run.note === '' ? [] : [{ kind: 'text' as const, text: run.note }]),
    ...accuracyBlocks(evaluation, evidence),
    ...(evaluation && tested ? testedBlocks(evaluation, tested) : []),
    ...(evaluation ? mistakesBlocks(evaluation, input.mistakes) : []),
    ...(evidence ? trustBlocks(evidence) : []),
    ...trainingBlocks(input),
    ...limitBlocks(input),
    ...againBlocks(input),
  ];
}

function accuracyBlocks(evaluation: Evaluation | null, evidence: Evidence | null): Block[] {
  const heading: Block = { kind: 'heading', level: 2, text: 'How good it is' };
  if (!evaluation)
    return [heading, { kind: 'text', text: 'It was not evaluated. Nothing is known of how good it is.' }];
  const { accuracy, accuracyInterval, classes } = evaluation;
  const rows = resultMetrics.flatMap((metric) => {
    const score = scoreIn(evaluation, metric);
    if (score === null) return [];
    const sure = evidence?.metrics.find(({ key }) => key === metric.key);
    const interval = metric.key === 'accuracy' ? accuracyInterval : (sure?.interval ?? null);
    return [
      [
        titleOf(metric, score.k),
        valueText(metric, score.value),
        intervalText(metric, interval),
        metric.key === 'accuracy' ? 'exact' : interval ? sure!.method : '–',
      ],
    ];
  });
  return [
    heading,
    {
      kind: 'text',
      text: `${percent(accuracy)} right (95 % interval ${intervalText({ format: 'percent' }, accuracyInterval)}, exact) on ${testedOn(evaluation)}`,
    },
    { kind: 'table', head: ['metric', 'value', '95 % interval', 'method'], rows },
    ...(evidence
      ? [
          {
            kind: 'text' as const,
            text: `Exact intervals are Clopper and Pearson's; bootstrap intervals are BCa of ${whole(evidence.draws)} samples.`,
          },
        ]
      : [{ kind: 'text' as const, text: 'Intervals of the other metrics were not computed.' }]),
    { kind: 'text', text: 'Of each class, with its 95 % interval, exact:' },
    {
      kind: 'table',
      head: ['class', 'images', ...classMetrics.map(({ label }) => label)],
      rows: classes.map((score) => [score.name, whole(score.support), ...classCells(score)]),
    },
  ];
}

function mistakesBlocks(evaluation: Evaluation, mistakes: readonly ReportImage[]): Block[] {
  const { classes, confusion } = evaluation;
  const names = classes.map(({ name }) => name);
  const most = topConfusions(confusion, 10).map(
    ({ actual, predicted, images }) => `${names[actual]} taken for ${names[predicted]}: ${whole(images)}`,
  );
  return [
    { kind: 'heading', level: 2, text: 'Where it fails' },
    ...(names.length <= mostDrawn
      ? [
          {
            kind: 'figure' as const,
            svg: matrixChart(confusion, names),
            caption: 'Confusion matrix: a row per class as labelled, a column per class as predicted',
            alternative: most.length === 0 ? 'no mistake' : most.slice(0, 3).join('; '),
            undrawn: names.length <= mostInTable ? matrixTable(confusion, names) : [],
          },
        ]
      : []),
    most.length === 0 ? { kind: 'text', text: 'It made no mistake there.' } : { kind: 'list', items: most },
    ...(mistakes.length > 0
      ? [
          { kind: 'text' as const, text: 'The images that it was most surely wrong about:' },
          { kind: 'images' as const, images: mistakes },
        ]
      : []),
  ];
}

const matrixTable = (confusion: Evaluation['confusion'], names: readonly string[]): Block[] => [
  {
    kind: 'text',
    text: 'Confusion matrix: a row per class as labelled, a column per class as predicted, in the same order:',
  },
  {
    kind: 'table',
    head: ['', ...names.map((_, at) => String(at + 1))],
    rows: confusion.map((row, at) => [`${at + 1} ${names[at]}`, ...row.map(whole)]),
  },
];

/** A reliability diagram where nothing can be drawn. */
const reliabilityTable = (bins: Calibration['bins'], at: string): Block[] => [
  {
    kind: 'text',
    text: `How often it is right where it gives a probability${at}; the two would be the same if it were perfect:`,
  },
  {
    kind: 'table',
    head: ['probability', 'mean', 'share right', 'images'],
    rows: bins
      .filter(({ images }) => images > 0)
      .map(({ low, high, confidence, accuracy, images }) => [
        `${percent(low)} to ${percent(high)}`,
        percent(confidence!),
        percent(accuracy!),
        whole(images),
      ]),
  },
];

function trustBlocks({ calibration, temperature, coverage, count }: Evidence): Block[] {
  if (!calibration) return [];
  const shown = temperature?.calibration ?? calibration;
  const points = shown.bins.flatMap(({ confidence, accuracy }) =>
    confidence === null || accuracy === null ? [] : [{ x: confidence, y: accuracy }],
  );
  const top = Math.max(...coverage.points.map(({ error }) => error), 0.01);
  return [
    { kind: 'heading', level: 2, text: 'How far its probabilities can be trusted' },
    {
      kind: 'text',
      text:
        `Expected calibration error ${percent(calibration.error)}; ${ifPerfectWords(calibration, count, percent)}. ` +
        (temperature
          ? `With a temperature of ${temperature.temperature.toFixed(3)}, fitted on ${whole(temperature.images)} validation images, it is ${percent(temperature.calibration.error)}; ${ifPerfectWords(temperature.calibration, count, percent)}.`
          : 'No temperature was fitted: that needs validation images of which some are answered wrong.'),
    },
    {
      kind: 'figure',
      svg: lineChart(
        [
          { points },
          {
            points: [
              { x: 0, y: 0 },
              { x: 1, y: 1 },
            ],
            dashed: true,
          },
        ],
        'probability',
        'share right',
      ),
      caption: `Reliability${temperature ? ', at the temperature' : ''}; dashed: perfect`,
      alternative: `expected calibration error ${percent(shown.error)}`,
      undrawn: reliabilityTable(shown.bins, temperature ? ', at the temperature' : ''),
    },
    {
      kind: 'figure',
      svg: lineChart(
        [{ points: coverage.points.map((point) => ({ x: point.coverage, y: point.error })) }],
        'share answered',
        'error',
        top,
      ),
      caption: 'Errors where only the surest images are answered',
      alternative: coverage.most
        ? `answering ${percent(coverage.most.coverage)}, ${percent(coverage.most.error)} of it wrong`
        : 'not known',
      undrawn: coverage.most
        ? [
            {
              kind: 'text',
              text: `Where only the surest ${percent(coverage.most.coverage)} of the images are answered, ${percent(coverage.most.error)} of them are wrong (95 % interval ${percent(coverage.most.interval.low)} to ${percent(coverage.most.interval.high)}, exact).`,
            },
          ]
        : [],
    },
  ];
}

function trainingBlocks({ run, counts, evaluation }: ReportInput): Block[] {
  const tests = evaluation?.split === 'test' ? evaluation.count : 0;
  const { engine, epochs, bestEpoch, parameters } = run;
  return [
    { kind: 'heading', level: 2, text: 'How it was trained' },
    {
      kind: 'list',
      items: [
        imagesOf({ ...counts, test: tests }),
        `${plural(epochs.length, 'epoch')}; the weights of epoch ${bestEpoch ?? '–'} were kept; ${parameters === null ? 'an unknown number of parameters' : plural(parameters, 'parameter')}`,
        `Computed by ${engine ? `${engine.kind} ${engine.version} on ${engine.device}, ${plural(engine.threads, 'thread')}` : 'an engine that was not recorded'}`,
        ...sectionIds.map((id) => `${sections[id].title}: ${sectionWords(id, run)}`),
      ],
    },
    ...run.notices.map((text): Block => ({ kind: 'text', text })),
  ];
}

/** What a section of the recipe comes to; none is empty. */
function sectionWords(id: SectionId, { recipe, origin }: Run): string {
  const words = summaryOf(id, recipe);
  if (id !== 'start') return words === '' ? 'nothing' : words;
  const begun = origin
    ? `${originWords[origin.how].toLowerCase()} ${origin.runId}`
    : recipe.model.backbone === null
      ? 'random weights'
      : '';
  return [begun, words].filter((text) => text !== '').join(' · ');
}

const limitBlocks = ({ run, classCount, rule }: ReportInput): Block[] => [
  { kind: 'heading', level: 2, text: 'What it cannot do' },
  {
    kind: 'list',
    items: [
      knows(classCount, rule),
      ...(rule ? [`It answers by a rule: ${ruleWords(rule)} ${chosenOn(rule)}`] : []),
      'The figures hold for images like those it was tested on. Other cameras, lighting, backgrounds or crops may do worse.',
      `It sees ${run.recipe.preprocessing.width} × ${run.recipe.preprocessing.height} pixels. What cannot be told apart at that size, it cannot tell apart.`,
    ],
  },
];

const ruleWords = ({ threshold, temperature, calibrated }: AnswerRule) =>
  `where its greatest probability${calibrated ? `, at the temperature ${temperature.toFixed(3)},` : ''} is below ${threshold.toFixed(4)}, it is “unsure”. The figures above are without it: of all images, each given to the most probable class.`;

function againBlocks({ run, replay, dataDigest }: ReportInput): Block[] {
  const told = replay
    ? replay.equal
      ? `It was trained once more on ${replay.replayedAt}, and all figures of ${plural(replay.epochs, 'epoch')} and the weights came out equal to the last bit.`
      : `It was trained once more on ${replay.replayedAt}, and did not come out equal${replay.sameEngine ? '' : ', on another engine'}.`
    : 'It was not trained once more. This does it, and says whether the figures are equal:';
  return [
    { kind: 'heading', level: 2, text: 'How it is made again' },
    { kind: 'text', text: told },
    ...(replay ? [] : [{ kind: 'code' as const, text: `atelier replay PROJECT --run ${run.id}` }]),
    {
      kind: 'text',
      text: `Seed ${run.recipe.training.seed}; images, classes and parts have the SHA-256 ${dataDigest}. The recipe:`,
    },
    { kind: 'code', text: JSON.stringify(run.recipe, null, 2) },
  ];
}
