/** Distributions, exact intervals and paired comparisons against SciPy and statsmodels (bench/peers/golden_statistics.py). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilsonInterval } from '../metrics/interval.ts';
import { betaQuantile, incompleteBeta, incompleteBetaAbove, logGamma } from './beta.ts';
import { binomialBelow, binomialMass, clopperPearsonInterval } from './binomial.ts';
import golden from './golden.json';
import { erfc, normalBelow, normalQuantile } from './normal.ts';
import { comparePairs, countPairs, mcnemar, tangoInterval, verdict } from './paired.ts';

const near = (value: number, wanted: number, tolerance = 1e-9) =>
  expect(Math.abs(value - wanted), `${value} where ${wanted} was expected`).toBeLessThanOrEqual(tolerance);

describe('distributions', () => {
  test('have the known values', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
    expect(erfc(1)).toBeCloseTo(0.157299207050285, 13);
    expect(erfc(-1)).toBeCloseTo(2 - 0.157299207050285, 13);
    expect(erfc(5) / 1.537459794428035e-12).toBeCloseTo(1, 11);
    // I_x(1, b) = 1 - (1 - x)^b.
    expect(incompleteBeta(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 12);
    expect(incompleteBeta(0.9, 1, 4)).toBeCloseTo(1 - 0.1 ** 4, 12);
  });
  test.each(golden.normals)('the normal quantile of %d is SciPy’s', (probability, z) => {
    near(normalQuantile(probability!), z!, 1e-12 * Math.max(1, Math.abs(z!)));
  });
  test('the normal quantile ends where there is nothing left', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        near(normalBelow(normalQuantile(p)), p, 1e-13);
      }),
    );
  });
  test.each(golden.betas)('the beta distribution of %d, %d at %d is SciPy’s', (a, b, x, below, above) => {
    near(incompleteBeta(x!, a!, b!) / below!, 1);
    near(incompleteBetaAbove(x!, a!, b!) / above!, 1);
    if (below! < 0.9) near(betaQuantile(below!, a!, b!), x!);
    if (above! < 0.9) near(betaQuantile(above!, a!, b!, 'above'), x!);
  });
  test('binomial masses sum to the mass below', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (n, p) => {
          let sum = 0;
          for (let k = 0; k <= n; k += 1) near(binomialBelow(k, n, p), (sum += binomialMass(k, n, p)), 1e-12);
          expect(binomialBelow(-1, n, p)).toBe(0);
        },
      ),
    );
  });
});

describe('intervals of a share', () => {
  test.each(golden.intervals)('%d of %d at level %d', (k, n, level, low, high, wilsonLow, wilsonHigh) => {
    const exact = clopperPearsonInterval(k!, n!, level);
    near(exact.low, low!);
    near(exact.high, high!);
    const wilson = wilsonInterval(k!, n!, level);
    near(wilson.low, wilsonLow!);
    near(wilson.high, wilsonHigh!);
  });
  test('nothing tried, nothing known; and what is no count is refused', () => {
    expect(clopperPearsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
    expect(() => clopperPearsonInterval(3, 2)).toThrow(
      'Expected successes from 0 to the trials, received 3 of 2',
    );
    expect(() => clopperPearsonInterval(0.5, 2)).toThrow('received 0.5 of 2');
    expect(() => clopperPearsonInterval(1, 2, 1)).toThrow('Expected a level between 0 and 1, received 1');
  });
  test('the exact one turns with its question, and each end leaves just its tail', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(),
        fc.constantFrom(0.5, 0.9, 0.99),
        (n, pick, level) => {
          const k = pick % (n + 1);
          const { low, high } = clopperPearsonInterval(k, n, level);
          const turned = clopperPearsonInterval(n - k, n, level);
          near(1 - turned.high, low, 1e-12);
          near(1 - turned.low, high, 1e-12);
          if (k > 0) near(1 - binomialBelow(k - 1, n, low), (1 - level) / 2, 1e-11);
          if (k < n) near(binomialBelow(k, n, high), (1 - level) / 2, 1e-11);
        },
      ),
    );
  });
  test('a far level keeps the digits of its tail', () => {
    // 1 - q^(1/n), which is the end of no successes, and the same at the other side.
    near(clopperPearsonInterval(0, 10, 1 - 1e-9).high, 1 - ((1 - (1 - 1e-9)) / 2) ** 0.1, 1e-12);
  });
});

describe('two runs on the same images', () => {
  test.each(golden.pairs)('$fixed fixed and $broken broken of $count', (row) => {
    const test = mcnemar(row);
    near(test.exact, row.exact);
    near(test.midP, row.midP);
    // Where both are the same, statsmodels lets the correction overshoot to 1 / n; ours stops at 0, as R's.
    if (row.chiSquare !== null && row.fixed !== row.broken) {
      near(test.chiSquare, row.chiSquare);
      near(test.chiSquareP, row.chiSquareP!);
    } else expect(test).toMatchObject({ chiSquare: 0, chiSquareP: 1 });
    for (const [level, wanted] of [
      [0.95, row.tango95],
      [0.8, row.tango80],
    ] as const) {
      const { low, high } = tangoInterval(row, level);
      near(low, wanted[0]!);
      near(high, wanted[1]!);
    }
  });
  test('are counted by image', () => {
    expect(countPairs([0, 1, 2, 0, 1], [0, 0, 2, 1, 0], [1, 1, 2, 0, 2])).toEqual({
      count: 5,
      fixed: 2,
      broken: 1,
    });
    expect(() => countPairs([0, 1], [0], [0, 1])).toThrow(
      'Expected two predictions of 2 images, received 1 and 2',
    );
  });
  test('turned round, say the same of each other', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(3000), (fixed, broken, both) => {
        const one = comparePairs({ count: fixed + broken + both, fixed, broken });
        const other = comparePairs({ count: fixed + broken + both, fixed: broken, broken: fixed });
        near(one.interval.low, -other.interval.high, 1e-12);
        near(one.interval.high, -other.interval.low, 1e-12);
        expect(one.interval.low).toBeLessThanOrEqual(one.difference + 1e-12);
        expect(one.interval.high).toBeGreaterThanOrEqual(one.difference - 1e-12);
        expect(one.test).toEqual(other.test);
        expect(one.neededImages).toBe(other.neededImages);
        expect(one.better).toBe(other.better && (other.better === 'A' ? 'B' : 'A'));
        expect(one.test.midP).toBeLessThanOrEqual(one.test.exact);
      }),
    );
  });
  test('the images that are said to be needed show the same difference, were it so', () => {
    const few = comparePairs({ count: 1000, fixed: 60, broken: 45 });
    expect(few.better).toBeNull();
    // Connor 1987, rounded up: (1.959964 √0.105 + 0.841621 √(0.105 - 0.015²))² / 0.015².
    expect(few.neededImages).toBe(3661);
    const times = few.neededImages! / 1000;
    const enough = comparePairs({
      count: few.neededImages!,
      fixed: Math.round(60 * times),
      broken: Math.round(45 * times),
    });
    expect(enough).toMatchObject({ better: 'B', neededImages: null });
  });
  test('in words', () => {
    const words = (count: number, fixed: number, broken: number) =>
      verdict(comparePairs({ count, fixed, broken }), 'Quick 1', 'Best 2');
    expect(words(1000, 40, 12)).toBe(
      'Best 2 is better by 2.80 points (95 % interval 1.44 to 4.32): of 1,000 images, Best 2 has 40 right that Quick 1 has wrong, and 12 wrong that Quick 1 has right.',
    );
    expect(words(1000, 12, 40)).toMatch(
      /^Quick 1 is better by 2\.80 points \(95 % interval 1\.44 to 4\.32\)/,
    );
    expect(words(1000, 60, 45)).toMatch(
      /^No difference shown: .* To show a difference as large as this one it would take about 3,700 images\.$/,
    );
    expect(words(100, 5, 5)).toMatch(/^No difference shown: [^.]*\.$/);
    expect(words(100, 0, 0)).toBe('No difference: both are right and wrong on the same 100 images.');
    expect(words(0, 0, 0)).toBe('No difference shown: there are no images.');
  });
});
