/** A learner that cannot be opened, or is closed, leaves nothing behind; its average starts as its network. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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
