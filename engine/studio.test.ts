/** The whole path through the studio, on real data, workers and engine; the training is small. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followJob, followRun } from '#contract/follow.ts';
import { Recipe } from '#recipe/recipe.ts';
import { resources, uploadPathHeader } from '#contract/resources.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from './testing.ts';

const tiny = (changes: { epochs?: number; layers?: unknown[] } = {}) =>
  Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Tiny',
    preprocessing: { height: 16, width: 16, channels: 3, fit: 'crop', normalisation: { kind: 'measured' } },
    augmentation: [{ kind: 'horizontal-flip', probability: 0.5 }],
    model: { layers: changes.layers ?? [{ kind: 'conv', filters: 4 }, { kind: 'max-pool' }] },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.02,
      schedule: { kind: 'constant' },
      batchSize: 16,
      epochs: changes.epochs ?? 3,
    },
  });

let test: TestStudio;
let pictures: string;
const get = (path: string, headers: Record<string, string> = {}) =>
  test.studio.resources({ method: 'GET', path, headers, body: null });

beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  pictures = join(test.folder, 'pictures');
  const colours = {
    red: { r: 190, g: 40, b: 40 },
    green: { r: 40, g: 190, b: 40 },
    blue: { r: 40, g: 40, b: 190 },
  };
  for (const [name, colour] of Object.entries(colours)) {
    for (let seed = 0; seed < 100; seed++) {
      await writePicture(join(pictures, name, `${String(seed).padStart(3, '0')}.png`), colour, { seed });
    }
  }
});
afterAll(() => test.close());

describe('the whole path', () => {
  let runId: string;

  it('imports a folder', async () => {
    await test.client.project.create({ path: join(test.folder, 'Colours') });
    const job = await followJob(test.client, () =>
      test.client.sources.import({ source: { kind: 'path', path: pictures } }),
    );
    expect(await test.client.sources.report({ jobId: job.id })).toMatchObject({
      imported: 300,
      skippedFiles: [],
    });
    const project = (await test.client.project.current())!;
    // 23 different pictures a class: copies stay together, so the shares are near, not exact.
    expect(project.classes.map(({ name, key }) => [name, key])).toEqual([
      ['blue', '1'],
      ['green', '2'],
      ['red', '3'],
    ]);
    expect(project.counts.total).toBe(300);
    expect(project.counts.test).toBeGreaterThan(20);
    expect(project.counts.validation).toBeGreaterThan(20);
    expect((await test.client.studio.recent())[0]).toMatchObject({ name: 'Colours' });
  });

  it('adds what came to a folder since, and nothing twice', async () => {
    const again = () =>
      followJob(test.client, () => test.client.sources.import({ source: { kind: 'path', path: pictures } }));
    const before = (await test.client.project.current())!;
    await expect(again()).rejects.toMatchObject({ code: 'CONFLICT', details: { alreadyThere: 300 } });
    expect(await test.client.project.current()).toEqual(before);
    const added = join(pictures, 'red', 'new.png');
    await writePicture(added, { r: 190, g: 40, b: 40 }, { seed: 200 });
    const { id: jobId } = await again();
    expect(await test.client.sources.report({ jobId })).toMatchObject({ imported: 1, alreadyThere: 300 });
    const { total, items } = await test.client.items.list({
      filter: { text: 'new.png' },
      offset: 0,
      limit: 2,
    });
    expect([total, (await test.client.project.current())!.counts.total]).toEqual([1, 301]);
    expect((await get(resources.item(items[0]!.id, 'thumbnail'))).status).toBe(200);
  });

  it('shows the images', async () => {
    const thumbnail = await get(resources.item(1, 'thumbnail'));
    expect(await sharp(Buffer.from(thumbnail.body)).metadata()).toMatchObject({ width: 20, height: 16 });
    expect(
      (await get(resources.item(1, 'thumbnail'), { 'if-none-match': thumbnail.headers['etag']! })).status,
    ).toBe(304);
    const full = await get(resources.item(1, 'full'));
    expect(await sharp(Buffer.from(full.body)).metadata()).toMatchObject({ width: 20, height: 16 });
    await expect(get(resources.item(302, 'thumbnail'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('previews the augmentations', async () => {
    const { preprocessing, augmentation } = tiny();
    const shown = await test.client.recipes.preview({
      preprocessing,
      augmentation,
      itemIds: [1, 150],
      variants: 2,
      seed: 4,
    });
    expect([shown.before.length, shown.after.map((row) => row.length)]).toEqual([2, [2, 2]]);
    const png = await get(shown.after[1]![1]!);
    expect(await sharp(Buffer.from(png.body)).metadata()).toMatchObject({
      format: 'png',
      width: 16,
      height: 16,
    });
  });

  it('refuses a network beyond its budget, and says where it is too large', async () => {
    const recipe = tiny({ layers: [{ kind: 'flatten' }, { kind: 'dense', units: 4096 }] });
    expect(await test.client.recipes.summarise({ recipe })).toMatchObject({ withinBudget: false });
    await expect(test.client.runs.start({ recipe })).rejects.toMatchObject({
      data: { code: 'BUDGET_EXCEEDED', details: { heaviest: '2.dense' } },
    });
    expect(await test.client.runs.list()).toEqual([]);
  });

  it('refuses class weights that are not one for each class with images, before anything starts', async () => {
    await test.client.classes.add({ name: 'nothing yet' });
    const weighed = (weights: number[]) => {
      const recipe = tiny();
      return {
        ...recipe,
        training: { ...recipe.training, classWeights: { kind: 'custom' as const, weights } },
      };
    };
    const { classes } = (await test.client.project.current())!;
    const recipe = weighed(classes.map(() => 1));
    const refusal = { data: { code: 'RECIPE_INVALID', details: { received: classes.length } } };
    await expect(test.client.recipes.summarise({ recipe })).rejects.toMatchObject(refusal);
    await expect(test.client.runs.start({ recipe })).rejects.toMatchObject(refusal);
    expect(await test.client.runs.list()).toEqual([]);
    const fitting = weighed(classes.slice(1).map(() => 2));
    expect(await test.client.recipes.summarise({ recipe: fitting })).toMatchObject({ withinBudget: true });
    await test.client.journal.undo();
  });

  it('trains, and evaluates validation and test', async () => {
    const run = await followRun(test.client, () => test.client.runs.start({ recipe: tiny() }));
    runId = run.id;
    expect(run).toMatchObject({
      name: 'Tiny 1',
      state: 'finished',
      error: null,
      engine: { precision: 'float32' },
    });
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(run.validationAccuracy).toBeGreaterThan(0.9);
    expect(run.testAccuracy).toBeGreaterThan(0.9);
    const heard = new Set(test.events.map(({ event }) => event));
    for (const event of ['run.progress', 'run.epoch', 'evaluation.finished', 'job.changed'] as const)
      expect(heard).toContain(event);
  });

  it('has the images behind every cell of the matrix, as they were labelled then', async () => {
    const evaluation = (await test.client.evaluations.get({ runId, split: 'test' }))!;
    const project = (await test.client.project.current())!;
    expect(evaluation.count).toBe(project.counts.test);
    let total = 0;
    for (const [row, actual] of evaluation.classes.entries()) {
      for (const [column, predicted] of evaluation.classes.entries()) {
        const cells = {
          runId,
          split: 'test' as const,
          actual: [actual.classId],
          predicted: [predicted.classId],
        };
        const behind = await test.client.items.list({ filter: { cells }, offset: 0, limit: 1000 });
        expect(behind.total).toBe(evaluation.confusion[row]![column]);
        total += behind.total;
        const itemIds = behind.items.map(({ id }) => id);
        if (itemIds.length === 0) continue;
        for (const answer of await test.client.evaluations.predictions({ runId, itemIds })) {
          expect(answer!.classIds[answer!.predicted]).toBe(predicted.classId);
          expect(answer!.probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
        }
      }
    }
    expect(total).toBe(evaluation.count);

    const behind = async (actual?: number[], predicted?: number[]) => {
      const ids = (places?: number[]) => places?.map((place) => evaluation.classes[place]!.classId);
      const cells = { runId, split: 'test' as const, actual: ids(actual), predicted: ids(predicted) };
      return (await test.client.items.list({ filter: { cells }, offset: 0, limit: 1 })).total;
    };
    const { confusion } = evaluation;
    expect(await behind([0, 1], [1])).toBe(confusion[0]![1]! + confusion[1]![1]!);
    expect(await behind([1])).toBe(evaluation.classes[1]!.support);
    expect(await behind(undefined, [0])).toBe(confusion.reduce((sum, row) => sum + row[0]!, 0));
    expect(await behind([])).toBe(0);

    const [first, second] = evaluation.classes;
    const cells = { runId, split: 'test' as const, actual: [first!.classId] };
    const before = await test.client.items.list({ filter: { cells }, offset: 0, limit: 5 });
    await test.client.items.relabel({ itemIds: [before.items[0]!.id], classId: second!.classId });
    const after = await test.client.items.list({ filter: { cells }, offset: 0, limit: 5 });
    expect(after.total).toBe(before.total);
    expect(after.items[0]).toMatchObject({ id: before.items[0]!.id, classId: second!.classId });
    expect((await test.client.journal.undo()).counts.relabelled).toBe(0);
  });

  it('classifies an item as the evaluation did, and a dropped picture', async () => {
    const { items } = await test.client.items.list({ filter: { splits: ['test'] }, offset: 0, limit: 1 });
    const itemId = items[0]!.id;
    const [stored] = await test.client.evaluations.predictions({ runId, itemIds: [itemId] });
    const told = await test.client.predictions.predict({ runId, image: { kind: 'item', itemId } });
    told.probabilities.forEach((value, index) => expect(value).toBeCloseTo(stored!.probabilities[index]!, 4));

    const picture = join(test.folder, 'drop.jpg');
    await writePicture(picture, { r: 30, g: 200, b: 30 }, { width: 90, height: 50 });
    const posted = await test.studio.resources({
      method: 'POST',
      path: resources.uploads,
      headers: { [uploadPathHeader]: encodeURIComponent('mein bïld.jpg') },
      body: readFileSync(picture),
    });
    const { uploadId } = JSON.parse(Buffer.from(posted.body).toString()) as { uploadId: string };
    const answer = await test.client.predictions.predict({
      runId,
      image: { kind: 'upload', uploadId, name: 'mein bïld.jpg' },
    });
    expect(answer.classes[answer.predicted]!.name).toBe('green');
    const seen = await get(answer.networkImage);
    expect(await sharp(Buffer.from(seen.body)).metadata()).toMatchObject({ width: 16, height: 16 });
    const shown = await get(answer.image);
    expect(await sharp(Buffer.from(shown.body)).metadata()).toMatchObject({ width: 90, height: 50 });
    expect((await get(resources.upload(uploadId))).headers['content-type']).toMatch(/^image\//);
  });

  it('says what is wrong with a picture that is none', async () => {
    const posted = await test.studio.resources({
      method: 'POST',
      path: resources.uploads,
      headers: {},
      body: Buffer.from('no picture'),
    });
    const { uploadId } = JSON.parse(Buffer.from(posted.body).toString()) as { uploadId: string };
    await expect(
      test.client.predictions.predict({ runId, image: { kind: 'upload', uploadId, name: 'note.txt' } }),
    ).rejects.toMatchObject({
      data: { code: 'IMAGE_UNREADABLE', message: expect.stringContaining('note.txt') as string },
    });
  });

  it('exports a bundle that another runtime agrees with', async () => {
    await followJob(test.client, () => test.client.exports.start({ runId }));
    const bundle = (await test.client.exports.get({ runId }))!;
    expect(bundle.parity).toMatchObject({ passed: true, labelFlips: 0 });
    expect(bundle.files.map(({ name }) => name)).toContain('model.onnx');
    const { body } = await get(resources.exported(bundle));
    expect([body.length, Buffer.from(body).subarray(0, 2).toString()]).toEqual([bundle.bytes, 'PK']);
  });

  it('exports the model alone, the one that the bundle holds', async () => {
    await followJob(test.client, () => test.client.exports.start({ runId }));
    const model = (await test.client.exports.get({ runId }))!.files.find(
      ({ name }) => name === 'model.onnx',
    )!;
    await followJob(test.client, () => test.client.exports.start({ runId, format: 'onnx' }));
    const exported = (await test.client.exports.get({ runId }))!;
    expect(exported).toMatchObject({ format: 'onnx', sha256: model.sha256, files: [model] });
    expect(exported.path).toMatch(/\.onnx$/);
    const { body } = await get(resources.exported(exported));
    expect(body.length).toBe(model.bytes);
  });

  it('replaces no file that is at the path of a bundle, unless that is said', async () => {
    const path = join(test.folder, 'notes.txt');
    writeFileSync(path, 'mine');
    await expect(test.client.exports.start({ runId, path })).rejects.toMatchObject({
      data: { code: 'CONFLICT', details: { path } },
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    const inTheWay = join(test.folder, 'taken');
    mkdirSync(inTheWay);
    await expect(test.client.exports.start({ runId, path: inTheWay, replace: true })).rejects.toMatchObject({
      data: { code: 'FILE_NOT_WRITABLE' },
    });
    await followJob(test.client, () => test.client.exports.start({ runId, path, replace: true }));
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });

  it('finds everything again after it was closed', async () => {
    const { path } = (await test.client.project.current())!;
    const before = await test.client.runs.list();
    await test.client.project.close();
    await test.client.project.open({ path });
    expect(await test.client.runs.list()).toEqual(before);
    await test.client.runs.delete({ runId });
    await expect(test.client.runs.get({ runId })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  });
});
