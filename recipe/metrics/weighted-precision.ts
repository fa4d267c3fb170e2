/** Precision of the classes, each weighing as much as it has images; a class that was never predicted counts as 0. */
import { precision } from './class-metrics.ts';
import { weightedMean } from './counts.ts';
import type { Metric } from './metric.ts';

export const weightedPrecision = {
  key: 'weightedPrecision',
  label: 'weighted precision',
  short: 'w.prec.',
  help: 'mean precision over images',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'evaluation',
  from: 'counts',
  compute: ({ classes }) => weightedMean(classes, (one) => precision.compute(one) ?? 0),
  example: (1 * (1 / 2) + 3 * (1 / 2) + 2 * (1 / 2)) / 6,
} as const satisfies Metric;
