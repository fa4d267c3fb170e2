/** What is measured of each class: columns of every table of classes, in their order. Their intervals are exact (Clopper and Pearson), at 95 %. */
import { clopperPearsonInterval } from '../statistics/binomial.ts';
import type { ClassMetric } from './metric.ts';

export const precision = {
  key: 'precision',
  label: 'precision',
  help: 'share of the images said to be of the class that are',
  format: 'percent',
  better: 'higher',
  compute: ({ hits, predicted }) => (predicted === 0 ? null : hits / predicted),
  interval: ({ hits, predicted }) => (predicted === 0 ? null : clopperPearsonInterval(hits, predicted)),
} as const satisfies ClassMetric;

export const recall = {
  key: 'recall',
  label: 'recall',
  help: 'share of the images of the class that are found',
  format: 'percent',
  better: 'higher',
  compute: ({ hits, support }) => (support === 0 ? null : hits / support),
  interval: ({ hits, support }) => (support === 0 ? null : clopperPearsonInterval(hits, support)),
} as const satisfies ClassMetric;

export const f1 = {
  key: 'f1',
  label: 'F1',
  help: 'harmonic mean of precision and recall',
  format: 'percent',
  better: 'higher',
  compute: ({ hits, support, predicted }) =>
    support + predicted === 0 ? null : (2 * hits) / (support + predicted),
  // It rises with the hits' share of the images that are of the class or said to be, which is a share like any other.
  interval({ hits, support, predicted }) {
    const either = support + predicted - hits;
    if (either === 0) return null;
    const { low, high } = clopperPearsonInterval(hits, either);
    return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) };
  },
} as const satisfies ClassMetric;

export const classMetrics = [precision, recall, f1] as const;
