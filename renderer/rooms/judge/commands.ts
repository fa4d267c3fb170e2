/** The commands of the Judge room. */
import FileText from '@lucide/svelte/icons/file-text';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import X from '@lucide/svelte/icons/x';
import { ttas } from '#contract/evaluation.ts';
import { classOrderLabels, classOrders } from '#recipe/metrics/confusion-order.ts';
import { normalizationLabels, normalizations } from '#recipe/metrics/normalize.ts';
import type { ReportFormat } from '#contract/report.ts';
import { draft, navigation, runs, studio } from '../../stores.ts';
import { saveFile } from '../../parts/save.ts';
import type { Command } from '../../commands/command.ts';
import { ImageCommands } from '../../parts/curation/image-commands.ts';
import { repairCommands } from './repair/commands.ts';
import { matrixFiles } from './matrix/matrix-view.svelte.ts';
import { answerRules, browser, errors, evidence, matrixView, view } from './stores.ts';
import { judgeViews, judgeViewWords, ttaWords } from './words.ts';

const someRun = () => runs.current !== null || 'No run has finished yet';
const someEvaluation = () =>
  someRun() === true ? Boolean(view.evaluation) || 'Evaluate the run first' : someRun();
const someCell = () => view.cells !== null || 'Open a cell of the matrix first';
const someImages = () => {
  if (view.shown === 'repair') return true;
  if (view.shown !== 'errors') return someCell();
  return Boolean(view.evaluation && errors.listOf(view.evaluation)) || 'List a slice or the top losses first';
};

export const images = new ImageCommands({ room: 'judge', browser, within: 'images', inSight: someImages });

export const evaluate: Command = {
  id: 'judge.evaluate',
  get label() {
    return view.evaluation ? 'Evaluate again' : 'Evaluate the run';
  },
  get short() {
    if (!view.evaluation) return 'Evaluate';
    return view.job ? 'Evaluating…' : 'Evaluate again';
  },
  icon: RefreshCw,
  aliases: 'test score measure metrics',
  when: () => (view.job ? 'It is being evaluated' : someRun()),
  run: () => view.evaluate(),
};
export const retrain: Command = {
  id: 'judge.retrain',
  label: 'Train again with this recipe',
  short: 'Retrain',
  when: someRun,
  run() {
    draft.take(runs.current!.recipe);
    navigation.go('train');
  },
};
async function saveReport(format: ReportFormat): Promise<void> {
  const { id: runId } = runs.current!;
  const report = await studio.attempt((client) => client.runs.report({ runId, format }));
  const type = format === 'html' ? 'text/html' : 'text/markdown';
  if (report) saveFile(report.name, new Blob([report.text], { type }));
}
export const report: Command = {
  id: 'judge.report',
  label: 'Save a report of the run',
  short: 'Report',
  icon: FileText,
  aliases: 'html model card export share print',
  when: someRun,
  run: () => saveReport('html'),
};
const modelCard: Command = {
  id: 'judge.model-card',
  label: 'Save a model card of the run',
  aliases: 'markdown report export',
  when: someRun,
  run: () => saveReport('markdown'),
};
const evidenceShown = () => (view.evaluation ? (evidence.get(view.evaluation) ?? null) : null);
const canCalibrate = () => {
  if (studio.project?.readOnly) return 'The project is open to look';
  if (runs.current && answerRules.job(runs.current.id)) return 'It is being calibrated';
  return someRun();
};
/** The threshold of the point that was chosen in the curve; that of nine tenths answered where none was. */
const thresholdShown = () => {
  const shown = evidenceShown();
  return shown && (answerRules.pointOf(shown)?.threshold ?? shown.coverage.most?.threshold ?? null);
};
export const chooseThreshold: Command = {
  id: 'judge.choose-threshold',
  label: 'Answer from the chosen threshold on',
  short: 'Use this threshold',
  aliases: 'calibrate unsure unknown reject coverage answer rule',
  when: () =>
    canCalibrate() === true ? thresholdShown() !== null || 'Look at the calibration first' : canCalibrate(),
  run: () => answerRules.choose(runs.current!.id, thresholdShown()!),
};
export const answerAlways: Command = {
  id: 'judge.answer-always',
  label: 'Answer always',
  aliases: 'calibrate unsure unknown reject answer rule off',
  when: () =>
    canCalibrate() === true
      ? Boolean(answerRules.get(runs.current!.id)) || 'It answers always'
      : canCalibrate(),
  run: () => answerRules.remove(runs.current!.id),
};
export const closeCell: Command = {
  id: 'judge.close-cell',
  label: 'Close the images',
  icon: X,
  aliases: 'matrix cell',
  when: someCell,
  run: () => view.close(),
};

export const judgeValidation: Command = {
  id: 'judge.validation',
  label: 'Judge the validation images',
  aliases: 'split part',
  when: someRun,
  run: () => view.show({ split: 'validation' }),
};
const shown: readonly Command[] = [
  {
    id: 'judge.test',
    label: 'Judge the test images',
    aliases: 'split part',
    when: someRun,
    run: () => view.show({ split: 'test' }),
  },
  judgeValidation,
  {
    id: 'judge.train',
    label: 'Judge the training images',
    aliases: 'split part',
    when: someRun,
    run: () => view.show({ split: 'train' }),
  },
];
const ofMatrix = normalizations.map((by): Command => ({
  id: `judge.normalize-${by}`,
  label: `Show the confusion matrix ${by === 'none' ? 'in counts' : normalizationLabels[by].toLowerCase()}`,
  aliases: 'normalize shares per cent true pred',
  when: someEvaluation,
  run: () => (matrixView.normalization = by),
}));
const orders = classOrders.map((by): Command => ({
  id: `judge.order-${by}`,
  label: `Order the confusion matrix ${classOrderLabels[by].toLowerCase()}`,
  aliases: 'sort cluster seriation classes',
  when: someEvaluation,
  run: () => (matrixView.order = by),
}));
const fileWords = {
  png: 'a picture on white (PNG)',
  'png-here': 'a picture in these colours (PNG)',
  svg: 'a drawing (SVG)',
  csv: 'a table (CSV)',
};
export const saveMatrix = matrixFiles.map((file): Command => ({
  id: `judge.save-matrix-${file}`,
  label: `Save the confusion matrix as ${fileWords[file]}`,
  aliases: 'export download image picture table spreadsheet',
  when: someEvaluation,
  run: () => matrixView.save(file),
}));
const differences = (): Command[] => [
  ...(matrixView.baseline
    ? [
        {
          id: 'judge.no-difference',
          label: 'Show the confusion matrix of this run alone',
          when: someEvaluation,
          run: () => matrixView.compareWith(null),
        },
      ]
    : []),
  ...matrixView.others.map(({ id, name }) => ({
    id: `judge.difference-${id}`,
    label: `Show the confusion matrix less that of ${name}`,
    aliases: 'compare difference runs',
    when: someEvaluation,
    run: () => matrixView.compareWith(id),
  })),
];
const views = judgeViews.map((name): Command => ({
  id: `judge.show-${name}`,
  label: `Show ${judgeViewWords[name].toLowerCase()}`,
  aliases:
    'roc precision recall reliability temperature confusion ece interval slices top losses corruption imagenet-c noise blur next learning curve merge what if',
  when: someEvaluation,
  run: () => view.look(name),
}));
const ways = ttas.map((tta): Command => ({
  id: `judge.tta-${tta}`,
  label: `Evaluate: ${ttaWords[tta]}`,
  aliases: 'tta test-time augmentation',
  when: someEvaluation,
  run: () => view.evaluateWith(tta),
}));
const chooseRuns = (): Command[] =>
  runs.choices(runs.current).map(({ id, name }) => ({
    id: `judge.run-${id}`,
    label: `Judge run ${name}`,
    run: () => view.show({ runId: id }),
  }));

export const commands = (): readonly Command[] => [
  evaluate,
  retrain,
  report,
  modelCard,
  ...shown,
  ...views,
  ...ofMatrix,
  ...orders,
  ...differences(),
  ...saveMatrix,
  ...ways,
  chooseThreshold,
  answerAlways,
  closeCell,
  ...repairCommands,
  ...images.list,
  ...chooseRuns(),
];
