/**
 * The whole training step rewritten to bfloat16: it runs, and its losses follow float32's. Processors without the
 * instructions emulate them, slowly, so this test asks TensorFlow for it where openEngine would rightly refuse.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerTensorFlowBackend } from '#learning/tensorflow/backend.ts';
import { TensorFlowBinding } from '#learning/tensorflow/binding.ts';
import { openContext } from '#learning/tensorflow/context.ts';
import { openLibrary } from '#learning/tensorflow/ffi.ts';
import { searchTensorFlow } from '#learning/tensorflow/locate.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Precision } from '#recipe/training.ts';
import { comparePrecisions, type StepMeasurement } from '#learning/training/probes/compare-precisions.ts';
import { openTrainer } from '#learning/training/loop/trainer.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';

const measured = new Map<Precision, StepMeasurement>();

/** Runs `look` on an engine of this precision, which is closed after it. */
async function inPrecision<T>(precision: Precision, look: () => Promise<T>): Promise<T> {
  const library = openLibrary(searchTensorFlow().located!);
  const binding = new TensorFlowBinding(
    library,
    openContext(library, { device: 'cpu', threads: 2, precision }),
  );
  await registerTensorFlowBackend(binding);
  try {
    return await look();
  } finally {
    tf.removeBackend('tensorflow');
    binding.close();
  }
}

const recipe = smallRecipe({
  training: { batchSize: 64, epochs: 3, learningRate: 0.01, gradientClipping: 5, weightAveraging: 0.9 },
  model: {
    layers: [
      { kind: 'conv', filters: 8, stride: 2 },
      { kind: 'residual', filters: 8, preActivation: true },
      { kind: 'max-pool' },
      { kind: 'global-average-pool' },
      { kind: 'dense', units: 16 },
    ],
  },
});

async function losses(): Promise<number[]> {
  const trainer = await openTrainer(recipe, sampleData(640, 32));
  const seen: number[] = [];
  for (let number = 1; number <= 30; number += 1) {
    trainer.step.resetTotals();
    trainer.trainStep(number, { epochs: [], stepsBefore: 0 });
    const { loss, firstNotFinite } = await trainer.step.totals();
    expect(firstNotFinite).toBe(0);
    seen.push(loss);
  }
  trainer.dispose();
  return seen;
}

beforeAll(async () => {
  for (const precision of ['float32', 'bfloat16'] as const) {
    measured.set(precision, { losses: await inPrecision(precision, losses), imagesPerSecond: 1 });
  }
});
afterAll(() => measured.clear());

test('the loss follows float32, and is not the same to the bit', () => {
  const [float32, bfloat16] = [measured.get('float32')!, measured.get('bfloat16')!];
  const { largestDifference } = comparePrecisions(float32, bfloat16);
  expect(float32.losses[29]).toBeLessThan(0.8 * float32.losses[0]!);
  expect(largestDifference).toBeGreaterThan(0);
  expect(largestDifference).toBeLessThan(0.05);
});

test.each<[string, Partial<Recipe['training']>]>([
  ['sgd', { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true }, gradientClipping: null }],
  ['adamw', { optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } }],
])('with %s, weights, averages, optimizerState and sums are kept in float32', async (_, training) => {
  await inPrecision('bfloat16', async () => {
    const changed = { ...recipe, training: { ...recipe.training, batchSize: 8, ...training } };
    const trainer = await openTrainer(changed, sampleData(640, 32));
    try {
      // 257 is the first count that 8 significant bits do not hold.
      for (let number = 1; number <= 300; number += 1)
        trainer.trainStep(number, { epochs: [], stepsBefore: 0 });
      const { steps, correct } = await trainer.step.totals();
      expect(steps).toBe(300);
      expect(correct).toBeGreaterThan(256);
      expect(correct).toBeLessThan(2400);
      const { network, average, optimizerState } = trainer.variables;
      for (const { name, variable } of [
        network.trainable,
        average!.trainable,
        ...optimizerState.values(),
      ].flat()) {
        const bits = new Uint32Array((variable.dataSync() as Float32Array).slice().buffer);
        const short = bits.filter((value) => (value & 0xffff) === 0).length / bits.length;
        expect(short, `share of ${name} in 16 bits`).toBeLessThan(0.5);
      }
    } finally {
      trainer.dispose();
    }
  });
});
