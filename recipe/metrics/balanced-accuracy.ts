/** Mean recall of the classes that are present (Brodersen et al. 2010): rare classes count as much as frequent ones. */
import { recall } from './class-metrics.ts';
import { mean } from './counts.ts';
import type { Metric } from './metric.ts';

export const balancedAccuracy = {
  key: 'balancedAccuracy',
  label: 'balanced accuracy',
  short: 'bal.acc.',
  help: 'mean recall over classes (macro recall)',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'epoch',
  from: 'counts',
  compute: ({ classes }) => mean(classes.map(recall.compute)),
  example: (1 / 1 + 1 / 3 + 1 / 2) / 3,
} as const satisfies Metric;
