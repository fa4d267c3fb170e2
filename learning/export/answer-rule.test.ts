/** An exported model under an answer rule: another runtime says the verdicts of the studio, and without a rule nothing is other than before. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import proto from 'onnx-proto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verdictOf, verdicts } from '#contract/answer-rule.ts';
import { fitAnswerRule, probabilitiesAt } from '#learning/answers/fit-answer-rule.ts';
import { noveltyOf } from '#learning/answers/novelty.ts';
import { openOutputReader } from '#learning/evaluation/outputs.ts';
import { unzip } from '#learning/files/unzip.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { finish } from '#learning/work-in-turns.ts';
import { encodeOnnx } from '#learning/onnx/onnx.ts';
import type { ExportInput } from './export-input.ts';
import { exportRun } from './export-run.ts';
import { ownModel } from './own-model.ts';
import { readBundle } from './read-bundle.ts';
import { exportInputOf, onnxOf, reseal, type Sample, sampleNetwork } from './testing.ts';

const images = 60;
/** One whose features are as many numbers as filters, and one whose features are so many that they are projected. */
const networks = {
  'of few features': [
    { kind: 'conv', filters: 8 },
    { kind: 'global-average-pool' },
    { kind: 'dropout', rate: 0.3 },
  ],
  'of many features': [{ kind: 'conv', filters: 8, stride: 2 }, { kind: 'flatten' }],
};

let engine: Engine;
let folder: string;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.close());
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-answer-rule-'))));
afterEach(() => rm(folder, { recursive: true }));

/** A network and a rule under which all three verdicts occur, with what the studio says. */
async function ruled(layers: unknown[]): Promise<{ sample: Sample; input: ExportInput; features: number }> {
  const sample = await sampleNetwork(layers, { classCount: 3, images });
  const network = buildNetwork(sample.recipe, 3, sample.weights);
  const reader = openOutputReader(network, sample.normalisation, 7);
  const outputs = await reader.read(
    sample.golden.pixels,
    Int32Array.from({ length: images }, (_, at) => at),
  );
  reader.dispose();
  network.dispose();
  const plain = exportInputOf(sample, join(folder, 'bundle.zip'));
  const labels = Int32Array.from(plain.goldenLabels);
  const choice = { threshold: { by: 'coverage', value: 0.5 }, known: 0.7 } as const;
  const { rule, novelty } = finish(fitAnswerRule({ ...outputs, labels }, { ...outputs, labels }, 3, choice));
  const temperature = 1.7;
  const goldenProbabilities = probabilitiesAt(outputs.logits, temperature, 3);
  const tops = Array.from({ length: images }, (_, at) =>
    Math.max(...goldenProbabilities.subarray(3 * at, 3 * at + 3)),
  );
  const limits = {
    ...rule,
    temperature,
    threshold: Math.fround([...tops].sort((a, b) => a - b)[images / 2]! + 1e-5),
  };
  const scores = noveltyOf(novelty, outputs.features);
  const golden = { novelty: scores, verdicts: tops.map((top, at) => verdictOf(top, scores[at]!, limits)) };
  expect(new Set(golden.verdicts)).toEqual(new Set(verdicts));
  return {
    sample,
    input: { ...plain, goldenProbabilities, rule: { ...limits, calibrated: true, novelty, golden } },
    features: outputs.features.length / images,
  };
}

describe.each(Object.entries(networks))('a network %s', (_, layers) => {
  it('answers in another runtime as the studio does, with every verdict', async () => {
    const { input, sample, features } = await ruled(layers);
    expect(input.rule!.novelty.projection === null).toBe(features <= 64);
    const { parity } = await exportRun('onnx', { ...input, path: join(folder, 'model.onnx') });
    expect(parity).toMatchObject({ passed: true, verdictFlips: 0, images });
    expect(parity.largestNoveltyDifference).toBeLessThan(1e-3);
    const session = await InferenceSession.create(join(folder, 'model.onnx'), { logSeverityLevel: 3 });
    const outputs = await session.run({
      image: new Tensor('uint8', sample.golden.pixels, [...sample.golden.shape]),
    });
    expect([...session.outputNames]).toEqual(['probabilities', 'novelty', 'verdict']);
    const said = Array.from(outputs['verdict']!.data as BigInt64Array, (place) => verdicts[Number(place)]);
    expect(said).toEqual(input.rule!.golden.verdicts);
    expect(outputs['verdict']!.dims).toEqual([images]);
    await session.release();
  });

  it('is not exported where a verdict or a novelty is another', async () => {
    const { input } = await ruled(layers);
    const rule = input.rule!;
    const other = rule.golden.verdicts.map((verdict, at) =>
      at === 5 ? verdicts[(verdicts.indexOf(verdict) + 1) % 3]! : verdict,
    );
    const moved = rule.golden.novelty.map((value, at) => (at === 9 ? value * 1.01 + 1 : value));
    for (const golden of [
      { ...rule.golden, verdicts: other },
      { ...rule.golden, novelty: moved },
    ])
      await expect(exportRun('bundle', { ...input, rule: { ...rule, golden } })).rejects.toMatchObject({
        code: 'PARITY_FAILED',
      });
  });
});

describe('a bundle under an answer rule', () => {
  it('says so in its manifest, its golden answers and its card, and is read back', async () => {
    const { input } = await ruled(networks['of few features']);
    await exportRun('bundle', input);
    const { temperature, threshold, noveltyThreshold } = input.rule!;
    expect((await readBundle(input.path)).origin!.answerRule).toEqual({
      temperature,
      threshold,
      noveltyThreshold,
    });
    const files = await unzip(input.path);
    const expected = JSON.parse(files.get('golden/expected.json')!.toString()) as {
      verdict: string;
      novelty: number;
    }[];
    for (const { verdict, novelty } of expected)
      expect([verdicts.includes(verdict as never), novelty]).toEqual([true, expect.any(Number)]);
    const card = files.get('README.md')!.toString();
    expect(card).toContain('calibrated with the temperature 1.700');
    expect(card).toContain('2 where `novelty`, float [batch], is above');
    expect(card).toMatch(
      /are given to it\. .*With 95 % confidence, at most [\d.]+ % of images like the validation images/,
    );
    expect(card).not.toMatch(/were not calibrated|undefined|NaN|\[object/);
  });

  it('predict.js says the verdicts', async () => {
    const { input } = await ruled(networks['of few features']);
    await exportRun('bundle', input);
    const out = join(folder, 'out');
    const files = await unzip(input.path);
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(out, name)), { recursive: true });
      await writeFile(join(out, name), bytes);
    }
    await symlink(resolve('node_modules'), join(out, 'node_modules'), 'junction');
    const expected = JSON.parse(files.get('golden/expected.json')!.toString()) as {
      file: string;
      verdict: string;
    }[];
    const paths = expected.map(({ file }) => join(out, 'golden', file));
    const run = (...words: string[]) =>
      spawnSync(process.execPath, [join(out, 'predict.js'), ...words], { encoding: 'utf8' });
    const told = run('--json', ...paths)
      .stdout.trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
    expect(told).toEqual(expected.map(({ verdict }) => verdict));
    expect(run(paths[0]!).stdout.split('\n')[0]).toBe(`${paths[0]}  [${expected[0]!.verdict}]`);
  });

  it('is not run where its model says no verdict that its manifest promises, or one that it does not', async () => {
    const { input } = await ruled(networks['of few features']);
    await exportRun('bundle', input);
    const { model, preprocessing } = await readBundle(input.path);
    expect(ownModel(model, preprocessing, 3, true).length).toBeGreaterThan(0);
    expect(() => ownModel(model, preprocessing, 3)).toThrow(
      /has not the output “probabilities” of \[batch, 3\] alone/,
    );
    await exportRun('bundle', {
      ...exportInputOf(
        await sampleNetwork(networks['of few features'], { classCount: 3, images }),
        input.path,
      ),
    });
    const plain = await readBundle(input.path);
    expect(plain.origin).not.toHaveProperty('answerRule');
    expect(() => ownModel(plain.model, preprocessing, 3, true)).toThrow(/“verdict” of \[batch\] alone/);
  });

  it('is damaged where its limits are no numbers that can be', async () => {
    const { input } = await ruled(networks['of few features']);
    await exportRun('bundle', input);
    const manifest = JSON.parse((await unzip(input.path)).get('manifest.json')!.toString()) as {
      answerRule: object;
    };
    for (const answerRule of [{ ...manifest.answerRule, temperature: 0 }, { threshold: 0.5 }, 'none']) {
      const forged = join(folder, 'forged.zip');
      await reseal(input.path, forged, { 'manifest.json': JSON.stringify({ ...manifest, answerRule }) });
      await expect(readBundle(forged)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    }
  });
});

it('a model without a rule has neither outputs nor operators of one', async () => {
  const sample = await sampleNetwork(networks['of many features'], { classCount: 3, images: 6 });
  const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const bytes = encodeOnnx(onnxOf(sample));
  expect(digestOf(encodeOnnx({ ...onnxOf(sample), rule: null }))).toBe(digestOf(bytes));
  const { graph, metadataProps, docString } = proto.onnx.ModelProto.decode(bytes);
  expect(graph!.output!.map(({ name }) => name)).toEqual(['probabilities']);
  expect(graph!.node!.some(({ name }) => /novelty|verdict|temperature/.test(name!))).toBe(false);
  expect(metadataProps.map(({ key }) => key)).toEqual([
    'classes',
    'pixel_format',
    'pixel_range',
    'layout',
    'fit',
    'atelier.version',
    'atelier.run',
  ]);
  expect(docString).toMatch(/probabilities: float \[batch, 3\]\.$/);
});
