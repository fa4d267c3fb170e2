/** What is still to be computed for a training, and for all folds of a cross-validation, beside what is kept already. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Augmentation } from '#recipe/augmentation.ts';
import { Recipe } from '#recipe/recipe.ts';
import { defineBackbone } from '#learning/backbones/definition.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import { type View, viewKey, viewsOf } from '#learning/model/feature-key.ts';
import { openFeatureStore } from '../../images/features/feature-store.ts';
import { OpenProject } from '../../project/project.ts';
import { fillWithFolder, writePicture } from '../../testing.ts';
import { missing } from './missing.ts';

const side = 32;
const count = 30;
let folder: string;
let project: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-missing-'));
  for (let seed = 0; seed < count; seed++)
    await writePicture(
      join(folder, 'pictures', `c${seed % 2}`, `${seed}.png`),
      { r: 9, g: seed, b: 5 },
      { seed },
    );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function newProject(name: string): Promise<void> {
  const opened = await OpenProject.create(join(folder, name), undefined, 'test');
  project = opened.path;
  await opened.close();
  await fillWithFolder(project, join(folder, 'pictures'));
}

const flip: Augmentation = { kind: 'horizontal-flip', probability: 0.5 };
const mixup: Augmentation = { kind: 'mixup', probability: 1, alpha: 0.2 };
async function recipeOf(augmentation: Augmentation[]): Promise<Recipe> {
  const { layers, frozenLayers, parameterBudget } = backboneStart(defineBackbone('efficientnet-lite0')!);
  const { preprocessing } = await embeddingNetwork({ kind: 'backbone', name: 'efficientnet-lite0', side });
  return Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Head',
    preprocessing,
    augmentation,
    model: { backbone: 'efficientnet-lite0', layers, parameterBudget },
    training: {
      ...{ optimizer: { kind: 'adamw' }, learningRate: 1e-3, schedule: { kind: 'constant' } },
      ...{ batchSize: 8, epochs: 2, frozenLayers, cachedViews: 4 },
    },
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const [train, validation, test_] = [range(0, 20), range(20, 26), range(26, 30)];
const pool = [...train, ...validation];

async function ask(recipe: Recipe, parts: { train: number[]; validation: number[]; test: number[] }) {
  const { signal } = new AbortController();
  const input = { project, recipe, classCount: 2, lastItemId: count, initial: null, ...parts };
  const { features, testFeatures } = await missing(input, { emit: () => undefined, signal });
  return { features, testFeatures };
}
const ofOne = (recipe: Recipe) => ask(recipe, { train, validation, test: test_ });
const ofFolds = (recipe: Recipe) => ask(recipe, { train: pool, validation: pool, test: [] });

test.each([
  ['images as they are, once each', [], 26, 26],
  ['mixup alone mixes features, and draws no views', [mixup], 26, 26],
  ['views of those that are trained on, and the others as they are', [flip], 4 * 20 + 6, 5 * 26],
  ['views beside mixup', [flip, mixup], 4 * 20 + 6, 5 * 26],
])('with nothing kept: %s', async (_, augmentation, one, folds) => {
  await newProject(`nothing-${String(augmentation.map(({ kind }) => kind).join('-'))}`);
  const recipe = await recipeOf(augmentation);
  expect(await ofOne(recipe)).toEqual({ features: one, testFeatures: 4 });
  expect(await ofFolds(recipe)).toEqual({ features: folds, testFeatures: 0 });
});

test('what a training kept is not computed again, by it or by any fold', async () => {
  await newProject('kept');
  const recipe = await recipeOf([flip]);
  const network = await embeddingNetwork({ kind: 'backbone', name: 'efficientnet-lite0', side });
  const store = openFeatureStore(project, recipe.preprocessing, count);
  const keep = (view: View | null, rows: number[]) =>
    store.read(viewKey(network.key, view), Int32Array.from(rows), network.size, (some) =>
      Promise.resolve(new Float32Array(some.length * network.size)),
    );
  for (const view of viewsOf(recipe, 4)) await keep(view, train);
  await keep(null, validation);
  expect(await ofOne(recipe)).toEqual({ features: 0, testFeatures: 4 });
  expect(await ofFolds(recipe)).toEqual({ features: 4 * 6 + 20, testFeatures: 0 });
  await keep(null, [...train, ...test_]);
  expect(await ofOne(recipe)).toEqual({ features: 0, testFeatures: 0 });
  expect(await ofFolds(recipe)).toEqual({ features: 4 * 6, testFeatures: 0 });
});
