/**
 * "Would training longer help?", read off the epochs that there are: the slope of the validation loss at their end, as sure as its scatter lets it
 * be, and a power law of the validation accuracy carried on to twice as many epochs. Pure, no tensors.
 */
import type { Estimate } from '#contract/learning-curve.ts';
import { annealedBelow, type TrainingLength } from '#contract/training-length.ts';
import { generator, normal } from '../random-numbers.ts';
import { studentQuantile } from '../search/student.ts';
import type { Work } from '../work-in-turns.ts';
import { accuracyOf, nearestPowerLaw, type PowerLaw } from './power-law.ts';

/** As much of an epoch as is looked at. */
export interface PastEpoch {
  /** From 1. */
  epoch: number;
  validationLoss: number;
  validationAccuracy: number;
  learningRate: number;
}

const fewestEpochs = 8;
const leastWindow = 5;
const mostWindow = 50;
/** The first of the epochs, which no law describes: weights are still near random ones. */
const beginning = 0.1;
/** Less than half a point in twice the time is nothing. */
const nothing = 0.005;
const draws = 300;
const mostBlocks = 40;

/**
 * @param epochs in their order
 * @param bestEpoch whose weights were kept
 */
export function* judgingTrainingLength(
  epochs: readonly PastEpoch[],
  bestEpoch: number | null,
): Work<TrainingLength> {
  const count = epochs.length;
  const highest = epochs.reduce((most, { learningRate }) => Math.max(most, learningRate), 0);
  const rate = highest > 0 ? epochs[count - 1]!.learningRate / highest : 1;
  const window = Math.min(mostWindow, Math.max(leastWindow, Math.ceil(count / 3)));
  const about = { epochs: count, bestEpoch, rate };
  if (count < fewestEpochs) return { ...about, verdict: 'few', window: count, slope: null, gain: null };
  const slope = slopeOf(epochs.slice(-window).map(({ validationLoss }) => validationLoss));
  const gain = yield* gainOfTwice(epochs);
  const told = { ...about, window, slope, gain };
  if (slope.low > 0) return { ...told, verdict: 'overfitted', gain: null };
  if (slope.high >= 0 || gain.high < nothing) return { ...told, verdict: 'settled' };
  return rate < annealedBelow
    ? { ...told, verdict: 'annealed', gain: null }
    : { ...told, verdict: 'improving' };
}

/**
 * By least squares, with Student's t; epochs that follow one another are alike, so that fewer of them count (by the correlation of
 * neighbouring residuals).
 */
function slopeOf(values: readonly number[]): Estimate {
  const n = values.length;
  const middle = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let [squares, products] = [0, 0];
  values.forEach((value, at) => {
    squares += (at - middle) ** 2;
    products += (at - middle) * (value - mean);
  });
  const value = products / squares;
  const residuals = values.map((one, at) => one - mean - value * (at - middle));
  const error = Math.sqrt(scatterOf(residuals, 2) / squares);
  const half = studentQuantile(0.975, n - 2) * error;
  return { value, low: value - half, high: value + half };
}

/** Variance of residuals, widened for neighbours that are alike. @param fitted numbers that were fitted */
function scatterOf(residuals: readonly number[], fitted: number): number {
  const squares = residuals.reduce((sum, one) => sum + one * one, 0);
  if (squares === 0) return 0;
  const neighbours = residuals.reduce((sum, one, at) => sum + (at > 0 ? one * residuals[at - 1]! : 0), 0);
  const alike = Math.min(0.9, Math.max(0, neighbours / squares));
  return (squares / Math.max(1, residuals.length - fitted)) * ((1 + alike) / (1 - alike));
}

/** Means of epochs that follow one another: a law of a thousand says no more than one of forty. */
function inBlocks(epochs: readonly PastEpoch[]): { epoch: number; accuracy: number }[] {
  const size = Math.ceil(epochs.length / mostBlocks);
  return Array.from({ length: Math.ceil(epochs.length / size) }, (_, block) => {
    const own = epochs.slice(block * size, (block + 1) * size);
    const mean = (of: (one: PastEpoch) => number) => own.reduce((sum, one) => sum + of(one), 0) / own.length;
    return { epoch: mean(({ epoch }) => epoch), accuracy: mean((one) => one.validationAccuracy) };
  });
}

function* gainOfTwice(all: readonly PastEpoch[]): Work<Estimate> {
  const blocks = inBlocks(all.slice(Math.floor(beginning * all.length)));
  const at = blocks.map(({ epoch }) => epoch);
  const accuracies = blocks.map(({ accuracy }) => accuracy);
  const weights = at.map(() => 1);
  const law = nearestPowerLaw(at, accuracies, weights);
  const residuals = accuracies.map((accuracy, index) => accuracy - accuracyOf(law, at[index]!));
  const deviation = Math.sqrt(scatterOf(residuals, 3));
  const last = all[all.length - 1]!.epoch;
  const gain = (one: PowerLaw) => accuracyOf(one, 2 * last) - accuracyOf(one, last);
  const draw = normal(generator(0, all.length));
  const others = new Float64Array(draws);
  for (let drawn = 0; drawn < draws; drawn += 1) {
    const again = at.map((epoch) => Math.min(1, Math.max(0, accuracyOf(law, epoch) + deviation * draw())));
    others[drawn] = gain(nearestPowerLaw(at, again, weights));
    yield;
  }
  others.sort();
  return {
    value: gain(law),
    low: Math.min(gain(law), others[Math.floor(0.025 * draws)]!),
    high: Math.max(gain(law), others[Math.floor(0.975 * draws)]!),
  };
}
