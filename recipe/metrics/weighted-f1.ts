/** F1 of the classes, each weighing as much as it has images. */
import { f1 } from './class-metrics.ts';
import { weightedMean } from './counts.ts';
import type { Metric } from './metric.ts';

export const weightedF1 = {
  key: 'weightedF1',
  label: 'weighted F1',
  short: 'w.F1',
  help: 'mean F1 over images',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'evaluation',
  from: 'counts',
  compute: ({ classes }) => weightedMean(classes, (one) => f1.compute(one) ?? 0),
  example: (1 * (2 / 3) + 3 * (2 / 5) + 2 * (2 / 4)) / 6,
} as const satisfies Metric;
