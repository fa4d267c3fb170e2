/** First weights: the intended spread, one stream per weight, and the same numbers for ever. */
import { describe, expect, test } from 'vitest';
import { generator } from './generator.ts';
import { initialValues } from './initialisers.ts';
import type { Weight } from './plan.ts';

const kernel: Weight = { name: 'k', shape: [3, 3, 32, 64], role: 'kernel', trainable: true };
const deviation = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

describe('initialisers', () => {
  test.each([
    ['he-normal', Math.sqrt(2 / (9 * 32))],
    ['lecun-normal', Math.sqrt(1 / (9 * 32))],
    ['glorot-uniform', Math.sqrt(2 / (9 * 32 + 9 * 64))],
  ] as const)('%s has deviation %f', (initialiser, expected) => {
    const values = initialValues(kernel, initialiser, 1, 0);
    expect(deviation(values) / expected).toBeCloseTo(1, 1);
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(expected * 2.4);
  });

  test('seed and position give other values, the same ones the same', () => {
    const first = initialValues(kernel, 'he-normal', 1, 0);
    expect(initialValues(kernel, 'he-normal', 1, 0)).toEqual(first);
    expect(initialValues(kernel, 'he-normal', 2, 0)).not.toEqual(first);
    expect(initialValues(kernel, 'he-normal', 1, 1)).not.toEqual(first);
  });

  test('the generator gives these numbers on every machine', () => {
    const next = generator(1, 2);
    expect([next(), next(), next()]).toMatchInlineSnapshot(`
      [
        0.6098171235062182,
        0.3312078700400889,
        0.8609476438723505,
      ]
    `);
  });

  test('uniform draws are spread evenly', () => {
    const next = generator(7);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) tenths[Math.floor(next() * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
