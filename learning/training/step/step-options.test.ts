/**
 * Every optimizer and option of a step as a family: the same seed gives the same bytes, an option that is on changes
 * them, one that is neutral does not. What the step computes is checked in step.test.ts, losses.test.ts and
 * optimizers.test.ts against other arithmetic.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { Optimizer, type OptimizerKind } from '#recipe/optimizer.ts';
import { buildNetwork, readWeights } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { residentImages } from '#learning/tensorflow/operations.ts';
import { resolveClassWeights } from '#recipe/class-weights.ts';
import { openStep, prepareBatch, type StepParts } from './step.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const data = sampleData(96, 0);
const batches = [0, 1, 2].map((place) => data.train.slice(32 * place, 32 * place + 32));

function partsOf(recipe: Recipe): StepParts {
  return {
    recipe,
    network: buildNetwork(recipe, 10),
    average: null,
    images: residentImages(data.pixels, [96, 28, 28, 1]),
    labels: data.labels,
    normalisation: { mean: [0.3], std: [0.35] },
    classWeights: resolveClassWeights(recipe.training, data.labels, data.train, 10),
  };
}

/** All weights and all that is remembered after three steps, and the totals. */
async function taken(recipe: Recipe) {
  const parts = partsOf(recipe);
  const step = openStep(parts);
  batches.forEach((batch, index) => step.run(batch, 0.02, index + 1));
  const bytes: number[][] = [];
  for (const variables of [parts.network.variables, ...step.optimizerState.values()]) {
    for (const values of (await readWeights({ variables })).values()) {
      bytes.push([...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
    }
  }
  const totals = await step.totals();
  step.dispose();
  parts.images!.dispose();
  parts.network.dispose();
  return { bytes, totals };
}

const base = smallRecipe();
const layers = base.model;
const withTraining = (training: Partial<Recipe['training']>) => smallRecipe({ training });

describe('optimizers', () => {
  const kinds: OptimizerKind[] = ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad', 'lion', 'muon'];
  test.each(kinds)('%s: the same bytes each time, finite, and nothing left behind', async (kind) => {
    const recipe = withTraining({ optimizer: Optimizer.parse({ kind }) });
    const before = engine.counts();
    const first = await taken(recipe);
    expect(await taken(recipe)).toEqual(first);
    expect(engine.counts()).toEqual(before);
    expect(first.totals).toMatchObject({ steps: 3, firstNotFinite: 0 });
    const other = await taken({ ...recipe, training: { ...recipe.training, seed: 2 } });
    expect(other.bytes).not.toEqual(first.bytes);
  });

  test('adam and adamw differ by where the decay goes, and by nothing else', async () => {
    const of = (kind: 'adam' | 'adamw', weightDecay: number) =>
      taken(withTraining({ optimizer: Optimizer.parse({ kind }), weightDecay }));
    expect(await of('adam', 0)).toEqual(await of('adamw', 0));
    expect((await of('adam', 0.1)).bytes).not.toEqual((await of('adamw', 0.1)).bytes);
  });
});

describe('options', () => {
  test.each<[string, Recipe]>([
    ['focal loss', withTraining({ loss: { kind: 'focal', gamma: 2 } })],
    ['class weights, balanced', withTraining({ classWeights: { kind: 'balanced' } })],
    [
      'class weights, given',
      withTraining({ classWeights: { kind: 'custom', weights: [5, 1, 1, 1, 1, 1, 1, 1, 1, 0] } }),
    ],
    ['clipping', withTraining({ gradientClipping: 0.01 })],
    ['L1', smallRecipe({ model: { ...layers, l1: 0.01 } })],
    ['L2', smallRecipe({ model: { ...layers, l2: 0.01 } })],
    ['mixup', smallRecipe({ augmentation: [{ kind: 'mixup', probability: 1, alpha: 1 }] })],
    ['cutmix', smallRecipe({ augmentation: [{ kind: 'cutmix', probability: 1, alpha: 1 }] })],
  ])('%s: changes the bytes, the same way each time', async (_, recipe) => {
    const on = await taken(recipe);
    expect(on.bytes).not.toEqual((await taken(base)).bytes);
    expect(await taken(recipe)).toEqual(on);
    expect(on.totals.firstNotFinite).toBe(0);
  });

  test.each<[string, Recipe]>([
    [
      'equal weights given',
      withTraining({ classWeights: { kind: 'custom', weights: new Array<number>(10).fill(7) } }),
    ],
    ['focal loss with gamma 0', withTraining({ loss: { kind: 'focal', gamma: 0 } })],
    ['a limit that no gradient reaches', withTraining({ gradientClipping: 1000 })],
  ])('%s: changes no byte', async (_, recipe) => {
    expect(await taken(recipe)).toEqual(await taken(base));
  });
});

test('clipping holds what all gradients together move: by rate × limit where SGD has no momentum', async () => {
  const recipe = withTraining({
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    weightDecay: 0,
    gradientClipping: 0.125,
  });
  const parts = partsOf(recipe);
  const step = openStep(parts);
  const before = await readWeights(parts.network);
  step.run(batches[0]!, 0.5, 1);
  const after = await readWeights(parts.network);
  let squares = 0;
  for (const { name } of parts.network.trainable) {
    after.get(name)!.forEach((value, index) => (squares += (value - before.get(name)![index]!) ** 2));
  }
  expect(Math.sqrt(squares)).toBeCloseTo(0.5 * 0.125, 5);
  step.dispose();
  parts.images!.dispose();
  parts.network.dispose();
});

test('with mixed answers, totals hold the cross-entropy to the mixture and the heavier answers met', async () => {
  const recipe = smallRecipe({
    augmentation: [{ kind: 'mixup', probability: 1, alpha: 0.7 }],
    model: { layers: [{ kind: 'flatten' }] },
    training: { labelSmoothing: 0.3, loss: { kind: 'focal', gamma: 2 }, classWeights: { kind: 'balanced' } },
  });
  const parts = partsOf(recipe);
  const weights = await readWeights(parts.network);
  const step = openStep(parts);
  step.run(batches[1]!, 0.1, 9);
  const totals = await step.totals();

  // The batch as the step saw it, and softmax regression by hand.
  const [x, targets] = tf
    .tidy(() => {
      const answers = batches[1]!.map((index) => data.labels[index]!);
      const seed = tf.tensor1d([recipe.training.seed, 9], 'int32');
      const batch = prepareBatch(
        parts,
        tf.tensor1d(batches[1]!, 'int32'),
        tf.tensor1d(answers, 'int32'),
        seed,
      );
      return [tf.keep(batch.x), tf.keep(batch.targets)];
    })
    .map((tensor) => {
      const values = [...tensor.dataSync()];
      tensor.dispose();
      return values;
    });
  const kernel = weights.get('classifier/kernel')!;
  let [loss, correct, mixed] = [0, 0, 0];
  for (let image = 0; image < 32; image += 1) {
    const pixels = x!.slice(image * 784, (image + 1) * 784);
    const target = targets!.slice(image * 10, (image + 1) * 10);
    const logits = target.map((_, c) =>
      pixels.reduce((sum, value, i) => sum + value * kernel[i * 10 + c]!, 0),
    );
    const highest = Math.max(...logits);
    const logTotal = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
    loss -= target.reduce((sum, share, c) => sum + share * (logits[c]! - logTotal), 0) / 32;
    correct += logits.indexOf(highest) === target.indexOf(Math.max(...target)) ? 1 : 0;
    mixed += target.filter((share) => share > 0.01).length > 1 ? 1 : 0;
    expect(target.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  }
  expect(mixed).toBeGreaterThan(5);
  expect(totals.loss).toBeCloseTo(loss, 4);
  expect(totals.correct).toBe(correct);
  step.dispose();
  parts.images!.dispose();
  parts.network.dispose();
});

test('totals that were read and set again go on to the same bits', async () => {
  const parts = partsOf(base);
  const whole = openStep(parts);
  whole.run(batches[0]!, 0.02, 1);
  const half = await whole.totals();
  whole.run(batches[1]!, 0.02, 2);
  const expected = await whole.totals();
  whole.dispose();
  parts.network.dispose();

  const again = { ...parts, network: buildNetwork(base, 10) };
  const step = openStep(again);
  step.run(batches[0]!, 0.02, 1);
  step.setTotals({ loss: 99, correct: 99, steps: 99, firstNotFinite: 99 });
  expect((await step.totals()).firstNotFinite).toBe(99);
  step.setTotals(half);
  step.run(batches[1]!, 0.02, 2);
  expect(await step.totals()).toEqual(expected);
  step.dispose();
  again.network.dispose();
  parts.images!.dispose();
});

test('a penalty that is infinite counts as a loss that is not finite, though the answers are', async () => {
  const parts = partsOf(smallRecipe({ model: { ...layers, l2: 1 } }));
  const { variable } = parts.network.trainable.find(({ weight }) => weight.role === 'kernel')!;
  // Batch norm takes the size of what comes before it away: answers stay finite.
  tf.tidy(() => variable.assign(tf.fill(variable.shape, 1e25)));
  const step = openStep(parts);
  step.run(batches[0]!, 0, 4);
  expect((await step.totals()).firstNotFinite).toBe(4);
  step.dispose();
  parts.images!.dispose();
  parts.network.dispose();
});
