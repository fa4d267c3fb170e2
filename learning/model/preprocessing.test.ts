/** Normalisation: measured against plain arithmetic, applied on the engine. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { sampleData } from '#learning/training/testing.ts';
import { measureNormalisation, normalise, resolveNormalisation } from './preprocessing.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const shape: Preprocessing = {
  height: 2,
  width: 1,
  channels: 3,
  fit: 'stretch',
  normalisation: { kind: 'custom', mean: [0.5], std: [0.25] },
};

test('one given number serves all channels', () => {
  expect(resolveNormalisation(shape, new Uint8Array(0), [])).toEqual({
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  });
});

test('measures each channel over the given images alone', () => {
  // Two images of 2×1×3; the third is not asked for.
  const pixels = Uint8Array.from([0, 10, 255, 255, 10, 255, 0, 30, 255, 255, 30, 255, 9, 9, 9, 9, 9, 9]);
  const measured = resolveNormalisation({ ...shape, normalisation: { kind: 'measured' } }, pixels, [0, 1]);
  expect(measured.mean[0]).toBeCloseTo(0.5);
  expect(measured.std[0]).toBeCloseTo(0.5);
  expect(measured.mean[1]).toBeCloseTo(20 / 255);
  expect(measured.std[1]).toBeCloseTo(10 / 255);
  expect(measured.mean[2]).toBeCloseTo(1);
  // One colour only: the std stays above zero, or the network would see infinities.
  expect(measured.std[2]).toBeCloseTo(0.5 / 255);
});

test('normalised with its own measure, real images have mean 0 and std 1', () => {
  const { pixels, train } = sampleData(100, 0);
  const normalisation = measureNormalisation(pixels, train, 784, 1);
  tf.tidy(() => {
    const x = normalise(tf.tensor4d(Float32Array.from(pixels), [100, 28, 28, 1]), normalisation);
    const { mean, variance } = tf.moments(x);
    expect(mean.dataSync()[0]).toBeCloseTo(0, 4);
    expect(variance.dataSync()[0]).toBeCloseTo(1, 4);
  });
});
