/** Predictions on the real engine: views at test time against pictures changed by hand; padding must not show, order must hold, cancelling must work. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Tta, ttas } from '#contract/evaluation.ts';
import { buildNetwork, type Network } from '#learning/model/network.ts';
import { planNetwork } from '#recipe/plan.ts';
import { presets } from '#recipe/presets.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { predictionBatch } from '#recipe/prediction-batch.ts';
import { openPredictor, type PredictOptions } from './predict.ts';

const normalisation = { mean: [0.3], std: [0.3] };
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

/** The first images of the sample, each changed by taking its pixel (row, column) from another place. */
function changedBy(count: number, from: (row: number, column: number) => [number, number]): Uint8Array {
  const clamp = (place: number) => Math.min(27, Math.max(0, place));
  return Uint8Array.from({ length: count * 784 }, (_, i) => {
    const [row, column] = from(Math.floor((i % 784) / 28), i % 28);
    return pixels[Math.floor(i / 784) * 784 + clamp(row) * 28 + clamp(column)]!;
  });
}
const moves: [number, number][] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
];
const byHand: Record<Tta, Uint8Array[]> = {
  none: [changedBy(5, (row, column) => [row, column])],
  flip: [false, true].map((flip) => changedBy(5, (row, column) => [row, flip ? 27 - column : column])),
  'flip-shift': moves.flatMap(([down, right]) => [
    changedBy(5, (row, column) => [row + down, column + right]),
    changedBy(5, (row, column) => [row + down, 27 - column + right]),
  ]),
};

test.each(ttas)('%s is the mean over the views, made by hand', async (tta) => {
  const network = buildNetwork(smallRecipe(), 10);
  const indices = [0, 1, 2, 3, 4];
  const open = (time: Tta, batchSize: number) => openPredictor(network, normalisation, batchSize, time);
  const plain = open('none', 8);
  const expected = new Float64Array(50);
  for (const view of byHand[tta]) {
    const answers = await plain.predict(view, indices);
    answers.forEach((p, i) => (expected[i]! += p / byHand[tta].length));
  }
  // 40: several images a call; 1: one image a call, however many views it has.
  for (const batchSize of [40, 1]) {
    const predictor = open(tta, batchSize);
    await predictor.predict(pixels, [0]);
    const done: number[] = [];
    const answers = await predictor.predict(pixels, indices, { onProgress: (count) => done.push(count) });
    expect(done.at(-1)).toBe(5);
    expect(answers).toHaveLength(50);
    for (let i = 0; i < 50; i += 1) expect(answers[i]).toBeCloseTo(expected[i]!, 5);
    predictor.dispose();
  }
  // The views differ, or the mean over them would prove nothing.
  const single = await plain.predict(pixels, indices);
  const largest = Math.max(...single.map((p, i) => Math.abs(p - expected[i]!)));
  if (tta === 'none') expect(largest).toBe(0);
  else expect(largest).toBeGreaterThan(1e-3);
  plain.dispose();
  network.dispose();
});

test('no images, no answers', async () => {
  const network = buildNetwork(smallRecipe(), 10);
  expect(await predict(network, 8, [])).toHaveLength(0);
  network.dispose();
});

test('large images are looked at a few at a time, small ones 256 at a time', async () => {
  const batchOf = (side: number, channels: number) =>
    predictionBatch(planNetwork(smallRecipe().model, [side, side, channels], 10));
  expect(batchOf(28, 1)).toBe(256);
  for (const { recipe } of Object.values(presets)) {
    expect(predictionBatch(planNetwork(recipe.model, [28, 28, 1], 10))).toBe(256);
  }
  const wide = {
    ...smallRecipe().model,
    layers: [
      {
        kind: 'conv' as const,
        filters: 64,
        kernel: 3,
        stride: 1,
        batchNorm: true,
        activation: 'relu' as const,
      },
    ],
  };
  // One map of 512×512×64 numbers is 64 MiB: four of them, and not 17 GB.
  expect(predictionBatch(planNetwork(wide, [512, 512, 3], 10))).toBe(4);
  expect(predictionBatch({ inputShape: [512, 512, 3], operations: [] })).toBe(85);
  const vast = { ...wide, layers: [{ ...wide.layers[0]!, filters: 1024 }] };
  expect(predictionBatch(planNetwork(vast, [512, 512, 3], 10))).toBe(1);

  const network = buildNetwork(smallRecipe(), 10);
  const [first] = network.plan.operations;
  const large = { ...network.plan, operations: [{ ...first!, outputShape: [2 ** 24] }] };
  const predictor = openPredictor({ ...network, plan: large }, normalisation);
  const done: number[] = [];
  await predictor.predict(pixels, train, { onProgress: (count) => done.push(count) });
  expect(done).toEqual([4, 8, 12, 16, 20, 21]);
  predictor.dispose();
  network.dispose();
});

test('what the engine or the read throws leaves no tensor behind', async () => {
  const network = buildNetwork(smallRecipe(), 10);
  const predictor = openPredictor(network, normalisation, 8);
  await predictor.predict(pixels, [0]);
  const before = engine.counts();
  const read = vi.spyOn(tf.Tensor.prototype, 'data').mockRejectedValueOnce(new Error('The device is gone.'));
  await expect(predictor.predict(pixels, [0])).rejects.toThrow('The device is gone.');
  read.mockRestore();
  expect(engine.counts()).toEqual(before);
  predictor.dispose();
  network.dispose();
});
