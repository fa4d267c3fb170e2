/** Losses and their gradients against formulas and differences in double precision. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { batchLoss, type LossOptions } from './losses.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const logits = [
  [2, -1, 0.5],
  [0.1, 0.2, -3],
  [-4, 1, 1.5],
  [8, 0, 0],
];
/** One of one class, two mixed; the last is sure and right. */
const targets = [
  [0, 1, 0],
  [0.7, 0.3, 0],
  [0.25, 0, 0.75],
  [1, 0, 0],
];
const plain: LossOptions = { loss: { kind: 'cross-entropy' }, labelSmoothing: 0, classWeights: null };

function softmax(row: number[]): number[] {
  const highest = Math.max(...row);
  const powers = row.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** The training loss in double precision, image by image. */
function byHand(rows: number[][], { loss, labelSmoothing, classWeights }: LossOptions): number {
  const gamma = loss.kind === 'focal' ? loss.gamma : 0;
  const losses = rows.map((row, image) => {
    const p = softmax(row);
    const target = targets[image]!;
    const weight = target.reduce((sum, share, c) => sum + share * (classWeights?.[c] ?? 1), 0);
    const terms = target.map((share, c) => {
      const smooth = share * (1 - labelSmoothing) + labelSmoothing / row.length;
      return -smooth * (1 - p[c]!) ** gamma * Math.log(p[c]!);
    });
    return weight * terms.reduce((sum, term) => sum + term, 0);
  });
  return losses.reduce((sum, value) => sum + value, 0) / rows.length;
}

function onEngine(options: LossOptions) {
  const [value, gradient, crossEntropy, correct] = tf.tidy(() => {
    const t = tf.tensor2d(targets);
    const of = (x: tf.Tensor) => batchLoss(x as tf.Tensor2D, t, options);
    const { value: loss, grad } = tf.valueAndGrad((x) => of(x).trainingLoss)(tf.tensor2d(logits));
    const seen = of(tf.tensor2d(logits));
    return [loss, grad, seen.crossEntropy, seen.correct].map((tensor) => [...tensor.dataSync()]);
  });
  return { value: value![0]!, gradient: gradient!, crossEntropy: crossEntropy![0]!, correct: correct![0]! };
}

const weights = Float32Array.of(0.5, 2, 1.25);
describe.each<[string, LossOptions]>([
  ['cross-entropy', plain],
  ['label smoothing', { ...plain, labelSmoothing: 0.2 }],
  ['class weights', { ...plain, classWeights: weights }],
  ['class weights and smoothing', { ...plain, classWeights: weights, labelSmoothing: 0.1 }],
  ['focal', { ...plain, loss: { kind: 'focal', gamma: 2 } }],
  ['focal with gamma below 1', { ...plain, loss: { kind: 'focal', gamma: 0.5 } }],
  ['all of them', { loss: { kind: 'focal', gamma: 1.5 }, labelSmoothing: 0.1, classWeights: weights }],
])('%s', (_, options) => {
  test('is what the formula gives, and so is its gradient', () => {
    const { value, gradient, crossEntropy, correct } = onEngine(options);
    expect(value).toBeCloseTo(byHand(logits, options), 5);
    logits.forEach((row, image) =>
      row.forEach((_, c) => {
        const moved = (by: number) =>
          logits.map((other, i) => other.map((x, j) => (i === image && j === c ? x + by : x)));
        const slope = (byHand(moved(1e-5), options) - byHand(moved(-1e-5), options)) / 2e-5;
        expect(gradient[image * row.length + c]).toBeCloseTo(slope, 4);
      }),
    );
    // Counted are the targets as they are, whatever the training loss is.
    expect(crossEntropy).toBeCloseTo(byHand(logits, plain), 5);
    // Answers 0, 1, 2, 0; the heaviest targets are 1, 0, 2, 0.
    expect(correct).toBe(2);
  });
});

test('weights of 1 change nothing but rounding, and focal with gamma 0 is cross-entropy to the bit', () => {
  const { value } = onEngine(plain);
  expect(onEngine({ ...plain, classWeights: Float32Array.of(1, 1, 1) }).value).toBeCloseTo(value, 6);
  expect(onEngine({ ...plain, loss: { kind: 'focal', gamma: 0 } })).toEqual(onEngine(plain));
});

test('an image whose answer float32 rounds to certain has no gradient, and no NaN', () => {
  const gradient = tf.tidy(() => {
    const sure = tf.tensor2d([[60, 0, -60]]);
    const t = tf.tensor2d([[1, 0, 0]]);
    const focal: LossOptions = { ...plain, loss: { kind: 'focal', gamma: 0.5 } };
    return [
      ...tf
        .grad((x) => batchLoss(x as tf.Tensor2D, t, focal).trainingLoss)(sure)
        .dataSync(),
    ];
  });
  gradient.forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-6));
});
