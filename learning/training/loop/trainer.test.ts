/** A trainer that cannot be opened, or is closed, leaves nothing behind; its average starts as its network. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Epoch } from '#contract/run.ts';
import * as initialisers from '#learning/model/initialisers.ts';
import { readWeights } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { atTheBeginning } from '#learning/training/checkpoint/checkpoint.ts';
import { openTrainer } from './trainer.ts';
import * as stepping from '#learning/training/step/step.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { openReading, readVariables } from '#learning/training/checkpoint/variables.ts';

vi.mock('#learning/training/step/step.ts', { spy: true });
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
  await expect(openTrainer(recipe, { ...data, pixels: data.pixels.slice(1) })).rejects.toThrow(
    /Images of shape/,
  );
  expect(engine.counts()).toEqual(before);
});

test('closes what was open when its step cannot be opened', async () => {
  const before = engine.counts();
  vi.mocked(stepping.openStep).mockImplementationOnce(() => {
    throw new Error('No step.');
  });
  await expect(openTrainer(recipe, data)).rejects.toThrow('No step.');
  expect(engine.counts()).toEqual(before);
});

test('draws no first value that is known, and the others as ever', async () => {
  const drawn = await openTrainer(recipe, data);
  const all = await readWeights(drawn.variables.network);
  drawn.dispose();
  vi.mocked(initialisers.initialValues).mockClear();
  const trainer = await openTrainer(recipe, data, undefined, ({ name, shape }) =>
    name.startsWith('1.') ? new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7) : null,
  );
  for (const [name, values] of await readWeights(trainer.variables.network)) {
    if (name.startsWith('1.')) expect(new Set(values)).toEqual(new Set([7]));
    else expect(values).toEqual(all.get(name));
  }
  const known = trainer.variables.network.variables.filter(({ name }) => name.startsWith('1.')).length;
  expect(initialisers.initialValues).toHaveBeenCalledTimes(all.size - known);
  expect(known).toBeGreaterThan(0);
  trainer.dispose();
});

test('what steps changed is read anew, frozen weights once, and both together are all there is', async () => {
  const trainer = await openTrainer(smallRecipe({ training: { frozenLayers: 1 } }), data);
  await trainer.prepare({ signal: new AbortController().signal });
  const again = openReading(trainer.variables);
  expect((await again()).read).toEqual(await readVariables(trainer.variables));
  const { frozen, variables } = trainer.parts.network;
  for (const number of [1, 2]) {
    trainer.trainStep(number, atTheBeginning(0));
    const { values, read } = await again();
    expect(values).toEqual(await readVariables(trainer.variables));
    expect([...values.weights.keys()]).toEqual(variables.map(({ name }) => name));
    expect([...read.weights.keys()].some((name) => frozen.has(name))).toBe(false);
    expect(read.weights.size + frozen.size).toBe(variables.length);
  }
  expect(frozen.size).toBeGreaterThan(0);
  trainer.dispose();
});

test('closes all, and draws first values once for network and average', async () => {
  const before = engine.counts();
  vi.mocked(initialisers.initialValues).mockClear();
  const trainer = await openTrainer(recipe, data);
  const { network, average } = trainer.variables;
  expect(initialisers.initialValues).toHaveBeenCalledTimes(network.variables.length);
  expect(await readWeights(average!)).toEqual(await readWeights(network));
  trainer.dispose();
  expect(engine.counts()).toEqual(before);
});

test('the rate of a step is that of the epochs before it, whatever came later; its batch that of the runs before', async () => {
  const schedule = { kind: 'reduce-on-plateau', warmUp: 0, patience: 1, factor: 0.5, minimum: 0 } as const;
  const plateau = smallRecipe({ training: { schedule, epochs: 4, learningRate: 1 } });
  const trainer = await openTrainer(plateau, data);
  const ended = [3, 3, 3].map((validationLoss, index) => ({ epoch: index + 1, validationLoss }) as Epoch);
  expect(trainer.stepsPerEpoch).toBe(1);
  const rates = (epochs: Epoch[]) => [1, 2, 3, 4].map((step) => trainer.rateOf(step, { epochs }));
  expect(rates(ended)).toEqual([1, 1, 0.5, 0.25]);
  expect(trainer.rateOf(1, { epochs: [] })).toBe(1);
  expect(trainer.batchOf(1, { stepsBefore: 7 })).not.toEqual(trainer.batchOf(1, { stepsBefore: 0 }));
  trainer.dispose();
});
