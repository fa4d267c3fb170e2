/** What is said of an image does not depend on its own label, on the real TensorFlow. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { outOfFoldProbabilities } from './out-of-fold.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());

const [images, size, classes] = [90, 6, 3];
const options = { decay: 0.1, evaluations: 60, classes };
const foldOf = Int32Array.from({ length: images }, (_, at) => Math.floor(at / classes) % 3);
const truth = Int32Array.from({ length: images }, (_, at) => at % classes);

/** Around a corner for each class. */
function features(): tf.Tensor2D {
  const draw = normal(generator(2));
  const values = Array.from({ length: images }, (_, at) =>
    Array.from({ length: size }, (_each, place) => (place === truth[at] ? 2 : 0) + 0.4 * draw()),
  );
  return tf.tensor2d(values);
}

test('images are recognised by what was learned from other folds, whatever their own label', async () => {
  const all = features();
  const told: number[] = [];
  const said = await outOfFoldProbabilities(all, truth, foldOf, {
    ...options,
    onFold: (fold) => told.push(fold),
  });
  expect(told).toEqual([0, 1, 2]);
  for (let at = 0; at < images; at += 1) {
    const row = said.subarray(at * classes, (at + 1) * classes);
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    expect(row.indexOf(Math.max(...row))).toBe(truth[at]);
  }
  const flipped = truth.map((label, at) => (foldOf[at] === 1 ? (label + 1) % classes : label));
  const then = await outOfFoldProbabilities(all, flipped, foldOf, options);
  const own = (rows: Float64Array) => [...rows].filter((_, at) => foldOf[Math.floor(at / classes)] === 1);
  expect(own(then)).toEqual(own(said));
  expect([...then]).not.toEqual([...said]);
  all.dispose();
});

test('a class that the other folds lack is impossible, and nothing is left behind', async () => {
  const all = features();
  const lacking = truth.map((label, at) => (label === 2 && foldOf[at] !== 0 ? 1 : label));
  const before = tf.memory().numTensors;
  const said = await outOfFoldProbabilities(all, lacking, foldOf, options);
  expect(tf.memory().numTensors).toBe(before);
  for (let at = 0; at < images; at += 1)
    if (foldOf[at] === 0) expect(said[at * classes + 2]).toBe(0);
    else expect(said[at * classes + 2]).toBeGreaterThan(0);
  all.dispose();
});
