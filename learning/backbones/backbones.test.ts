/** The backbones that set-up fetched: their weights, converted and computed here, against numbers that PyTorch computed. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backboneNames } from '#recipe/backbone-name.ts';
import { Recipe } from '#recipe/recipe.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { countParameters, planOf } from '#recipe/plan.ts';
import { resolveNormalisation, normalise } from '#learning/model/preprocessing.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { readInitial } from '#learning/training/checkpoint/initial.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { findPublished, openBackbone } from './backbones.ts';
import { backboneLayers } from '#recipe/efficientnet-lite.ts';
import { convertWeights } from './efficientnet-lite-weights.ts';
import { backboneFolder } from './places.ts';
import { publishedPreprocessing } from '#recipe/published-backbones.ts';
import { readTorchFile } from './torch-file.ts';

const recipeOf = (name: (typeof backboneNames)[number]) =>
  Recipe.parse({
    ...smallRecipe(),
    preprocessing: { ...publishedPreprocessing(name), fit: 'stretch' },
    model: { backbone: name, layers: backboneLayers(name), parameterBudget: 50_000_000 },
  });

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** The picture of the numbers: red along x, green along y, blue along both. */
function picture(): Uint8Array {
  const pixels = new Uint8Array(224 * 224 * 3);
  for (let y = 0; y < 224; y += 1) {
    for (let x = 0; x < 224; x += 1) {
      pixels.set(
        [(x * 255) / 223, (y * 255) / 223, ((x + y) * 255) / 446].map(Math.floor),
        (y * 224 + x) * 3,
      );
    }
  }
  return pixels;
}

test('EfficientNet-Lite0 gives the features and classes that PyTorch gives', async () => {
  const name = 'efficientnet-lite0';
  const file = await readFile(join(backboneFolder(name), 'weights.pth'));
  const weights = convertWeights(name, readTorchFile(file));
  const recipe = recipeOf(name);
  const network = buildNetwork(recipe, 1000, weights);
  const pixels = picture();
  const normalisation = resolveNormalisation(recipe.preprocessing, pixels, [0]);
  const [features, likeliest] = tf.tidy(() => {
    const x = normalise(tf.tensor4d(Float32Array.from(pixels), [1, 224, 224, 3]), normalisation);
    const outputs = network.outputs(x, { training: false });
    const probabilities = tf.softmax(outputs.at(-1)!).dataSync();
    return [
      outputs.at(-2)!.dataSync() as Float32Array,
      [...probabilities].map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p),
    ];
  });
  expect(features.length).toBe(1280);
  expect(features.reduce((sum, value) => sum + value, 0)).toBeCloseTo(93.9856, 3);
  expect(Math.sqrt(features.reduce((sum, value) => sum + value ** 2, 0))).toBeCloseTo(13.2019, 3);
  expect(likeliest.slice(0, 5).map(({ index }) => index)).toEqual([818, 782, 604, 844, 499]);
  [0.03168, 0.02476, 0.02145, 0.01759, 0.0168].forEach((p, place) =>
    expect(likeliest[place]!.p).toBeCloseTo(p, 4),
  );
  network.dispose();
});

describe.each(backboneNames)('%s', (name) => {
  test('is on this machine, and says where it is from', () => {
    expect(findPublished(name)).toMatchObject({ licence: 'Apache-2.0', version: '0.1.0' });
  });

  test('as safetensors it holds each weight of its layers, and a training can begin with it', async () => {
    const path = await openBackbone(name);
    const { tensors } = decodeSafetensors(readFileSync(path));
    const plan = planOf(recipeOf(name), 1000);
    const own = plan.weights.filter(({ name: weight }) => !weight.startsWith('classifier/'));
    expect([...tensors].map(([weight, { shape }]) => [weight, shape]).sort()).toEqual(
      own.map(({ name: weight, shape }) => [weight, [...shape]]).sort(),
    );
    expect((await readInitial(path)).how).toBe('backbone');
    // As published: 4,652,008 and 6,092,072 parameters with running values of batch norm beside them.
    if (name === 'efficientnet-lite0') expect(countParameters(plan.weights)).toBe(4_652_008 + 42_016);
  });
});
