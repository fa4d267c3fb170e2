import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Evaluation } from '#contract/entities.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportBundle } from './bundle.ts';
import { csv } from './csv.ts';
import { bundleInputOf, type Sample, sampleNetwork, unzip } from './testing.ts';

let engine: Engine;
let sample: Sample;
let folder: string;
beforeAll(async () => {
  engine = await openEngine();
  const layers = [
    { kind: 'conv', filters: 8 },
    { kind: 'residual', filters: 8, squeezeExcite: 4 },
    { kind: 'separable-conv', filters: 8, stride: 2, activation: 'mish' },
    { kind: 'layer-norm' },
    { kind: 'flatten' },
  ];
  sample = await sampleNetwork(layers, { classCount: 3, images: 30 });
  sample.classes = ['T-shirt/top', '=cmd()', 'a | "b"\n# c'];
});
afterAll(() => engine.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

const inputOf = (of: Sample) => bundleInputOf(of, join(folder, 'bundle.zip'));

describe('a bundle', () => {
  it('holds the files it names, and no more', async () => {
    const input = inputOf(sample);
    const bundle = await exportBundle(input);
    const files = await unzip(input.path);
    expect([...files.keys()]).toEqual(bundle.files.map(({ name }) => name));
    for (const { name, bytes, sha256 } of bundle.files) {
      expect(files.get(name)!.length).toBe(bytes);
      expect(createHash('sha256').update(files.get(name)!).digest('hex')).toBe(sha256);
    }
    const manifest = JSON.parse(files.get('manifest.json')!.toString()) as object;
    expect(manifest).toEqual({
      format: 'atelier-bundle/1',
      version: '0.0.0',
      project: 'Shirts',
      run: { id: 'run-1', name: 'First *try*' },
      files: bundle.files.filter(({ name }) => name !== 'manifest.json'),
    });
    expect(bundle.bytes).toBe((await readFile(input.path)).length);
    expect(await readdir(folder)).toEqual(['bundle.zip']);
    expect(JSON.parse(files.get('labels.json')!.toString())).toEqual(sample.classes);
    expect(JSON.parse(files.get('recipe.json')!.toString())).toEqual(sample.recipe);
    expect(JSON.parse(files.get('evaluation.json')!.toString())).toEqual(input.evaluation);
    expect(JSON.parse(files.get('parity.json')!.toString())).toEqual(bundle.parity);
    expect(bundle.parity).toMatchObject({ images: 30, passed: true, labelFlips: 0 });
  });

  it('is the same, byte for byte, in any time zone', async () => {
    const input = inputOf(sample);
    const zone = process.env.TZ;
    const digests = new Set<string>();
    for (const TZ of ['UTC', 'Pacific/Kiritimati', 'America/St_Johns']) {
      process.env.TZ = TZ;
      await exportBundle(input);
      digests.add(
        createHash('sha256')
          .update(await readFile(input.path))
          .digest('hex'),
      );
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    expect(digests.size).toBe(1);
  });

  it('gives the weights back as the studio keeps them', async () => {
    const input = inputOf(sample);
    await exportBundle(input);
    await writeFile(join(folder, 'model.safetensors'), (await unzip(input.path)).get('weights.safetensors')!);
    const { recipe, classCount, normalisation, weights, epoch } = await loadModel(folder);
    expect({ recipe, classCount, normalisation, epoch }).toEqual({
      recipe: sample.recipe,
      classCount: 3,
      normalisation: sample.normalisation,
      epoch: 3,
    });
    expect(weights).toEqual(sample.weights);
  });

  it('shows golden images of every class, with the label and answer of each', async () => {
    const input = inputOf(sample);
    await exportBundle(input);
    const files = await unzip(input.path);
    const expected = JSON.parse(files.get('golden/expected.json')!.toString()) as Expected[];
    expect(expected.slice(0, 3).map(({ label }) => label)).toEqual(sample.classes);
    expect(expected.length).toBe(10);
    // Images 0, 13 and 14 are the first of their classes.
    for (const [position, index] of [0, 13, 14].entries()) {
      const pixels = await sharp(files.get(`golden/${expected[position]!.file}`))
        .raw()
        .toBuffer();
      expect(Buffer.compare(pixels, sample.golden.pixels.subarray(index * 324, (index + 1) * 324))).toBe(0);
      expect(Float32Array.from(expected[position]!.probabilities)).toEqual(
        sample.golden.probabilities.subarray(index * 3, (index + 1) * 3),
      );
    }
  });

  it('runs: predict.js answers for the golden images as the studio did', async () => {
    const input = inputOf(sample);
    await exportBundle(input);
    for (const [name, bytes] of await unzip(input.path)) {
      await mkdir(dirname(join(folder, 'out', name)), { recursive: true });
      await writeFile(join(folder, 'out', name), bytes);
    }
    await symlink(resolve('node_modules'), join(folder, 'out/node_modules'), 'junction');
    const expected = JSON.parse(
      await readFile(join(folder, 'out/golden/expected.json'), 'utf8'),
    ) as Expected[];
    const lines = execFileSync(
      process.execPath,
      [join(folder, 'out/predict.js'), '--json', ...expected.map(({ file }) => join(folder, 'out/golden', file))],
      { encoding: 'utf8' },
    ).trimEnd().split('\n'); // prettier-ignore
    expect(lines.length).toBe(expected.length);
    for (const [index, line] of lines.entries()) {
      const answer = (JSON.parse(line) as { probabilities: Record<string, number> }).probabilities;
      expect(Object.keys(answer)).toEqual(sample.classes);
      for (const [position, value] of Object.values(answer).entries()) {
        expect(value).toBeCloseTo(expected[index]!.probabilities[position]!, 4);
      }
    }
  });

  it('says in its card what it is and how good, and lets no class name break out', async () => {
    const input = inputOf(sample);
    await exportBundle(input);
    const card = (await unzip(input.path)).get('README.md')!.toString();
    expect(card).toContain('# First \\*try\\*\n');
    expect(card).toContain(`**${(100 * input.evaluation!.accuracy).toFixed(2)} %** right (95 % interval`);
    expect(card).toContain('100 images to learn from');
    expect(card).toContain('1. \\=cmd()\n2. a \\| "b" # c\n');
    expect(card).not.toMatch(/undefined|NaN|null|\[object/);
    const rows = card.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.slice(0, 5).every((row) => row.replaceAll('\\|', '').split('|').length === 7)).toBe(true);
  });

  it('says in its card where the figures are of several answers an image', async () => {
    const input = inputOf(sample);
    const cardOf = async (testTime: Evaluation['testTime']) => {
      await exportBundle({ ...input, evaluation: { ...input.evaluation!, testTime } });
      return (await unzip(input.path)).get('README.md')!.toString();
    };
    expect(await cardOf('once')).not.toContain('averaged');
    expect(await cardOf('flip')).toContain('also mirrored, and the answers averaged; asked once');
  });

  it('can be had without an evaluation', async () => {
    const input = { ...inputOf(sample), evaluation: null };
    const { files } = await exportBundle(input);
    expect(files.map(({ name }) => name)).not.toContain('confusion.csv');
    expect((await unzip(input.path)).get('README.md')!.toString()).toContain('had not been evaluated');
  });

  it('leaves what was there where the answers differ, and where it is cancelled', async () => {
    const input = inputOf(sample);
    await writeFile(input.path, 'before');
    const goldenProbabilities = input.goldenProbabilities.map((value, index) =>
      index === 40 ? value + 0.01 : value,
    );
    await expect(exportBundle({ ...input, goldenProbabilities })).rejects.toMatchObject({
      code: 'PARITY_FAILED',
      details: { images: 30, largestDifference: expect.closeTo(0.01, 4), tolerance: 1e-4 },
    });
    await expect(exportBundle({ ...input, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await readdir(folder)).toEqual(['bundle.zip']);
    expect(await readFile(input.path, 'utf8')).toBe('before');
  });

  it('says where it cannot be written', async () => {
    const input = { ...inputOf(sample), path: join(folder, 'nowhere/bundle.zip') };
    await expect(exportBundle(input)).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  });
});

interface Expected {
  file: string;
  label: string;
  probabilities: number[];
}

it('quotes what a spreadsheet would run or split', () => {
  expect(
    csv([
      ['=1+1', '+1', '-1', '@a', '\tb', 'c,d', 'e"f', 'g\nh', 'i'],
      [-1, 2],
    ]),
  ).toBe(`'=1+1,'+1,'-1,'@a,'\tb,"c,d","e""f","g\nh",i\r\n-1,2\r\n`);
});
