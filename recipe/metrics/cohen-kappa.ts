/** Agreement of predictions and labels beyond what chance would bring (Cohen 1960): 0 is chance, below it is worse. */
import type { Metric } from './metric.ts';

export const cohenKappa = {
  key: 'cohenKappa',
  label: 'Cohen’s kappa',
  short: 'kappa',
  help: 'agreement beyond chance',
  format: 'number',
  better: 'higher',
  range: [-1, 1],
  at: 'evaluation',
  from: 'counts',
  // Not defined where all images are, and are said to be, of one class: chance alone is always right there.
  compute({ count, correct, classes }) {
    const byChance = classes.reduce((sum, { support, predicted }) => sum + support * predicted, 0);
    const most = count * count - byChance;
    return most === 0 ? null : (correct * count - byChance) / most;
  },
  example: (6 * 3 - 12) / (36 - 12),
} as const satisfies Metric;
