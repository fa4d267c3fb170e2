/** Means and intervals against SciPy and against the same arithmetic written out. */
import { describe, expect, it } from 'vitest';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { golden } from './golden/golden.ts';
import { logNormalMass } from './normal.ts';
import { studentBelow, studentQuantile } from './student.ts';
import { type Scored, summariseScores } from './summary.ts';

describe('distributions', () => {
  it.each(golden.student)(
    't below $probability at $freedom is SciPy’s',
    ({ probability, freedom, quantile }) => {
      expect(studentQuantile(probability, freedom) / quantile).toBeCloseTo(1, 10);
      expect(studentQuantile(1 - probability, freedom) / quantile).toBeCloseTo(-1, 10);
      expect(studentBelow(quantile, freedom)).toBeCloseTo(probability, 10);
    },
  );

  it('t has the values of every printed table', () => {
    // Fisher and Yates, two-sided 5 %.
    for (const [freedom, t] of [
      [1, 12.706],
      [2, 4.303],
      [3, 3.182],
      [4, 2.776],
      [9, 2.262],
      [30, 2.042],
    ] as const)
      expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 3);
  });

  it.each(golden.normal)('the normal mass from $from to $to is SciPy’s', ({ from, to, logMass }) => {
    expect(logNormalMass(from, to) / logMass).toBeCloseTo(1, 9);
    expect(logNormalMass(-to, -from) / logMass).toBeCloseTo(1, 9);
  });
});

const trial = (fold: number | null, seed: number, score: number): Scored => ({ fold, seed, score });

describe('a summary', () => {
  it('of no trial is none, of one has no interval', () => {
    expect(summariseScores([], 5)).toBeNull();
    expect(summariseScores([trial(1, 1, 0.8)], 5)).toEqual({
      count: 1,
      mean: 0.8,
      deviation: null,
      interval: null,
      overSeeds: null,
    });
  });

  it('over seeds is Student’s', () => {
    const summary = summariseScores([trial(null, 1, 0.8), trial(null, 2, 0.84), trial(null, 3, 0.82)], null)!;
    expect(summary).toMatchObject({ count: 3, overSeeds: null });
    expect(summary.mean).toBeCloseTo(0.82, 12);
    expect(summary.deviation).toBeCloseTo(0.02, 12);
    // t = 4.302653 at 2 degrees of freedom.
    expect(summary.interval!.high - 0.82).toBeCloseTo((4.302653 * 0.02) / Math.sqrt(3), 6);
    expect(0.82 - summary.interval!.low).toBeCloseTo((4.302653 * 0.02) / Math.sqrt(3), 6);
  });

  it('where all folds agree exactly has the exact interval of their images together, not a point', () => {
    const folds = (score: number, seeds = 1) =>
      [1, 2, 3].flatMap((fold) => Array.from({ length: seeds }, (_, seed) => trial(fold, seed, score)));
    const asked: ReadonlySet<number>[] = [];
    const images = (of: ReadonlySet<number>) => (asked.push(of), 60);
    // 60 of 60: the low end is 0.025 to the power of 1/60.
    const all = summariseScores(folds(1), 3, images)!;
    expect(all).toMatchObject({ mean: 1, deviation: 0, interval: { high: 1 } });
    expect(all.interval!.low).toBeCloseTo(0.025 ** (1 / 60), 12);
    expect(asked).toEqual([new Set([1, 2, 3])]);
    expect(summariseScores(folds(0.8, 2), 3, images)).toMatchObject({
      interval: clopperPearsonInterval(48, 60),
      overSeeds: { interval: clopperPearsonInterval(48, 60) },
    });
    expect(summariseScores(folds(1), 3)!.interval).toBeNull();
    expect(summariseScores([...folds(1).slice(1), trial(1, 1, 0.95)], 3)!.interval!.low).toBeLessThan(0.95);
  });

  it('over folds is wider, by Nadeau and Bengio’s correction', () => {
    const scores = [0.7, 0.72, 0.71, 0.75, 0.72];
    const summary = summariseScores(
      scores.map((score, index) => trial(index + 1, 1, score)),
      5,
    )!;
    expect(summary.mean).toBeCloseTo(0.72, 12);
    const variance = (0.02 ** 2 + 0 + 0.01 ** 2 + 0.03 ** 2 + 0) / 4;
    expect(summary.deviation).toBeCloseTo(Math.sqrt(variance), 12);
    const half = 2.776445 * Math.sqrt(variance * (1 / 5 + 1 / 4));
    expect(summary.interval!.high - summary.mean).toBeCloseTo(half, 6);
  });

  it('over folds and seeds averages a fold’s seeds first, and tells of whole seeds apart', () => {
    const trials = [
      ...[0.7, 0.8].map((score, index) => trial(index + 1, 1, score)),
      ...[0.72, 0.86].map((score, index) => trial(index + 1, 2, score)),
      trial(1, 3, 0.1),
    ];
    const whole = summariseScores(trials.slice(0, 4), 2)!;
    expect(whole.count).toBe(4);
    expect(whole.mean).toBeCloseTo(0.77, 12);
    // Means of the folds: 0.71 and 0.83.
    const half = 12.7062 * Math.sqrt(((0.06 ** 2 * 2) / 1) * (1 / 2 + 1));
    expect(half).toBeGreaterThan(1);
    expect(whole.interval).toEqual({ low: 0, high: 1 });
    expect(whole.overSeeds!.count).toBe(2);
    expect(whole.overSeeds!.mean).toBeCloseTo((0.75 + 0.79) / 2, 12);
    expect(whole.overSeeds!.deviation).toBeCloseTo(0.04 / Math.SQRT2, 12);
    const started = summariseScores(trials, 2)!;
    expect(started.count).toBe(5);
    expect(started.overSeeds!.mean).toBeCloseTo(0.77, 12);
  });

  it('has its mean within its interval, also while one fold has finished more seeds than the others', () => {
    const others = Array.from({ length: 9 }, (_, index) => trial(index + 2, 1, 0.9));
    const first = Array.from({ length: 20 }, (_, index) => trial(1, index + 1, 0.5));
    const { mean, interval } = summariseScores([...first, ...others], 10)!;
    expect(mean).toBeCloseTo((0.5 + 9 * 0.9) / 10, 12);
    expect(interval!.low).toBeLessThan(mean);
  });
});
