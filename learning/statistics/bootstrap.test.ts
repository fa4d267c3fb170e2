/**
 * Bootstrap intervals against SciPy (bench/peers/golden_learning_statistics.py), and both forms against each other. How often they
 * hold the true value is bench/interval-coverage.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import { metrics } from '#recipe/metrics/index.ts';
import type { Metric } from '#recipe/metrics/metric.ts';
import { generator } from '../random-numbers.ts';
import { finish } from '../work-in-turns.ts';
import { bootstrapTogether } from './bootstrap-together.ts';
import { acceleration, bcaInterval, bootstrap, quantile } from './bootstrap.ts';
import golden from './golden.json';
import { metricInterval, metricStatistic } from './metric-interval.ts';

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const near = (value: number, wanted: number, tolerance = 1e-9) =>
  expect(Math.abs(value - wanted), `${value} where ${wanted} was expected`).toBeLessThanOrEqual(tolerance);

/** The mean of some values, image by image. */
const meanOf = (values: ArrayLike<number>) => ({
  count: values.length,
  compute: (sample: Int32Array) => mean(Array.from(sample, (image) => values[image]!)),
});

/** 300 predictions of three classes, three of four right. */
const predictions = () => {
  const uniform = generator(3);
  const labels = Array.from({ length: 300 }, (_, image) => image % 3);
  const rows = labels.map((label) => {
    const top = uniform() < 0.75 ? label : (label + 1) % 3;
    const sure = 0.4 + 0.5 * uniform();
    return [0, 1, 2].map((index) => (index === top ? sure : (1 - sure) / 2));
  });
  return predictionsOf(new Float32Array(rows.flat()), labels, 3, 2);
};

describe('ends', () => {
  test.each(golden.bca)('of figures that were drawn are SciPy’s ($acceleration)', (row) => {
    const sorted = Float64Array.from(row.drawn);
    for (const [level, method, low, high] of row.ends as [number, string, number, number][]) {
      const ends =
        method === 'BCa'
          ? bcaInterval(sorted, row.value, row.acceleration, level)
          : { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
      near(ends.low, low);
      near(ends.high, high);
    }
  });
  test('the acceleration is SciPy’s', () => {
    for (const row of golden.bca.slice(0, 3)) {
      const { data } = row;
      const figures = data.map((_, out) => ({
        value: mean(data.filter((_, image) => image !== out)),
        times: 1,
      }));
      near(acceleration(figures), row.acceleration);
    }
  });
  test('a figure outside of all that were drawn still has an interval', () => {
    const { low, high } = bcaInterval(Float64Array.from([1, 2, 3, 4]), 9, 0.1, 0.95);
    expect(low).toBeLessThanOrEqual(high);
    expect(Number.isFinite(low + high)).toBe(true);
  });
});

describe('bootstrap', () => {
  const values = Array.from({ length: 50 }, (_, image) => ((image * 37) % 50) / 50);

  test('of a mean is about what the normal distribution says', () => {
    for (const method of ['bca', 'percentile'] as const) {
      const interval = bootstrap(meanOf(values), { method, seed: 1 })!;
      const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0)) / 50;
      near(interval.value, mean(values), 1e-12);
      near(interval.standardError, error, 0.05 * error);
      near(interval.low, mean(values) - 1.96 * error, 0.3 * error);
      near(interval.high, mean(values) + 1.96 * error, 0.3 * error);
    }
  });
  test('is the same for the same seed, and another for another', () => {
    expect(bootstrap(meanOf(values), { seed: 4 })).toEqual(bootstrap(meanOf(values), { seed: 4 }));
    expect(bootstrap(meanOf(values), { seed: 4 })).not.toEqual(bootstrap(meanOf(values), { seed: 5 }));
  });
  test('by groups is that by images', () => {
    const groups = values.map((value) => Math.floor(value * 5));
    const byGroups = {
      groups,
      groupCount: 5,
      compute: (counts: Float64Array) => counts.reduce((sum, images, group) => sum + images * group, 0) / 50,
    };
    const [a, b] = [bootstrap(byGroups, { seed: 2 })!, bootstrap(meanOf(groups), { seed: 2 })!];
    for (const end of ['value', 'low', 'high', 'standardError'] as const) near(a[end], b[end], 1e-12);
  });
  test('many images are left out in blocks, which hardly moves the ends', () => {
    const skewed = Float64Array.from({ length: 2400 }, (_, image) => Math.exp(((image * 7) % 2400) / 400));
    const few = { seed: 1, draws: 300 };
    const blocks = bootstrap(meanOf(skewed), few)!;
    const single = skewed.map((_, out) => (mean(skewed) * 2400 - skewed[out]!) / 2399);
    const sorted = bootstrap(meanOf(skewed), { ...few, method: 'percentile' })!;
    expect(acceleration(Array.from(single, (value) => ({ value, times: 1 })))).toBeGreaterThan(0.003);
    // Corrected for skew, both ends lie further up; by less than a standard error.
    expect(blocks.high).toBeGreaterThan(sorted.high - 0.2 * sorted.standardError);
    near(blocks.high, sorted.high, blocks.standardError);
  });
  test('says nothing where nothing can be told', () => {
    expect(bootstrap(meanOf([1, 1, 1]))).toBeNull();
    expect(bootstrap(meanOf([]))).toBeNull();
    expect(bootstrap({ count: 3, compute: () => NaN })).toBeNull();
  });
  test('leaves samples out whose figure is not defined', () => {
    // Undefined without the first image, which about 37 % of the samples lack.
    const interval = bootstrap({
      count: 40,
      compute: (sample: Int32Array) => (sample.includes(0) ? mean(Array.from(sample)) : NaN),
    })!;
    expect(interval.draws).toBeGreaterThan(1100);
    expect(interval.draws).toBeLessThan(1400);
  });
});

describe('a metric', () => {
  const given = predictions();
  test.each(metrics.map((metric): [string, Metric] => [metric.key, metric]))(
    '%s has an interval around it',
    (_, metric) => {
      const interval = metricInterval(metric, given, { draws: 200 })!;
      expect(interval.value).toBeCloseTo(metric.compute(given)!, 12);
      expect(interval.low).toBeLessThan(interval.value);
      expect(interval.high).toBeGreaterThan(interval.value);
      expect(interval.low).toBeGreaterThanOrEqual(metric.range[0]);
      expect(interval.high).toBeLessThanOrEqual(metric.range[1]);
    },
  );
  test('of counts is drawn by cells of the matrix', () => {
    const counts = metrics.filter(({ from }) => from === 'counts');
    for (const metric of counts) expect(metricStatistic(metric, given)).toMatchObject({ groupCount: 9 });
  });
});

test('has no interval of a figure that differs between samples by rounding alone', () => {
  // Matthews' coefficient of ten images that are all right is 1 but for the last digits.
  const rounding = (sample: Int32Array) => 1 - (sample[0]! % 3) * 1.1e-16;
  expect(rounding(Int32Array.of(1))).not.toBe(1);
  expect(bootstrap({ count: 10, compute: rounding })).toBeNull();
  const [together] = finish(bootstrapTogether({ count: 10, compute: (sample) => [rounding(sample)] }));
  expect(together).toBeNull();
});
