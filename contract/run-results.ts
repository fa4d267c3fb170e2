/**
 * What runs are compared by: one list, in the order of rows, for the window's comparison and `atelier compare`. How a number
 * is written is left to each.
 */
import { accuracy } from '#recipe/metrics/accuracy.ts';
import { asResults, epochMetrics, trainingMetrics } from '#recipe/metrics/index.ts';
import type { Metric } from '#recipe/metrics/metric.ts';
import { trainKey, validationKey } from '#recipe/metrics/stored.ts';
import type { Run } from './run.ts';

export interface RunResult {
  /** In what the command line prints as JSON. */
  key: string;
  /** In a sentence: "validation accuracy". */
  label: string;
  format: Metric['format'] | 'count' | 'seconds';
  /** Null where neither direction is better. */
  better: Metric['better'] | null;
  /** Null where the run has none. */
  of(run: Run): number | null;
}

/** The kept epoch, or the last while none is. */
const epochOf = (run: Run) =>
  run.epochs.find(({ epoch }) => epoch === run.bestEpoch) ?? run.epochs.at(-1) ?? null;

export const runResults: readonly RunResult[] = [
  {
    key: 'testAccuracy',
    label: 'test accuracy',
    format: accuracy.format,
    better: accuracy.better,
    of: (run) => run.testAccuracy,
  },
  ...asResults(epochMetrics).map((metric): RunResult => ({
    key: validationKey(metric),
    label: `validation ${metric.label}`,
    format: metric.format,
    better: metric.better,
    of: (run) =>
      (metric.key === 'accuracy' ? run.validationAccuracy : null) ??
      epochOf(run)?.[validationKey(metric)] ??
      null,
  })),
  ...asResults(trainingMetrics).map((metric): RunResult => ({
    key: trainKey(metric),
    label: `training ${metric.label}`,
    format: metric.format,
    // More of it may be better or too much.
    better: null,
    of: (run) => epochOf(run)?.[trainKey(metric)] ?? null,
  })),
  { key: 'bestEpoch', label: 'best epoch', format: 'count', better: null, of: (run) => run.bestEpoch },
  { key: 'epochs', label: 'epochs', format: 'count', better: null, of: (run) => run.epochs.length },
  { key: 'parameters', label: 'parameters', format: 'count', better: 'lower', of: (run) => run.parameters },
  {
    key: 'imagesPerSecond',
    label: 'images per second',
    format: 'count',
    better: 'higher',
    of: (run) => run.imagesPerSecond,
  },
  {
    key: 'seconds',
    label: 'time',
    format: 'seconds',
    better: 'lower',
    of: ({ epochs }) =>
      epochs.length === 0 ? null : epochs.reduce((total, { seconds }) => total + seconds, 0),
  },
];
