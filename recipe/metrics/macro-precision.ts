/** Mean precision of the classes that were present or predicted; a class that was never predicted counts as 0. */
import { mean } from './counts.ts';
import type { Metric } from './metric.ts';

export const macroPrecision = {
  key: 'macroPrecision',
  label: 'macro precision',
  short: 'mac.prec',
  help: 'mean precision over classes',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'evaluation',
  from: 'counts',
  compute: ({ classes }) =>
    mean(
      classes.map(({ support, predicted, hits }) =>
        predicted > 0 ? hits / predicted : support > 0 ? 0 : null,
      ),
    ),
  example: (1 / 2 + 1 / 2 + 1 / 2) / 3,
} as const satisfies Metric;
