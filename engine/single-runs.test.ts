/** What can be done with single runs, through the studio's own commands, on real workers and the real engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followJob, followRun } from '#contract/follow.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { tinyRecipe } from '#contract/testing.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { buildWorker, openTestStudio, type TestStudio } from './testing.ts';

const tiny = ({ training, layers }: { training?: object; layers?: unknown[] } = {}) =>
  tinyRecipe({
    preprocessing: { fit: 'letterbox' },
    model: {
      layers: layers ?? [
        { kind: 'conv', filters: 4, stride: 2 },
        { kind: 'conv', filters: 8, stride: 2 },
        { kind: 'global-average-pool' },
      ],
    },
    training: { batchSize: 100, epochs: 2, topK: 2, ...training },
  });

let test: TestStudio;
let first: string;
const train = (recipe: Recipe, rest: object = {}) =>
  followRun(test.client, () => test.client.runs.start({ recipe, ...rest }));
const get = (path: string) => test.studio.resources({ method: 'GET', path, headers: {}, body: null });
const projectPath = () => join(test.folder, 'p.atelier');
const weightsOf = (runId: string) =>
  decodeSafetensors(readFileSync(join(projectPath(), 'runs', runId, 'model.safetensors'))).tensors;

beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  await test.client.project.create({ path: projectPath() });
  await followJob(test.client, () =>
    test.client.sources.import({ source: { kind: 'named', name: 'fashion-mnist-small' } }),
  );
  first = (await train(tiny())).id;
});
afterAll(() => test.close());

describe('a run', () => {
  it('keeps a note, and tells of it', async () => {
    const run = await test.client.runs.setNote({ runId: first, note: 'Baseline, *before* crop' });
    expect(run.note).toBe('Baseline, *before* crop');
    expect(await test.when((event) => event.event === 'run.changed' && event.run.note && event.run)).toEqual(
      run,
    );
    await expect(test.client.runs.setNote({ runId: 'run-99', note: '' })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
  });

  it('is evaluated without test-time augmentation, and beside that with it', async () => {
    const question = { runId: first, split: 'validation' as const };
    const once = (await test.client.evaluations.get(question))!;
    expect(once).toMatchObject({ tta: 'none', topK: { k: 2 } });
    expect(once.topK!.accuracy).toBeGreaterThanOrEqual(once.accuracy);
    const last = (await test.client.runs.get({ runId: first })).epochs.find(
      ({ epoch, validationAccuracy }) => epoch > 0 && validationAccuracy === once.accuracy,
    );
    expect(last!.validationTopK).toBeCloseTo(once.topK!.accuracy, 6);
    expect(last!.validationMacroF1).toBeCloseTo(once.macroF1!, 6);

    const tta = 'flip-shift' as const;
    expect(await test.client.evaluations.get({ ...question, tta })).toBeNull();
    await followJob(test.client, () => test.client.evaluations.start({ ...question, tta }));
    const more = (await test.client.evaluations.get({ ...question, tta }))!;
    expect(more).toMatchObject({ tta, count: once.count });
    expect(more.loss).not.toBe(once.loss);
    expect(await test.client.evaluations.get(question)).toEqual(once);
  });

  it('goes on from another as if it were one, and outlives it', async () => {
    const alone = await train(tiny({ training: { epochs: 1 } }));
    const origin = { runId: alone.id, how: 'continue' as const };
    const continued = await train(tiny({ training: { epochs: 1 } }), { origin });
    expect(continued).toMatchObject({ origin, state: 'finished' });
    const before = alone.epochs[0]!;
    expect(continued.epochs[0]!.trainLoss).toBeLessThan(before.trainLoss - 0.1);

    const tuned = await train(tiny({ training: { epochs: 1 } }), { origin: { ...origin, how: 'fine-tune' } });
    await test.client.runs.delete({ runId: alone.id });
    // The same weights at the start, but Adam's memory is fresh.
    expect(tuned.epochs[0]!.trainLoss).toBeLessThan(before.trainLoss - 0.1);
    expect(tuned.epochs[0]!.trainLoss).not.toBe(continued.epochs[0]!.trainLoss);
    expect((await test.client.runs.get({ runId: tuned.id })).origin).toEqual({ ...origin, how: 'fine-tune' });
  });

  it('fine-tunes what fits, keeps frozen layers as they were, and says what began fresh', async () => {
    const layers = [
      { kind: 'conv', filters: 4, stride: 2 },
      { kind: 'conv', filters: 6, stride: 2 },
      { kind: 'global-average-pool' },
    ];
    const run = await train(tiny({ layers, training: { epochs: 1, frozenLayers: 1 } }), {
      origin: { runId: first, how: 'fine-tune' },
    });
    expect(run.notices.join()).toMatch(
      /^It began with \d+ weights of the earlier run; \d+ weights have no like/,
    );
    const [before, after] = [weightsOf(first), weightsOf(run.id)];
    const kernel = [...before.keys()].find((name) => name.endsWith('kernel'))!;
    expect(after.get(kernel)).toEqual(before.get(kernel));
    await expect(
      test.client.runs
        .start({ recipe: tiny({ layers }), origin: { runId: first, how: 'continue' } })
        .then(({ id }) => followRun(test.client, () => test.client.runs.get({ runId: id }))),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('shows what its layers make of an image', async () => {
    const layers = await test.client.runs.inspect({ runId: first, image: { kind: 'item', itemId: 3 } });
    const [conv] = layers;
    expect(conv).toMatchObject({ outputShape: [14, 14, 4], tiles: 4, values: null });
    for (const address of [conv!.activations!, conv!.filters!]) {
      const { status, body } = await get(address);
      expect(status).toBe(200);
      expect(await sharp(Buffer.from(body)).metadata()).toMatchObject({ format: 'png' });
    }
    const vector = layers[layers.length - 1]!;
    expect(vector).toMatchObject({ outputShape: [10], activations: null, filters: null });
    expect(vector.values).toHaveLength(10);
    await expect(get(conv!.activations!.replace('activations-0', 'activations-99'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('writes its curves for TensorBoard, and writes them anew', async () => {
    await test.client.runs.rename({ runId: first, name: '../Ünïcode: 1 ❄' });
    const { path, bytes } = await test.client.runs.exportLogs({ runId: first });
    expect(path).toBe(join(projectPath(), 'exports', `Unicode-1-${first}-logs`));
    const names = readdirSync(path);
    expect(names).toEqual([expect.stringContaining('tfevents')]);
    const file = readFileSync(join(path, names[0]!));
    expect(file.length).toBe(bytes);
    expect(file.includes('validation/top_k')).toBe(true);
    expect(file.includes('Baseline, *before* crop')).toBe(true);
    expect(await test.client.runs.exportLogs({ runId: first })).toEqual({ path, bytes });
    expect(readdirSync(path)).toEqual(names);
  });

  it('writes its curves while it trains, too', async () => {
    const { id: runId } = await test.client.runs.start({ recipe: tiny({ training: { epochs: 200 } }) });
    await test.when((event) => event.event === 'run.epoch' && event.runId === runId);
    const { bytes } = await test.client.runs.exportLogs({ runId });
    expect(bytes).toBeGreaterThan(200);
    await test.client.runs.cancel({ runId });
    await test.when(
      (event) => event.event === 'run.changed' && event.run.id === runId && event.run.state === 'cancelled',
    );
  });
});

describe('a recipe', () => {
  it('has a learning rate found, which leaves nothing behind', async () => {
    const folders = () => ['runs', 'packs'].map((name) => readdirSync(join(projectPath(), name)));
    const before = folders();
    const job = await followJob(test.client, () => test.client.recipes.findLearningRate({ recipe: tiny() }));
    expect(job).toMatchObject({ kind: 'find-learning-rate', runId: null });
    const { points, suggestion, recipe } = await test.client.recipes.learningRates({ jobId: job.id });
    expect(recipe).toEqual(tiny());
    expect(points.length).toBeGreaterThan(20);
    expect(points.every(({ rate }, index) => index === 0 || rate > points[index - 1]!.rate)).toBe(true);
    expect(suggestion).toBeGreaterThan(1e-4);
    expect(suggestion).toBeLessThan(1);
    expect(folders()).toEqual(before);
    await expect(test.client.recipes.precisionReport({ jobId: job.id })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
  });

  it('is compared in both precisions, or told why it cannot be', async () => {
    const job = await followJob(test.client, () => test.client.recipes.comparePrecision({ recipe: tiny() }));
    const report = await test.client.recipes.precisionReport({ jobId: job.id });
    const { engine } = await test.client.studio.engine();
    expect(report.unavailable).toBe(engine!.bfloat16);
    if (report.unavailable === null) {
      expect(report.float32.losses).toHaveLength(report.steps);
      expect(report.bfloat16!.losses).toHaveLength(report.steps);
      expect(report.largestDifference).toBeGreaterThan(0);
    } else {
      expect(report).toMatchObject({ steps: 0, bfloat16: null, recommended: false });
    }
  });

  it('that cannot be trained is not probed either', async () => {
    const layers = [{ kind: 'flatten' }, { kind: 'dense', units: 4096 }];
    await expect(test.client.recipes.findLearningRate({ recipe: tiny({ layers }) })).rejects.toMatchObject({
      data: { code: 'BUDGET_EXCEEDED' },
    });
    await expect(test.client.recipes.learningRates({ jobId: 'job-0' })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
  });

  it('is told as long as the project is open: it says nothing of other images', async () => {
    const job = await followJob(test.client, () => test.client.recipes.findLearningRate({ recipe: tiny() }));
    const answer = () => test.client.recipes.learningRates({ jobId: job.id });
    expect((await answer()).points.length).toBeGreaterThan(0);
    await test.client.project.close();
    await test.client.project.open({ path: projectPath() });
    await expect(answer()).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  });

  it('leaves nothing behind where the studio ends in between', async () => {
    await test.client.recipes.findLearningRate({ recipe: tiny() });
    await test.client.project.close();
    expect(readdirSync(join(projectPath(), 'packs')).filter((name) => name.startsWith('probe-'))).toEqual([]);
    expect(existsSync(projectPath())).toBe(true);
    await test.client.project.open({ path: projectPath() });
  });
});
