/** Mean average precision of the classes, one against the rest: the area under their precision–recall curves, in steps. */
import type { Metric } from './metric.ts';
import { averagePrecisionOf, meanOverRankings } from './ranking.ts';

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
  compute: (predictions) => meanOverRankings(predictions, averagePrecisionOf),
  example: (1 + (1 + 2 / 3 + 3 / 6) / 3 + (1 / 2 + 2 / 3) / 2) / 3,
} as const satisfies Metric;
