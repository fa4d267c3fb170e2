/** The first operations by onnxruntime answer as the engine does, whatever they end in: a map or a vector. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleNetwork } from '#learning/export/testing.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { normalise } from '#learning/model/preprocessing.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { openFrozenFront } from './frozen-front.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const layers = [
  { kind: 'conv', filters: 6, stride: 2 },
  { kind: 'inverted-residual', filters: 6, expand: 2 },
  { kind: 'conv', filters: 8, activation: 'relu6' },
  { kind: 'global-average-pool' },
  { kind: 'dropout', rate: 0.2 },
];

test('by onnxruntime as by the engine, up to a map and up to a vector', async () => {
  const { recipe, weights, plan, normalisation, golden, classes } = await sampleNetwork(layers);
  const network = buildNetwork(recipe, classes.length, weights);
  const images = Float32Array.from(golden.pixels);
  const lastOf = (layer: number) => plan.operations.findLastIndex((operation) => operation.layer === layer);
  for (const count of [lastOf(1) + 1, lastOf(3) + 1]) {
    const front = await openFrozenFront(network, normalisation, count);
    const expected = tf.tidy(() =>
      network.featuresOf(normalise(tf.tensor4d(images, [...golden.shape]), normalisation), count).dataSync(),
    );
    const received = await front.run(images);
    expect(received.length).toBe(expected.length);
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).toBeGreaterThan(0.1);
    expect(Math.max(...received.map((value, at) => Math.abs(value - expected[at]!))) / largest).toBeLessThan(
      1e-5,
    );
    await front.close();
  }
  network.dispose();
});
