/** Share of images whose most probable class is theirs; the weighted recall of other programs. */
import { clopperPearsonInterval } from '../statistics/binomial.ts';
import type { Metric } from './metric.ts';

export const accuracy = {
  key: 'accuracy',
  label: 'accuracy',
  short: 'acc.',
  help: 'share of images answered right (weighted recall)',
  format: 'percent',
  better: 'higher',
  range: [0, 1],
  at: 'epoch',
  training: true,
  always: true,
  from: 'counts',
  compute: ({ correct, count }) => (count === 0 ? 0 : correct / count),
  interval: ({ correct, count }) => clopperPearsonInterval(correct, count),
  example: 3 / 6,
} as const satisfies Metric;
