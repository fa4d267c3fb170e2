/** Predictions on the real engine: padding must not show, order must hold, cancelling must work. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNetwork, type Network } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { openPredictor, type PredictOptions } from './predict.ts';

const normalisation = { mean: [0.3], deviation: [0.3] };
const { pixels, train } = sampleData(21, 0);

async function predict(
  network: Network,
  batchSize: number,
  indices: ArrayLike<number>,
  options?: PredictOptions,
) {
  const predictor = openPredictor(network, normalisation, batchSize);
  const probabilities = await predictor.predict(pixels, indices, options);
  predictor.dispose();
  return probabilities;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test('answers do not depend on the batch or on the padding of the last one', async () => {
  const network = buildNetwork(smallRecipe(), 10);
  // The first use hands the weights to the engine.
  await predict(network, 8, [0]);
  const before = engine.counts();
  const done: number[] = [];
  const padded = await predict(network, 8, train, { onProgress: (count) => done.push(count) });
  const alone = await predict(network, 1, [20, 3]);
  expect(done).toEqual([8, 16, 21]);
  expect(padded.length).toBe(210);
  for (let index = 0; index < 10; index += 1) {
    expect(alone[index]).toBeCloseTo(padded[200 + index]!, 5);
    expect(alone[10 + index]).toBeCloseTo(padded[30 + index]!, 5);
  }
  for (let image = 0; image < 21; image += 1) {
    const sum = padded.subarray(image * 10, image * 10 + 10).reduce((total, p) => total + p, 0);
    expect(sum).toBeCloseTo(1, 5);
  }
  expect(engine.counts()).toEqual(before);
  network.dispose();
});

test('cancelling stops between batches', async () => {
  const network = buildNetwork(smallRecipe(), 10);
  const predictor = openPredictor(network, normalisation, 4);
  const stop = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number) => {
    seen.push(done);
    stop.abort();
  };
  const running = predictor.predict(pixels, train, { onProgress, signal: stop.signal });
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen).toEqual([4]);
  predictor.dispose();
  network.dispose();
});

test('no images, no answers', async () => {
  const network = buildNetwork(smallRecipe(), 10);
  expect(await predict(network, 8, [])).toHaveLength(0);
  network.dispose();
});
