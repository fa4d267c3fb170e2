/** Every metric of the list keeps to what testing.ts asks of the family, and no two are taken for one another. */
import { describe, expect, test } from 'vitest';
import { metrics } from './index.ts';
import type { Metric } from './metric.ts';
import { family } from './testing.ts';

describe.each(metrics.map((metric): [string, Metric] => [metric.key, metric]))('%s', (_, metric) => {
  test.each(Object.entries(family))('%s', (_name, keep) => keep(metric));
});

test.each(['key', 'label', 'short'] as const)('each has a %s of its own', (field) => {
  expect(new Set(metrics.map((metric) => metric[field].toLowerCase())).size).toBe(metrics.length);
});
