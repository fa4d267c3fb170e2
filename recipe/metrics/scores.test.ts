/** Scores against values worked out by other means: roots of Wilson's quadratic in 40 digits, the rest by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialMass, clopperPearsonInterval } from '../statistics/binomial.ts';
import { f1 } from './class-metrics.ts';
import { predictionsOf, greatest } from './counts.ts';
import { wilsonInterval } from './interval.ts';
import { completed, evaluate, validationScores } from './scores.ts';
import { epochMetrics } from './index.ts';
import { validationKey } from './stored.ts';
import { topK } from './top-k.ts';

describe('wilsonInterval', () => {
  // |share - q| = z √(q (1 - q) / n), solved for q in decimal arithmetic
  test.each([
    [8, 10, 0.4901625, 0.943317824],
    [0, 10, 0, 0.277532799],
    [10, 10, 0.722467201, 1],
    [9033, 10000, 0.897348, 0.908943],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 5);
    expect(interval.high).toBeCloseTo(high, 5);
  });
  test('nothing tried, nothing known', () => expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 }));
});

describe('evaluate', () => {
  // Three classes; class 2 is predicted but never present.
  const probabilities = new Float32Array([0.7, 0.2, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6]);
  const scores = evaluate(probabilities, [0, 1, 1, 0], 3, 2);

  test('counts', () => {
    expect(scores).toMatchObject({ count: 4, correct: 2, accuracy: 0.5 });
    expect(scores.confusion).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });
  test('loss is the mean of -log p(label)', () => {
    expect(scores.loss).toBeCloseTo(-(Math.log(0.7) + Math.log(0.3) + Math.log(0.8) + Math.log(0.2)) / 4, 6);
  });
  test('precision, recall and F1 per class, null where undefined', () => {
    expect(scores.classes[0]).toMatchObject({ support: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(scores.classes[1]!.precision).toBe(1);
    expect(scores.classes[1]!.f1).toBeCloseTo(2 / 3);
    expect(scores.classes[2]).toMatchObject({
      support: 0,
      precision: 0,
      recall: null,
      f1: 0,
      recallInterval: null,
    });
    expect(scores.macroF1).toBeCloseTo((0.5 + 2 / 3 + 0) / 3);
  });
  test('shares have exact intervals, of a class too; F1 that of the hits among images of or said to be of it', () => {
    expect(scores.accuracyInterval).toEqual(clopperPearsonInterval(2, 4));
    expect(scores.classes[0]!.recallInterval).toEqual(clopperPearsonInterval(1, 2));
    expect(scores.classes[1]!.precisionInterval).toEqual(clopperPearsonInterval(1, 1));
    const { low, high } = clopperPearsonInterval(1, 3);
    expect(scores.classes[0]!.f1Interval).toEqual({
      low: (2 * low) / (1 + low),
      high: (2 * high) / (1 + high),
    });
  });
  test('what was stored with intervals of another kind, or without those of classes, has those of now', () => {
    const before = {
      ...scores,
      accuracyInterval: { low: 0.3, high: 0.6 },
      classes: scores.classes.map((score) => ({ ...score, precisionInterval: null, f1Interval: null })),
    };
    expect(completed(before)).toEqual(scores);
  });
  test('the interval of F1 holds the true one at least 95 times of 100, however many images are concerned', () => {
    // 30 of 100 images are found, 10 missed, and 15 wrongly said to be of the class.
    const [share, truth] = [30 / 55, (2 * 30) / (40 + 45)];
    for (const either of [1, 7, 30, 200]) {
      let held = 0;
      for (let hits = 0; hits <= either; hits += 1) {
        const { low, high } = f1.interval({ hits, support: hits, predicted: either })!;
        if (low <= truth && truth <= high) held += binomialMass(hits, either, share);
      }
      expect(held).toBeGreaterThanOrEqual(0.95);
      expect(held).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
  test('a probability of zero keeps the loss finite', () => {
    expect(evaluate(new Float32Array([0, 1]), [0], 2, 2).loss).toBeCloseTo(-Math.log(1e-30));
  });
  test('a wrong number of probabilities is refused', () => {
    expect(() => evaluate(new Float32Array(5), [0, 1], 3, 2)).toThrow(
      'Expected [2, 3] probabilities, received 5',
    );
  });
  test('ties go to the first class', () => expect(greatest(new Float32Array([0.4, 0.4, 0.2]), 3)).toBe(0));
});

describe('top-k accuracy', () => {
  const topKAccuracy = (...given: Parameters<typeof predictionsOf>) => topK.compute(predictionsOf(...given));
  /** By sorting, where the code counts; equal probabilities keep the order of the classes. */
  const bySorting = (probabilities: Float32Array, labels: number[], classCount: number, k: number) =>
    labels.filter((label, image) =>
      Array.from({ length: classCount }, (_, index) => index)
        .sort((a, b) => probabilities[image * classCount + b]! - probabilities[image * classCount + a]!)
        .slice(0, k)
        .includes(label),
    ).length / labels.length;

  test('is what sorting gives, ties included; top-1 is the accuracy, and of all classes it is not said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        (classes, n, seed) => {
          const draw = (index: number) => Math.abs(Math.floor(Math.sin(seed + index) * 1e4)) % 4;
          const probabilities = Float32Array.from({ length: n * classes }, (_, index) => draw(index) / 4);
          const labels = Array.from({ length: n }, (_, index) => draw(index + 1000) % classes);
          for (let k = 1; k < classes; k += 1) {
            expect(topKAccuracy(probabilities, labels, classes, k)).toBe(
              bySorting(probabilities, labels, classes, k),
            );
          }
          const scores = evaluate(probabilities, labels, classes, classes + 3);
          expect(topKAccuracy(probabilities, labels, classes, 1)).toBe(scores.accuracy);
          expect(scores.topK).toBeNull();
        },
      ),
    );
  });
  test('what are no numbers count as wrong, nothing is 0, and sizes must agree', () => {
    const odd = new Float32Array([NaN, NaN, NaN, 0.2, 0.5, 0.3]);
    expect(topKAccuracy(odd, [0, 0], 3, 2)).toBe(0);
    expect(topKAccuracy(odd, [0, 2], 3, 2)).toBe(0.5);
    expect(topKAccuracy(odd, [0, 2], 3, 9)).toBeNull();
    expect(topKAccuracy(new Float32Array(), [], 3, 2)).toBe(0);
    expect(() => topKAccuracy(odd, [0], 3, 2)).toThrow('Expected [1, 3] probabilities, received 6');
  });
});

describe('what is kept', () => {
  const given = [new Float32Array([0.7, 0.3, 0.4, 0.6]), [0, 0], 2, 2] as const;
  const scores = evaluate(...given);
  test('of an epoch: each metric under validation and its key', () => {
    expect(validationScores(predictionsOf(...given))).toMatchObject({
      validationLoss: scores.loss,
      validationAccuracy: 0.5,
      validationTopK: null,
      validationMacroF1: scores.macroF1,
    });
  });
  test('of an epoch: no metric that is an evaluation’s alone is computed', () => {
    const keys = Object.keys(validationScores(predictionsOf(...given)));
    expect(keys).toEqual(epochMetrics.map(validationKey));
    expect(keys).not.toContain('validationRocAuc');
  });
  test('of an earlier version: what follows from its counts is computed, the rest stays unknown', () => {
    const earlier = { ...scores, macroF1: null, topK: null };
    expect(completed(earlier)).toEqual({ ...scores, topK: null });
  });
});
