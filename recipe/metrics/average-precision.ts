/** Mean average precision of the classes, one against the rest: the area under their precision–recall curves, in steps. */
import { mean } from './counts.ts';
import type { Metric } from './metric.ts';
import { averagePrecisionOf, rankingOf } from './ranking.ts';

export const averagePrecision = {
  key: 'averagePrecision',
  label: 'macro average precision',
  short: 'macro AP',
  help: 'precision over all thresholds, mean over classes',
  format: 'number',
  better: 'higher',
  range: [0, 1],
  at: 'evaluation',
  from: 'probabilities',
  compute: (predictions) =>
    mean(predictions.classes.map((_, index) => averagePrecisionOf(rankingOf(predictions, index)))),
  example: (1 + (1 + 2 / 3 + 3 / 6) / 3 + (1 / 2 + 2 / 3) / 2) / 3,
} as const satisfies Metric;
