/** Every metric of the list keeps to what testing.ts asks of the family, and no two are taken for one another. */
import { describe, expect, test } from 'vitest';
import { accuracy } from './accuracy.ts';
import { metrics } from './index.ts';
import type { Counts, Metric } from './metric.ts';
import { family } from './testing.ts';

describe.each(metrics.map((metric): [string, Metric] => [metric.key, metric]))('%s', (_, metric) => {
  test.each(Object.entries(family))('%s', (_name, keep) => keep(metric));
});

test.each(['key', 'label', 'short'] as const)('each has a %s of its own', (field) => {
  expect(new Set(metrics.map((metric) => metric[field].toLowerCase())).size).toBe(metrics.length);
});

test('what a metric says wrongly of itself is found', () => {
  const refused = (metric: Metric) =>
    Object.values(family).filter((keep) => {
      try {
        keep(metric);
        return false;
      } catch {
        return true;
      }
    }).length;
  expect(refused(accuracy)).toBe(0);
  expect(refused({ ...accuracy, better: 'lower' })).toBe(2);
  expect(refused({ ...accuracy, example: 0.4 })).toBe(1);
  expect(refused({ ...accuracy, range: [0.5, 1] })).toBe(1);
  expect(
    refused({ ...accuracy, compute: ({ confusion }: Counts) => confusion[0]![0]! / 20 }),
  ).toBeGreaterThan(1);
});
