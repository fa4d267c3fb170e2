/** Matthews correlation of predictions and labels, for several classes (Gorodkin 2004). */
import type { ClassCounts, Metric } from './metric.ts';

export const matthewsCorrelation = {
  key: 'matthewsCorrelation',
  label: 'Matthews correlation',
  short: 'MCC',
  help: 'correlation of predictions and labels',
  format: 'number',
  better: 'higher',
  range: [-1, 1],
  at: 'evaluation',
  from: 'counts',
  // Not defined where all images are, or are said to be, of one class.
  compute({ count, correct, classes }) {
    const sum = (of: (one: ClassCounts) => number) => classes.reduce((total, one) => total + of(one), 0);
    const square = count * count;
    const predictedSpread = square - sum(({ predicted }) => predicted * predicted);
    const actualSpread = square - sum(({ support }) => support * support);
    if (predictedSpread === 0 || actualSpread === 0) return null;
    const together = correct * count - sum(({ support, predicted }) => support * predicted);
    return together / (Math.sqrt(predictedSpread) * Math.sqrt(actualSpread));
  },
  example: 6 / Math.sqrt((36 - 12) * (36 - 14)),
} as const satisfies Metric;
