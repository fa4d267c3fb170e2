/** Mean area under the ROC curves of the classes, one against the rest (Fawcett 2006). */
import type { Metric } from './metric.ts';
import { areaUnderRoc, meanOverRankings } from './ranking.ts';

export const rocAuc = {
  key: 'rocAuc',
  label: 'macro ROC AUC',
  short: 'ROC AUC',
  help: 'one class against the rest, mean over classes',
  format: 'number',
  better: 'higher',
  range: [0, 1],
  at: 'evaluation',
  from: 'probabilities',
  compute: (predictions) => meanOverRankings(predictions, areaUnderRoc),
  // Pairs that are ranked right; two that are tied count as one.
  example: (5 / 5 + 6 / 9 + 6 / 8) / 3,
} as const satisfies Metric;
