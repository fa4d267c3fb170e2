/** The kept weights on disk: round trip, same bytes, damage, absence. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { smallRecipe } from '#learning/training/testing.ts';
import { loadModel, saveModel } from './model-file.ts';
import { planNetwork } from '#recipe/plan.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-model-'));
});
afterEach(() => rm(folder, { recursive: true }));

const recipe = smallRecipe();
const { weights: planned } = planNetwork(recipe.model, [28, 28, 1], 10);
const model = {
  recipe,
  classCount: 10,
  normalisation: { mean: [0.1], std: [0.3] },
  epoch: 3,
  weights: new Map(
    planned.map(({ name, shape }, i) => [
      name,
      new Float32Array(shape.reduce((total, side) => total * side, 1)).fill(i + 0.5),
    ]),
  ),
};
const path = () => join(folder, 'model.safetensors');

test('what was saved is loaded, and the same model gives the same bytes', async () => {
  await saveModel(folder, model);
  const first = await readFile(path());
  expect(await loadModel(folder)).toEqual(model);
  await saveModel(folder, model);
  expect(await readFile(path())).toEqual(first);
  expect(await readdir(folder)).toEqual(['model.safetensors']);
});

test('a flipped bit anywhere in the data is found', async () => {
  await saveModel(folder, model);
  const bytes = await readFile(path());
  for (const from of [bytes.length - 1, bytes.length - 1000]) {
    const damaged = Buffer.from(bytes);
    damaged[from]! ^= 1;
    await writeFile(path(), damaged);
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
  }
});

test('a run that kept nothing says what to do', async () => {
  await expect(loadModel(folder)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('Train the run for at least one epoch first'),
  });
});

test('a folder that cannot be written to is named', async () => {
  await expect(saveModel(join(folder, 'missing'), model)).rejects.toMatchObject({
    code: 'FILE_NOT_WRITABLE',
    message: expect.stringContaining('(ENOENT)'),
  });
});

test('saving a large network lets others have their turn', async () => {
  // A dense layer of 10 million weights: 40 MB, of which a turn digests 4 MB.
  const { preprocessing } = recipe;
  const large = {
    ...recipe,
    preprocessing: { ...preprocessing, height: 50, width: 50 },
    model: {
      ...recipe.model,
      layers: [{ kind: 'flatten' }, { kind: 'dense', units: 4000, activation: 'relu' }],
    },
  } as typeof recipe;
  const plan = planNetwork(large.model, [50, 50, 1], 10);
  const weights = new Map(
    plan.weights.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
    ]),
  );
  let [turns, open] = [0, true];
  const count = () => {
    turns += 1;
    if (open) setImmediate(count);
  };
  setImmediate(count);
  let written = 0;
  await saveModel(folder, { ...model, recipe: large, weights }, (_, bytes) => {
    open = false;
    written = bytes.length;
    return Promise.resolve();
  });
  expect(written).toBeGreaterThan(40e6);
  expect(turns).toBeGreaterThan(8);
});
