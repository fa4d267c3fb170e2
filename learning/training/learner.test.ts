/** A learner that cannot be opened, or is closed, leaves nothing behind; its average starts as its network. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Epoch } from '#contract/run.ts';
import * as initialisers from '#learning/model/initialisers.ts';
import { readWeights } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { openLearner } from './learner.ts';
import * as stepping from './step.ts';
import { sampleData, smallRecipe } from './testing.ts';

vi.mock('./step.ts', { spy: true });
vi.mock('#learning/model/initialisers.ts', { spy: true });

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const recipe = smallRecipe({ training: { weightAveraging: 0.9 } });
const data = sampleData(40, 8);

test('closes what was open when its images do not fit', async () => {
  const before = engine.counts();
  await expect(openLearner(recipe, { ...data, pixels: data.pixels.slice(1) })).rejects.toThrow(
    /Images of shape/,
  );
  expect(engine.counts()).toEqual(before);
});

test('closes what was open when its step cannot be opened', async () => {
  const before = engine.counts();
  vi.mocked(stepping.openStep).mockImplementationOnce(() => {
    throw new Error('No step.');
  });
  await expect(openLearner(recipe, data)).rejects.toThrow('No step.');
  expect(engine.counts()).toEqual(before);
});

test('closes all, and draws first values once for network and average', async () => {
  const before = engine.counts();
  vi.mocked(initialisers.initialValues).mockClear();
  const learner = await openLearner(recipe, data);
  const { network, average } = learner.variables;
  expect(initialisers.initialValues).toHaveBeenCalledTimes(network.variables.length);
  expect(await readWeights(average!)).toEqual(await readWeights(network));
  learner.dispose();
  expect(engine.counts()).toEqual(before);
});

test('the rate of a step is that of the epochs before it, whatever came later; its batch that of the runs before', async () => {
  const schedule = { kind: 'reduce-on-plateau', warmUp: 0, patience: 1, factor: 0.5, minimum: 0 } as const;
  const plateau = smallRecipe({ training: { schedule, epochs: 4, learningRate: 1 } });
  const learner = await openLearner(plateau, data);
  const ended = [3, 3, 3].map((validationLoss, index) => ({ epoch: index + 1, validationLoss }) as Epoch);
  expect(learner.stepsPerEpoch).toBe(1);
  const rates = (epochs: Epoch[]) => [1, 2, 3, 4].map((step) => learner.rateOf(step, { epochs }));
  expect(rates(ended)).toEqual([1, 1, 0.5, 0.25]);
  expect(learner.rateOf(1, { epochs: [] })).toBe(1);
  expect(learner.batchOf(1, { stepsBefore: 7 })).not.toEqual(learner.batchOf(1, { stepsBefore: 0 }));
  learner.dispose();
});
