/** Training behind frozen layers whose output is kept: as training with them, but for rounding, and the same again. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { augmentations } from '#learning/augment/index.ts';
import { openPredictor } from '#learning/evaluation/predict.ts';
import { predictFromFeatures } from '#learning/evaluation/predict-features.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { keptOperations } from '#recipe/frozen.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { planOf } from '#recipe/plan.ts';
import { joiningKinds } from '#recipe/planned-features.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import { sampleData, smallRecipe } from '#learning/training/testing.ts';
import { train, type TrainingData } from '#learning/training/loop/training-loop.ts';
import type { TrainingEvent, TrainingOptions } from '#learning/training/loop/training-options.ts';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), 'atelier-features-'));
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true });
});

const layers = [
  { kind: 'conv', filters: 6, stride: 2 },
  { kind: 'max-pool' },
  { kind: 'inverted-residual', filters: 6, expand: 2 },
  { kind: 'conv', filters: 8 },
];
const recipeOf = (frozenLayers: number, augmentation: unknown[] = [], more = {}) =>
  smallRecipe({
    augmentation,
    model: { layers },
    training: { frozenLayers, cachedViews: 3, epochs: 4, ...more },
  });

async function run(
  name: string,
  recipe: ReturnType<typeof recipeOf>,
  more: Partial<TrainingOptions> = {},
  data: TrainingData = sampleData(96, 32),
) {
  const events: TrainingEvent[] = [];
  const result = await train(engine, recipe, data, {
    folder: join(folder, name),
    onEvent: (event) => void events.push(event),
    signal: new AbortController().signal,
    resume: false,
    ...more,
  });
  return { events, result, model: await loadModel(join(folder, name)) };
}

test('mixup mixes what is kept: other steps than without, of the same features, and the same again', async () => {
  const flip = { kind: 'horizontal-flip', probability: 0.5 };
  const mixup = { kind: 'mixup', probability: 1, alpha: 0.4 };
  const plain = await run('plain', recipeOf(2, [flip]));
  const mixed = await run('mixed', recipeOf(2, [flip, mixup]));
  const again = await run('mixed-again', recipeOf(2, [flip, mixup]));
  const kept = (events: TrainingEvent[]) => events.find(({ kind }) => kind === 'features');
  expect(kept(mixed.events)).toEqual(kept(plain.events));
  expect(kept(mixed.events)).toMatchObject({ views: 3, reason: null });
  expect(mixed.model.weights).not.toEqual(plain.model.weights);
  expect(again.model.weights).toEqual(mixed.model.weights);
  // What changes no image by itself needs no views.
  const alone = await run('alone', recipeOf(2, [mixup]));
  expect(kept(alone.events)).toMatchObject({ views: 1, reason: null });
});

/** Where to begin: weights that have learned a little, so that batch norm's running statistics say something. */
async function learned(): Promise<string> {
  await run('before', recipeOf(0));
  return join(folder, 'before', 'model.safetensors');
}

test('the layers up to the first that learns, or drops, are kept', () => {
  const kept = (frozen: number, list: unknown[]) => {
    const recipe = smallRecipe({ model: { layers: list }, training: { frozenLayers: frozen } });
    const plan = planOf(recipe, 10);
    return plan.operations.slice(0, keptOperations(plan, recipe)).at(-1)?.name;
  };
  expect(kept(0, layers)).toBeUndefined();
  expect(kept(2, layers)).toBe('2.max-pool');
  expect(kept(64, layers)).toBe('4.conv/activation');
  expect(kept(3, [layers[0], { kind: 'dropout', rate: 0.5 }, layers[3]])).toBe('1.conv/activation');
  expect(kept(3, [layers[0], { kind: 'dropout', rate: 0 }, layers[3]])).toBe('3.conv/activation');
});

test('what mixes images of a batch either mixes what is kept of them, or nothing is kept', () => {
  const mixing = Object.values(augmentations).filter((each) => 'mix' in each);
  expect([...joiningKinds, 'mixup'].sort()).toEqual(mixing.map(({ kind }) => kind).sort());
});

test.each([1, 2, 3, 4])('with %d layers frozen it learns what it learns without keeping', async (frozen) => {
  const initial = await learned();
  const kept = await run(`kept-${frozen}`, recipeOf(frozen), { initial });
  // cutmix of nothing changes nothing, and features of joined images are not kept.
  const mixed = recipeOf(frozen, [{ kind: 'cutmix', probability: 0, alpha: 1 }]);
  const whole = await run(`whole-${frozen}`, mixed, { initial });
  expect(kept.events.find(({ kind }) => kind === 'features')).toEqual({
    kind: 'features',
    views: 1,
    reason: null,
    computed: 128,
  });
  expect(whole.events.find(({ kind }) => kind === 'features')).toMatchObject({
    reason: expect.stringContaining('cutmix'),
  });
  kept.result.epochs.forEach((epoch, index) => {
    expect(epoch.trainLoss).toBeCloseTo(whole.result.epochs[index]!.trainLoss, 3);
    expect(epoch.validationLoss).toBeCloseTo(whole.result.epochs[index]!.validationLoss, 3);
  });
  for (const [name, values] of kept.model.weights) {
    const other = whole.model.weights.get(name)!;
    values.forEach((value, index) => expect(Math.abs(value - other[index]!), name).toBeLessThan(2e-2));
  }
});

/** Features of the test in memory, and which were asked for and were not there. */
function storeInMemory() {
  const computed: [string, number][] = [];
  const there = new Map<string, Map<number, Float32Array>>();
  const store: FeatureStore = {
    async read(key, rows, size, compute) {
      const known = there.get(key) ?? new Map<number, Float32Array>();
      there.set(key, known);
      const missing = rows.filter((row) => !known.has(row));
      computed.push([key, missing.length]);
      const values =
        missing.length > 0 ? await compute(missing, rows.length - missing.length) : new Float32Array();
      missing.forEach((row, place) => known.set(row, values.slice(place * size, (place + 1) * size)));
      const result = new Float32Array(rows.length * size);
      rows.forEach((row, place) => result.set(known.get(row)!, place * size));
      return result;
    },
  };
  return { computed, there, store };
}

test('views are drawn once, taken in turn, kept in the store, and the same in each run', async () => {
  const initial = await learned();
  const { computed, there, store } = storeInMemory();
  const augmentation = [{ kind: 'crop', probability: 1, padding: 3 }];
  const first = await run('views-1', recipeOf(2, augmentation), { initial, store });
  expect(first.events.find(({ kind }) => kind === 'features')).toEqual({
    kind: 'features',
    views: 3,
    reason: null,
    computed: 320,
  });
  expect(computed.map(([, count]) => count)).toEqual([96, 96, 96, 32]);
  expect(new Set(computed.map(([key]) => key)).size).toBe(4);
  const [one, two] = [...there.values()];
  expect([...one!.get(5)!]).not.toEqual([...two!.get(5)!]);
  const second = await run('views-2', recipeOf(2, augmentation), { initial, store });
  expect(computed.slice(4).map(([, count]) => count)).toEqual([0, 0, 0, 0]);
  const alone = await run('views-3', recipeOf(2, augmentation), { initial });
  const bytes = (name: string) => readFile(join(folder, name, 'model.safetensors'));
  expect(await bytes('views-2')).toEqual(await bytes('views-1'));
  expect(await bytes('views-3')).toEqual(await bytes('views-1'));
  expect([second, alone].map(({ result }) => result.epochs.length)).toEqual([4, 4]);
});

test('resumed from any epoch it ends with the same bytes', async () => {
  const initial = await learned();
  const recipe = recipeOf(3, [{ kind: 'horizontal-flip', probability: 0.5 }]);
  await run('left-alone', recipe, { initial });
  await run('held', recipe, { initial, holdAfter: 2 });
  await run('held', recipe, { initial, resume: true });
  const bytes = (name: string) => readFile(join(folder, name, 'model.safetensors'));
  expect(await bytes('held')).toEqual(await bytes('left-alone'));
});

test('short epochs share a checkpoint, and the last one is kept all the same', async () => {
  const initial = await learned();
  const { result, model } = await run('shared', recipeOf(4), { initial });
  const names = await readdir(join(folder, 'shared'));
  expect(names.filter((name) => name.startsWith('checkpoint-'))).toEqual(['checkpoint-12.safetensors']);
  expect(model.epoch).toBe(result.bestEpoch);
  const again = await run('shared', recipeOf(4), { initial, resume: true });
  expect(again.events.find(({ kind }) => kind === 'resumed')).toMatchObject({ epochs: result.epochs });
});

/** The sample, its pixels read when they are asked for. */
function unread(digest = 'abc') {
  const sample = sampleData(96, 32);
  let reads = 0;
  const data: TrainingData = {
    ...sample,
    pixels: {
      digest,
      async read() {
        reads += 1;
        return sample.pixels;
      },
    },
  };
  return { data, reads: () => reads };
}
const given = (recipe: ReturnType<typeof recipeOf>): typeof recipe => ({
  ...recipe,
  preprocessing: {
    ...recipe.preprocessing,
    normalisation: { kind: 'custom', mean: [0.3], std: [0.3] },
  },
});

test('pixels are read where features are missing, and not where all are kept', async () => {
  const initial = await learned();
  const { store } = storeInMemory();
  const recipe = given(recipeOf(3, [{ kind: 'horizontal-flip', probability: 0.5 }]));
  const first = unread();
  await run('unread-1', recipe, { initial, store }, first.data);
  expect(first.reads()).toBeGreaterThan(0);
  const second = unread();
  const again = await run('unread-2', recipe, { initial, store }, second.data);
  expect(second.reads()).toBe(0);
  expect(again.events.find(({ kind }) => kind === 'features')).toMatchObject({ computed: 0 });
  const bytes = (name: string) => readFile(join(folder, name, 'model.safetensors'));
  expect(await bytes('unread-2')).toEqual(await bytes('unread-1'));
  // Measuring the normalisation takes pixels.
  const measured = unread();
  await run('unread-3', recipeOf(3), { initial, store }, measured.data);
  expect(measured.reads()).toBe(1);
});

test('a run is resumed without reading pixels, not with others, and also one that was begun with them', async () => {
  const initial = await learned();
  const recipe = given(recipeOf(3));
  const { store } = storeInMemory();
  await run('whole', recipe, { initial, store });
  await run('later', recipe, { initial, store, holdAfter: 2 }, unread().data);
  await expect(run('later', recipe, { initial, store, resume: true }, unread('other').data)).rejects.toThrow(
    'the data that the run began with',
  );
  const later = unread();
  await run('later', recipe, { initial, store, resume: true }, later.data);
  expect(later.reads()).toBe(0);
  await run('earlier', recipe, { initial, store, holdAfter: 2 });
  await run('earlier', recipe, { initial, store, resume: true }, unread().data);
  const bytes = (name: string) => readFile(join(folder, name, 'model.safetensors'));
  expect(await bytes('later')).toEqual(await bytes('whole'));
  expect(await bytes('earlier')).toEqual(await bytes('whole'));
});

test('answers from kept features are those from pixels, whatever is there already', async () => {
  const initial = await learned();
  const { store, computed } = storeInMemory();
  const recipe = recipeOf(3);
  const { model } = await run('answers', recipe, { initial, store });
  const { pixels } = sampleData(96, 32);
  const rows = Int32Array.from({ length: 40 }, (_, index) => 127 - index * 2);
  const network = buildNetwork(recipe, model.classCount, model.weights);
  const count = keptOperations(network.plan, recipe);
  const options = { store, pixels: () => Promise.resolve(pixels) };
  const found = await predictFromFeatures(network, model.normalisation, count, rows, options);
  expect(computed.at(-1)![1]).toBe(0);
  const predictor = openPredictor(network, model.normalisation);
  const expected = await predictor.predict(pixels, rows);
  found.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
  const anew = { ...options, store: storeInMemory().store };
  expect(await predictFromFeatures(network, model.normalisation, count, rows, anew)).toEqual(found);
  predictor.dispose();
  network.dispose();
});
