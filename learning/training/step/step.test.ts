/** One traced step against the same arithmetic in double precision: loss, smoothing, decay, average, totals. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNetwork, readWeights, writeWeights } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { residentImages } from '#learning/tensorflow/operations.ts';
import { openStep } from './step.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const [smoothing, weightDecay, rate, averaging] = [0.1, 0.2, 0.05, 0.2];
const recipe = smallRecipe({
  augmentation: [],
  model: { layers: [{ kind: 'flatten' }] },
  training: {
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    labelSmoothing: smoothing,
    weightDecay,
    weightAveraging: averaging,
  },
});
const data = sampleData(4, 0);
const batch = Int32Array.of(2, 0, 3);

/** Softmax regression by hand. @returns mean cross-entropy, correct answers, and the weights after the step */
function byHand(kernel: ArrayLike<number>, bias: ArrayLike<number>) {
  const newKernel = Array.from(kernel, (w) => w * (1 - rate * weightDecay));
  const newBias = Array.from(bias);
  let [loss, correct] = [0, 0];
  for (const image of batch) {
    const x = Array.from(data.pixels.subarray(image * 784, image * 784 + 784), (pixel) => pixel / 255);
    const logits = newBias.map((_, c) => x.reduce((sum, v, i) => sum + v * kernel[i * 10 + c]!, bias[c]!));
    const highest = Math.max(...logits);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
    const p = logits.map((logit) => Math.exp(logit - highest) / total);
    const label = data.labels[image]!;
    loss -= Math.log(p[label]!) / batch.length;
    correct += logits.indexOf(highest) === label ? 1 : 0;
    p.forEach((probability, c) => {
      const target = (c === label ? 1 - smoothing : 0) + smoothing / 10;
      const gradient = (probability - target) / batch.length;
      newBias[c]! -= rate * gradient;
      x.forEach((v, i) => (newKernel[i * 10 + c]! -= rate * gradient * v));
    });
  }
  return { loss, correct, kernel: newKernel, bias: newBias };
}

test('two steps give what the formulas give; totals add up and reset', async () => {
  const network = buildNetwork(recipe, 10);
  const average = buildNetwork(recipe, 10);
  const images = residentImages(data.pixels, [4, 28, 28, 1]);
  const normalisation = { mean: [0], std: [1] };
  const step = openStep({
    recipe,
    network,
    average,
    images,
    labels: data.labels,
    normalisation,
    classWeights: null,
  });

  // The initial bias is zero, where a wrong decay of biases would not show.
  const weights = await readWeights(network);
  weights.set(
    'classifier/bias',
    Float32Array.from({ length: 10 }, (_, c) => c / 10),
  );
  writeWeights(network, weights);
  const mean = (await readWeights(average)).get('classifier/bias')!;

  let expected = {
    loss: 0,
    correct: 0,
    kernel: [...weights.get('classifier/kernel')!],
    bias: [...weights.get('classifier/bias')!],
  };
  let [loss, correct] = [0, 0];
  for (const number of [1, 2]) {
    step.run(batch, rate, number);
    expected = byHand(expected.kernel, expected.bias);
    loss += expected.loss;
    correct += expected.correct;
    // A young average follows faster than the recipe says: by 2/11 at first, then by the recipe's 0.2.
    const decay = number === 1 ? 2 / 11 : averaging;
    mean.forEach((m, c) => (mean[c] = decay * m + (1 - decay) * expected.bias[c]!));
  }
  const after = await readWeights(network);
  expected.kernel.forEach((w, i) => expect(after.get('classifier/kernel')![i]).toBeCloseTo(w, 4));
  expected.bias.forEach((w, i) => expect(after.get('classifier/bias')![i]).toBeCloseTo(w, 5));
  const averaged = (await readWeights(average)).get('classifier/bias')!;
  mean.forEach((m, c) => expect(averaged[c]).toBeCloseTo(m, 5));

  const totals = await step.totals();
  expect(totals).toMatchObject({ correct, steps: 2, firstNotFinite: 0 });
  expect(totals.loss).toBeCloseTo(loss, 4);
  step.resetTotals();
  expect(await step.totals()).toEqual({ loss: 0, correct: 0, steps: 0, firstNotFinite: 0 });
  step.dispose();
  images.dispose();
  average.dispose();
  network.dispose();
});

test('the first step whose loss is not finite is remembered, not the last', async () => {
  const network = buildNetwork(recipe, 10);
  const images = residentImages(data.pixels, [4, 28, 28, 1]);
  const normalisation = { mean: [0], std: [1] };
  const step = openStep({
    recipe,
    network,
    average: null,
    images,
    labels: data.labels,
    normalisation,
    classWeights: null,
  });
  step.run(batch, rate, 5);
  const weights = await readWeights(network);
  weights.get('classifier/bias')!.fill(NaN);
  writeWeights(network, weights);
  step.run(batch, rate, 6);
  step.run(batch, rate, 7);
  const totals = await step.totals();
  expect(totals).toMatchObject({ steps: 3, firstNotFinite: 6 });
  expect(Number.isFinite(totals.loss)).toBe(true);
  step.dispose();
  images.dispose();
  network.dispose();
});

test('a trace that throws leaves nothing behind', () => {
  const network = buildNetwork(recipe, 10);
  const images = residentImages(data.pixels, [4, 28, 28, 1]);
  const step = openStep({
    recipe: { ...recipe, training: { ...recipe.training, weightAveraging: null } },
    network,
    average: null,
    images: { ...images, gather: () => expect.unreachable('no images') },
    labels: data.labels,
    normalisation: { mean: [0], std: [1] },
    classWeights: null,
  });
  const failing = () => expect(() => step.run(batch, rate, 1)).toThrow('no images');
  // The engine takes what variables begin with when they are first asked for.
  failing();
  const before = engine.counts();
  failing();
  expect(engine.counts()).toEqual(before);
  step.dispose();
  images.dispose();
  network.dispose();
});
