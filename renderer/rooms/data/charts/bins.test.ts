/** Bars of a histogram hold each value once, whatever the values. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { imageFactKeys } from '#contract/image-facts.ts';
import { countsOf, edgesOf, valuesOf } from './bins.ts';

it('each known value is in exactly one bar, and the filter of a bar lets the same through', () => {
  const value = fc.oneof(
    fc.float({ min: 0, max: Math.fround(1e5), noNaN: true }),
    fc.integer({ min: 0, max: 255 }),
    fc.constant(NaN),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), fc.constantFrom(...imageFactKeys), (given, fact) => {
      const values = Float32Array.from(given);
      const known = values.filter((each) => !Number.isNaN(each));
      const edges = edgesOf(values, fact);
      expect(edges === null).toBe(known.length === 0);
      if (!edges) return;
      const counts = countsOf(values, edges, values.keys());
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(known.length);
      counts.forEach((count, at) =>
        expect(known.filter((each) => each >= edges[at]! && each < edges[at + 1]!)).toHaveLength(count),
      );
    }),
  );
});

it('a few whole numbers have a bar each, and sharpness bars of equal ratios', () => {
  expect(edgesOf(Float32Array.of(28, 64, 28, 32), 'width')).toEqual([28, 32, 64, 65]);
  const edges = edgesOf(
    Float32Array.from({ length: 1000 }, (_, at) => at ** 2 + 0.5),
    'sharpness',
  )!;
  const widths = edges.slice(1).map((edge, at) => edge - edges[at]!);
  expect(widths.at(-2)!).toBeGreaterThan(100 * widths[1]!);
});

it('facts of all images are views one after another', () => {
  const all = Float32Array.from({ length: imageFactKeys.length * 2 }, (_, at) => at);
  expect([...valuesOf(all, 2, 'brightness')]).toEqual([4, 5]);
});
