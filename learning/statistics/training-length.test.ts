/** Histories whose end is known: a plateau, one that rises still, one that overfits, one whose rate has fallen. */
import { describe, expect, test } from 'vitest';
import { trainingLengthWords } from '#contract/training-length.ts';
import { generator, normal } from '../random-numbers.ts';
import { finish } from '../work-in-turns.ts';
import { judgingTrainingLength, type PastEpoch } from './training-length.ts';

function history(
  count: number,
  accuracy: (epoch: number) => number,
  loss: (epoch: number) => number,
  {
    noise = 0.004,
    rate = () => 0.001,
    seed = 1,
  }: { noise?: number; rate?: (epoch: number) => number; seed?: number } = {},
): PastEpoch[] {
  const draw = normal(generator(seed));
  return Array.from({ length: count }, (_, at) => ({
    epoch: at + 1,
    validationAccuracy: Math.min(1, accuracy(at + 1) + noise * draw()),
    validationLoss: loss(at + 1) + noise * draw(),
    learningRate: rate(at + 1),
  }));
}
const bestOf = (epochs: readonly PastEpoch[]) =>
  epochs.reduce((best, one) => (one.validationAccuracy > best.validationAccuracy ? one : best)).epoch;
const judge = (epochs: readonly PastEpoch[]) => finish(judgingTrainingLength(epochs, bestOf(epochs)));
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const share = (of: (seed: number) => boolean) => seeds.filter(of).length / seeds.length;

const plateau = (seed: number) =>
  history(
    60,
    (e) => 0.9 - 0.5 * Math.exp(-e / 4),
    (e) => 0.3 + Math.exp(-e / 4),
    { seed },
  );
const rising = (seed: number) =>
  history(
    40,
    (e) => 0.95 - 0.6 * e ** -0.5,
    (e) => 0.1 + 1.5 * e ** -0.5,
    { seed },
  );
const overfit = (seed: number) =>
  history(
    60,
    (e) => 0.9 - 0.5 * Math.exp(-e / 4) - 0.0002 * e,
    (e) => 0.3 + Math.exp(-e / 4) + 0.004 * e,
    { seed },
  );

describe('training longer', () => {
  test('does not help on a plateau', () => {
    expect(share((seed) => judge(plateau(seed)).verdict === 'settled')).toBeGreaterThanOrEqual(0.85);
    const found = judge(plateau(1));
    expect(found.gain!.high).toBeLessThan(0.02);
    expect(trainingLengthWords(found)).toMatch(
      /^Training longer will not help: validation loss no longer falls over the last 20 of 60 epochs/,
    );
  });
  test('helps where it rises still, by about as much as it does', () => {
    const truth = 0.6 * (40 ** -0.5 - 80 ** -0.5);
    expect(share((seed) => judge(rising(seed)).verdict === 'improving')).toBeGreaterThanOrEqual(0.9);
    const held = share((seed) => {
      const { low, high } = judge(rising(seed)).gain!;
      return low <= truth && truth <= high;
    });
    expect(held).toBeGreaterThanOrEqual(0.9);
    expect(trainingLengthWords(judge(rising(1)))).toMatch(
      /^Training longer helps: .* would bring \+\d\.\d points \(/,
    );
  });
  test('does not help where it overfits', () => {
    expect(share((seed) => judge(overfit(seed)).verdict === 'overfitted')).toBeGreaterThanOrEqual(0.95);
    expect(trainingLengthWords(judge(overfit(1)))).toMatch(
      /loss rose .* The weights of epoch \d+, the best, were kept\.$/,
    );
  });
  test('cannot be told where the rate has fallen to nothing, and it improved by that', () => {
    const annealed = history(
      30,
      (e) => 0.6 + 0.01 * e,
      (e) => 1.2 - 0.03 * e,
      {
        rate: (e) => (1 + Math.cos((Math.PI * e) / 30)) / 2,
      },
    );
    expect(judge(annealed)).toMatchObject({ verdict: 'annealed', gain: null });
    expect(trainingLengthWords(judge(annealed))).toMatch(/cannot be told/);
  });
  test('cannot be told of few epochs', () => {
    expect(judge(rising(1).slice(0, 7))).toMatchObject({ verdict: 'few', slope: null, gain: null });
  });
  test('of the same figures again and again is settled', () => {
    const flat = history(
      20,
      () => 0.8,
      () => 0.5,
      { noise: 0 },
    );
    const { verdict, gain } = judge(flat);
    expect(verdict).toBe('settled');
    expect(gain!.high).toBeCloseTo(0, 12);
  });
});
