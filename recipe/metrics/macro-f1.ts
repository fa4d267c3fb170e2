/** Mean F1 of the classes that were present or predicted. */
import { f1 } from './class-metrics.ts';
import { mean } from './counts.ts';
import type { Metric } from './metric.ts';

export const macroF1 = {
  key: 'macroF1',
  label: 'macro F1',
  short: 'macro F1',
  help: 'mean over classes',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'epoch',
  from: 'counts',
  compute: ({ classes }) => mean(classes.map(f1.compute)) ?? 0,
  example: (2 / 3 + 2 / 4 + 2 / 5) / 3,
} as const satisfies Metric;
