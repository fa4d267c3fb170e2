/** What a linear probe makes of the classifier before the first step, and that a resumed run makes the same of it. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { fitClassifier } from './linear-probe.ts';
import { probe } from '#learning/training/probes/probe.ts';
import { folder, setUpRuns, trained } from '#learning/training/testing-runs.ts';
import { outcomeOf, sampleData, smallRecipe } from '#learning/training/testing.ts';
import type { TrainingOptions } from '#learning/training/loop/training-options.ts';

setUpRuns();

const data = sampleData(192, 64);
const layers = [
  { kind: 'conv', filters: 6, stride: 2 },
  { kind: 'inverted-residual', filters: 6, expand: 2, stride: 2 },
  { kind: 'flatten' },
  { kind: 'dropout', rate: 0.2 },
];
const recipeOf = (frozenLayers: number, training: Partial<Recipe['training']> = {}) =>
  smallRecipe({
    model: { layers },
    training: {
      frozenLayers,
      cachedViews: 3,
      linearProbe: true,
      batchNorm: 'running',
      weightAveraging: 0.9,
      ...training,
    },
  });
const signal = new AbortController().signal;
const run = (at: string, recipe: Recipe, options: Partial<TrainingOptions> = {}) =>
  trained(recipe, data, { folder: join(folder, at), ...options });

/** Of validation images, as a run begins. */
const accuracyAtTheBeginning = (recipe: Recipe) =>
  probe(recipe, data, { signal }, async (trainer) => {
    const probabilities = await trainer.validate(signal);
    const right = Array.from(data.validation).filter((image, at) => {
      const own = probabilities.subarray(at * 10, at * 10 + 10);
      return own.indexOf(Math.max(...own)) === data.labels[image];
    });
    return right.length / data.validation.length;
  });

test.each([
  ['where features are kept', 1],
  ['up to the classifier, too', 4],
  ['from the images', 0],
])(
  'the classifier is right far more often than by chance before the first step, %s',
  async (_title, frozen) => {
    expect(await accuracyAtTheBeginning(recipeOf(frozen, { linearProbe: false }))).toBeLessThan(0.35);
    expect(await accuracyAtTheBeginning(recipeOf(frozen))).toBeGreaterThan(0.5);
  },
);

test('done again, it gives the same weights, and leaves those of other layers be', async () => {
  await probe(recipeOf(1), data, { signal }, async (trainer) => {
    const values = () =>
      trainer.variables.network.variables.map(({ name, variable }) => [name, [...variable.dataSync()]]);
    const first = values();
    await fitClassifier(trainer, signal);
    expect(values()).toEqual(first);
    const average = trainer.variables.average!.variables.map(({ name, variable }) => [
      name,
      [...variable.dataSync()],
    ]);
    expect(average).toEqual(first);
  });
  const without = await probe(recipeOf(1, { linearProbe: false }), data, { signal }, (trainer) =>
    Promise.resolve(
      trainer.variables.network.variables.map(({ name, variable }) => [name, [...variable.dataSync()]]),
    ),
  );
  await probe(recipeOf(1), data, { signal }, (trainer) => {
    for (const [at, { name, variable }] of trainer.variables.network.variables.entries())
      if (!name.startsWith('classifier/')) expect([...variable.dataSync()], name).toEqual(without[at]![1]);
    return Promise.resolve();
  });
});

test('a class without training images is never likely', async () => {
  const some = { ...data, train: data.train.filter((image) => data.labels[image] !== 3) };
  await probe(recipeOf(1), some, { signal }, async (trainer) => {
    const probabilities = await trainer.validate(signal);
    for (let at = 3; at < probabilities.length; at += 10) expect(probabilities[at]).toBeLessThan(0.5);
  });
});

test('stopped before the first step and resumed: the same bytes', async () => {
  const recipe = recipeOf(1);
  await run('whole', recipe);
  const stop = new AbortController();
  const stopped = await run('parts', recipe, {
    signal: stop.signal,
    onEvent: ({ kind }) => {
      if (kind === 'started') stop.abort();
    },
  });
  expect(stopped.stopped).toBe('cancelled');
  await run('parts', recipe, { resume: true });
  expect(await outcomeOf(join(folder, 'parts'))).toEqual(await outcomeOf(join(folder, 'whole')));
});

test('a run that is continued keeps its classifier; one that is fine-tuned does not', async () => {
  await run('before', recipeOf(1));
  const { weights } = await loadModel(join(folder, 'before'));
  const kept = await probe(
    recipeOf(1),
    data,
    { signal, initial: join(folder, 'before', 'model.safetensors') },
    (trainer) =>
      Promise.resolve([
        ...trainer.variables.network.variables
          .find(({ name }) => name === 'classifier/kernel')!
          .variable.dataSync(),
      ]),
  );
  expect(kept).not.toEqual([...weights.get('classifier/kernel')!]);
  const initial = join(folder, 'initial.safetensors');
  await copyFile(join(folder, 'before', 'checkpoint-12.safetensors'), initial);
  const [continued, plain] = await Promise.all(
    [recipeOf(1), recipeOf(1, { linearProbe: false })].map((recipe) =>
      probe(recipe, data, { signal, initial }, (trainer) => trainer.validate(signal)),
    ),
  );
  expect(continued).toEqual(plain);
});
