/** Update rules against the papers' formulas in double precision, over several steps, on the real engine. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Optimizer } from '#contract/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { decayed, updateRule } from './optimizers.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** Gradient of the valley w² at w, so that each step depends on all before. */
const gradient = (w: number) => 2 * w;
const rate = 0.1;

function run(optimizer: unknown, steps: number, weightDecay = 0): number[] {
  const rule = updateRule(Optimizer.parse(optimizer));
  let slots = rule.slots.map(() => [0]);
  let weight = [1];
  const path: number[] = [];
  for (let step = 1; step <= steps; step += 1) {
    tf.tidy(() => {
      const before = tf.tensor1d(weight);
      const learningRate = tf.scalar(rate);
      const updated = rule.update(
        decayed(before, learningRate, weightDecay),
        tf.mul(before, 2),
        slots.map((slot) => tf.tensor1d(slot)),
        learningRate,
        rule.corrections(step).map((value) => tf.scalar(value)),
      );
      weight = [...updated.weight.dataSync()];
      slots = updated.slots.map((slot) => [...slot.dataSync()]);
    });
    path.push(weight[0]!);
  }
  return path;
}

const expectPath = (actual: number[], expected: (step: number) => number) =>
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected(index + 1), 5));

describe('updateRule', () => {
  test('adam', () => {
    let [w, m, v] = [1, 0, 0];
    expectPath(run({ kind: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }, 20), (step) => {
      const g = gradient(w);
      m = 0.8 * m + 0.2 * g;
      v = 0.95 * v + 0.05 * g * g;
      w -= (rate * (m / (1 - 0.8 ** step))) / (Math.sqrt(v / (1 - 0.95 ** step)) + 1e-6);
      return w;
    });
  });

  test.each([true, false])('sgd with momentum, nesterov %s, as PyTorch has it', (nesterov) => {
    let [w, b] = [1, 0];
    expectPath(run({ kind: 'sgd', momentum: 0.7, nesterov }, 20), () => {
      const g = gradient(w);
      b = 0.7 * b + g;
      w -= rate * (nesterov ? g + 0.7 * b : b);
      return w;
    });
  });

  test('sgd without momentum is gradient descent', () => {
    expectPath(run({ kind: 'sgd', momentum: 0, nesterov: false }, 5), (step) => 0.8 ** step);
  });

  test('weight decay shrinks the weight apart from the gradient', () => {
    let w = 1;
    expectPath(run({ kind: 'sgd', momentum: 0, nesterov: false }, 5, 0.5), () => {
      w = w * (1 - rate * 0.5) - rate * gradient(w);
      return w;
    });
  });
});
