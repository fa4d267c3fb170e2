/** Answer rules through the studio's own commands, on real workers and the real engine: predictions, bundles, and what a run forgets as it goes on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultChoice, verdictOf } from '#contract/answer-rule.ts';
import { followJob, followRun } from '#contract/follow.ts';
import { tinyRecipe } from '#contract/testing.ts';
import { reseal } from '#learning/export/testing.ts';
import { unzip } from '#learning/files/unzip.ts';
import { encodePng } from '#learning/files/png.ts';
import { generator } from '#learning/random-numbers.ts';
import { BundleReader } from '../jobs/bundle-reader.ts';
import { buildWorker, openTestStudio, type TestStudio } from '../testing.ts';

const recipe = (epochs: number) =>
  tinyRecipe({
    preprocessing: { fit: 'letterbox' },
    model: {
      layers: [
        { kind: 'conv', filters: 8, stride: 2 },
        { kind: 'conv', filters: 16, stride: 2 },
        { kind: 'global-average-pool' },
      ],
    },
    training: { batchSize: 100, epochs, learningRate: 0.005 },
  });
let test: TestStudio;
let runId: string;
let noise: string;
beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  await test.client.project.create({ path: join(test.folder, 'p.atelier') });
  await followJob(test.client, () =>
    test.client.sources.import({ source: { kind: 'named', name: 'fashion-mnist-small' } }),
  );
  runId = (await followRun(test.client, () => test.client.runs.start({ recipe: recipe(4) }))).id;
  noise = join(test.folder, 'noise.png');
  const draw = generator(3);
  const pixels = Uint8Array.from({ length: 28 * 28 }, () => (draw() < 0.5 ? 0 : 255));
  writeFileSync(noise, encodePng(pixels, 28, 28, 1));
});
afterAll(() => test.close());

const predict = (image: { kind: 'item'; itemId: number } | { kind: 'path'; path: string }) =>
  test.client.predictions.predict({ runId, image });
const fit = (choice = defaultChoice) =>
  followJob(test.client, () => test.client.answerRules.fit({ runId, choice }));
const item = { kind: 'item', itemId: 3 } as const;

it('gives predictions a verdict, and takes it back', async () => {
  const before = await predict(item);
  expect([before.verdict, before.judged, await test.client.answerRules.get({ runId })]).toEqual([
    'answer',
    null,
    null,
  ]);
  await fit();
  const rule = (await test.client.answerRules.get({ runId }))!;
  expect(await test.when((event) => event.event === 'answer-rule.changed' && event.rule)).toEqual(rule);
  const { images, answered, unsure, unknown } = rule.validation;
  expect(answered + unsure + unknown).toBe(images);
  expect(unknown / images).toBeLessThan(0.05);
  expect(rule.promised!.unknownAtMost).toBeLessThanOrEqual(0.05);
  const { temperature, threshold, noveltyThreshold } = rule;
  for (const image of [item, { kind: 'path', path: noise } as const]) {
    const { verdict, judged, probabilities } = await predict(image);
    expect(judged).toMatchObject({ temperature, threshold, noveltyThreshold });
    expect(verdict).toBe(verdictOf(Math.max(...probabilities), judged!.novelty!, rule));
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  }
  expect((await predict({ kind: 'path', path: noise })).verdict).toBe('unknown');
  // Which class is the most probable does not change.
  expect((await predict(item)).predicted).toBe(before.predicted);

  await fit({ threshold: { by: 'threshold', value: 1 }, known: 1 });
  expect((await predict(item)).verdict).toBe('unsure');
  expect((await test.client.answerRules.remove({ runId }))!.threshold).toBe(1);
  expect(await predict(item)).toMatchObject({
    verdict: 'answer',
    judged: null,
    probabilities: before.probabilities,
  });
  expect(await test.client.answerRules.remove({ runId })).toBeNull();
});

it('is in a bundle, which says the same verdicts, and is not believed where it contradicts itself', async () => {
  await fit();
  const path = join(test.folder, 'run.zip');
  await followJob(test.client, () => test.client.exports.start({ runId, format: 'bundle', path }));
  expect((await test.client.exports.get({ runId }))!.parity).toMatchObject({ passed: true, verdictFlips: 0 });
  const image = { path: noise, name: 'noise.png' };
  const reader = new BundleReader(path);
  const said = await reader.predict(image);
  reader.close();
  const own = await predict({ kind: 'path', path: noise });
  expect([said.verdict, said.judged!.threshold]).toEqual([own.verdict, own.judged!.threshold]);
  expect(said.judged!.novelty! / own.judged!.novelty!).toBeCloseTo(1, 3);

  const manifest = JSON.parse((await unzip(path)).get('manifest.json')!.toString()) as { answerRule: object };
  const forged = join(test.folder, 'forged.zip');
  const answerRule = { ...manifest.answerRule, noveltyThreshold: 1e30 };
  await reseal(path, forged, { 'manifest.json': JSON.stringify({ ...manifest, answerRule }) });
  const other = new BundleReader(forged);
  await expect(other.predict(image)).rejects.toMatchObject({
    code: 'BUNDLE_DAMAGED',
    message: expect.stringMatching(/says the verdict unknown where its figures lead to/) as string,
  });
  other.close();
});

it('is refused for a run that is not there, and for a choice that is none', async () => {
  await expect(test.client.answerRules.get({ runId: 'run-99' })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
  const choice = { threshold: { by: 'coverage', value: 1.5 }, known: 0.95 } as const;
  await expect(test.client.answerRules.fit({ runId, choice })).rejects.toMatchObject({
    data: { code: 'BAD_REQUEST' },
  });
});

it('is forgotten when the run goes on', async () => {
  const run = await test.client.runs.start({ recipe: recipe(500) });
  await test.when((event) => event.event === 'run.epoch' && event.runId === run.id);
  const cancelled = () =>
    test.when(
      (event) => event.event === 'run.changed' && event.run.id === run.id && event.run.state === 'cancelled',
    );
  await test.client.runs.cancel({ runId: run.id });
  await cancelled();
  await followJob(test.client, () => test.client.answerRules.fit({ runId: run.id, choice: defaultChoice }));
  expect(await test.client.answerRules.get({ runId: run.id })).not.toBeNull();
  await test.client.runs.resume({ runId: run.id });
  expect(await test.client.answerRules.get({ runId: run.id })).toBeNull();
  await expect(test.client.answerRules.fit({ runId: run.id, choice: defaultChoice })).rejects.toMatchObject({
    data: { code: 'CONFLICT' },
  });
  await test.client.runs.cancel({ runId: run.id });
});
