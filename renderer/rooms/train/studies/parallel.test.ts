/** Parallel coordinates and the order of trials, against figures worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { SearchSpace } from '#recipe/search-space.ts';
import type { Trial } from '#contract/study.ts';
import { axesOf, brushOf, lineOf, nudged, passes, scoreRange, strengthOf } from './parallel.ts';
import { nextSorting, sortedTrials } from './trials.ts';

const trial = (number: number, more: Partial<Trial> = {}): Trial => ({
  number,
  runId: `r${number}`,
  state: 'finished',
  values: {},
  fold: null,
  seed: 1,
  epochs: 5,
  score: 0.5,
  ...more,
});

describe('parallel coordinates', () => {
  const space: SearchSpace = [
    { kind: 'number', path: 'training.learningRate', low: 1e-4, high: 1, logarithmic: true, points: 3 },
    { kind: 'choice', path: 'training.batchSize', values: [32, 64, 128, 256] },
    { kind: 'integer', path: 'training.epochs', low: 2, high: 10, logarithmic: false, points: 3 },
  ];
  const trials = [
    trial(1, {
      values: { 'training.learningRate': 0.01, 'training.batchSize': 64, 'training.epochs': 4 },
      score: 0.6,
    }),
    trial(2, { values: { 'training.learningRate': 1, 'training.batchSize': 256 }, score: 0.9 }),
    trial(3, { score: null }),
  ];
  const axes = axesOf(space, trials, (path) => path);

  it('place values on their own scales', () => {
    expect(axes.map(({ place }) => place(trials[0]!))).toEqual([expect.closeTo(0.5), 0.375, 0.25, 0]);
    expect(axes.map(({ place }) => place(trials[1]!))).toEqual([1, 0.875, null, 1]);
    expect(axes.map(({ place }) => place(trials[2]!))).toEqual([null, null, null, null]);
    expect(axes[0]!.ticks[1]).toEqual({ value: 0.01, at: expect.closeTo(0.5) });
  });
  it('break a line where a value is missing', () => {
    const line = (which: Trial) =>
      lineOf(
        which,
        axes,
        (index) => index * 10,
        (share) => 100 - share * 100,
      );
    expect(line(trials[0]!)).toBe('M0.0 50.0L10.0 62.5L20.0 75.0L30.0 100.0');
    expect(line(trials[1]!)).toBe('M0.0 0.0L10.0 12.5M30.0 0.0');
  });
  it('keep what passes through every brush', () => {
    const kept = (brushes: Record<string, [number, number]>) =>
      trials.filter((one) => passes(one, axes, brushes)).map(({ number }) => number);
    expect(kept({})).toEqual([1, 2, 3]);
    expect(kept({ score: [0.5, 1] })).toEqual([2]);
    expect(kept({ 'training.batchSize': [0.2, 1], 'training.learningRate': [0, 0.6] })).toEqual([1]);
    expect(brushOf(0.9, -0.2)).toEqual([0, 0.9]);
    expect(brushOf(0.5, 0.51)).toBeNull();
  });
  it('have their brushes set by keys, value by value where they are choices', () => {
    const [rate, size, , score] = axes;
    expect(nudged(undefined, rate!, 'from', 5)).toEqual([0.1, 1]);
    expect(nudged([0.1, 1], rate!, 'from', -5)).toBeNull();
    expect(nudged([0.1, 0.2], rate!, 'from', 50)).toEqual([0.2 - 0.02, 0.2]);
    expect(nudged([0.1, 0.9], score!, 'to', 50)).toEqual([0.1, 1]);
    const upper = nudged(nudged(undefined, size!, 'from', 1)!, size!, 'from', 1)!;
    expect(
      trials.filter((one) => passes(one, axes, { [size!.id]: upper })).map(({ number }) => number),
    ).toEqual([2]);
    expect([size!.value(upper[0]), rate!.value(0.5), score!.value(1)]).toEqual([128, 0.01, 0.9]);
  });
  it('rank by score', () => {
    expect(scoreRange(trials)).toEqual([0.6, 0.9]);
    expect(trials.map((one) => strengthOf(one, [0.6, 0.9]))).toEqual([0, 1, null]);
    expect(scoreRange([trials[2]!])).toBeNull();
    expect(strengthOf(trials[0]!, [0.6, 0.6])).toBe(1);
  });
});

describe('the order of trials', () => {
  const trials = [
    trial(1, { score: 0.8, values: { a: 2 } }),
    trial(2, { score: null, values: { a: 10 } }),
    trial(3, { score: 0.9, values: {} }),
  ];
  const order = (...args: Parameters<typeof nextSorting>) =>
    sortedTrials(trials, nextSorting(...args)).map(({ number }) => number);
  it('puts what has no value last, in either direction', () => {
    expect(order({ key: 'number', descending: false }, 'score')).toEqual([3, 1, 2]);
    expect(order({ key: 'score', descending: true }, 'score')).toEqual([1, 3, 2]);
    expect(order({ key: 'number', descending: false }, 'value:a')).toEqual([1, 2, 3]);
    expect(order({ key: 'value:a', descending: false }, 'value:a')).toEqual([2, 1, 3]);
  });
});
