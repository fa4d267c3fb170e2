/** How sure the figures of an evaluation are, as lines for a terminal. */
import type { Evaluation } from '#contract/evaluation.ts';
import { type Evidence, ifPerfectWords, type Selection } from '#contract/evidence.ts';
import { classCells, intervalText, titleOf, valueText } from '#recipe/metrics/format.ts';
import { classMetrics, metrics, resultMetrics } from '#recipe/metrics/index.ts';
import { scoreIn } from '#recipe/metrics/stored.ts';
import { count, percent, table } from './output.ts';

export function describeEvidence(evidence: Evidence, evaluation: Evaluation): string[] {
  const of = (key: string) => metrics.find((metric) => metric.key === key)!;
  const order = (key: string) => resultMetrics.findIndex((metric) => metric.key === key);
  const rows = [...evidence.metrics]
    .sort((a, b) => order(a.key) - order(b.key))
    .map(({ key, value, interval, method }) => [
      titleOf(of(key), scoreIn(evaluation, of(key))?.k),
      valueText(of(key), value),
      intervalText(of(key), interval),
      interval ? method : '–',
    ]);
  return [
    `Intervals at 95 % (exact: Clopper–Pearson; bootstrap: BCa of ${count(evidence.draws)} samples)`,
    ...table([['metric', 'value', 'interval', 'method'], ...rows]),
    '',
    'By class, with intervals at 95 % (exact)',
    ...table([
      ['class', ...classMetrics.map(({ label }) => label)],
      ...evaluation.classes.map((score) => [score.name, ...classCells(score)]),
    ]),
    '',
    ...calibrationLines(evidence),
  ];
}

function calibrationLines({ calibration, temperature, coverage, count: images }: Evidence): string[] {
  if (!calibration) return [];
  const told = (of: typeof calibration) => `${percent(of.error)} (${ifPerfectWords(of, images, percent)})`;
  return [
    `Calibration error (ECE) ${told(calibration)}`,
    temperature
      ? `  at temperature ${temperature.temperature.toFixed(3)}, fitted on ${count(temperature.images)} validation images: ${told(temperature.calibration)}`
      : '  no temperature: it needs validation images of which some are answered wrong',
    ...(coverage.most && coverage.all
      ? [
          `Answering all images: ${selectionText(coverage.all)}`,
          `Answering those with a probability of ${coverage.most.threshold.toFixed(3)} or more: ${selectionText(coverage.most)}`,
        ]
      : []),
  ];
}

const selectionText = ({ answered, wrong, coverage, error, interval }: Selection): string =>
  `${count(answered)} images (${percent(coverage)}), ${count(wrong)} wrong: ${percent(error)} (${percent(interval.low)} to ${percent(interval.high)})`;
