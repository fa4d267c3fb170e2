import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Evaluation } from '#contract/evaluation.ts';
import { loadModel } from '#learning/model/model-file.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportRun } from './export-run.ts';
import { exportInputOf, type Sample, sampleNetwork, variedLayers } from './testing.ts';
import { unzip } from '#learning/files/unzip.ts';

let engine: Engine;
let sample: Sample;
let folder: string;
beforeAll(async () => {
  engine = await openEngine();
  sample = await sampleNetwork(variedLayers, { classCount: 3, images: 30 });
  sample.classes = ['T-shirt/top', '=cmd()', 'a | "b"\n# c'];
});
afterAll(() => engine.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

const inputOf = (of: Sample) => exportInputOf(of, join(folder, 'bundle.zip'));

describe('a bundle', () => {
  it('holds the files it names, and no more', async () => {
    const input = inputOf(sample);
    const bundle = await exportRun('bundle', input);
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

  it('says of images that the run had learned from that it had, and never that they had no part in it', async () => {
    const input = inputOf(sample);
    const card = async (trainedOn: number) => {
      await exportRun('bundle', { ...input, evaluation: { ...input.evaluation!, trainedOn } });
      return (await unzip(input.path)).get('README.md')!.toString();
    };
    expect(await card(0)).toContain('on 30 test images, which had no part in the training.');
    const told = await card(30);
    expect(told).toContain('on 30 test images. The run had trained or validated on 30 of these 30 images');
    expect(told).not.toContain('no part in the training');
  });

  it('gives the weights back as the studio keeps them', async () => {
    const input = inputOf(sample);
    await exportRun('bundle', input);
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
    await exportRun('bundle', input);
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

  describe('runs', () => {
    /** The bundle, unpacked beside the packages that its card asks for. */
    async function unpacked(): Promise<string> {
      const input = inputOf(sample);
      await exportRun('bundle', input);
      const out = join(folder, 'out');
      for (const [name, bytes] of await unzip(input.path)) {
        await mkdir(dirname(join(out, name)), { recursive: true });
        await writeFile(join(out, name), bytes);
      }
      await symlink(resolve('node_modules'), join(out, 'node_modules'), 'junction');
      return out;
    }
    const predictJs = (out: string, ...words: string[]) =>
      spawnSync(process.execPath, [join(out, 'predict.js'), ...words], { encoding: 'utf8' });

    it('predict.js answers for the golden images as the studio did', async () => {
      const out = await unpacked();
      const expected = JSON.parse(await readFile(join(out, 'golden/expected.json'), 'utf8')) as Expected[];
      const images = expected.map(({ file }) => join(out, 'golden', file));
      const { stdout, stderr, status } = predictJs(out, '--json', ...images);
      expect([stderr, status]).toEqual(['', 0]);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.length).toBe(expected.length);
      for (const [index, line] of lines.entries()) {
        const answer = (JSON.parse(line) as { probabilities: Record<string, number> }).probabilities;
        expect(Object.keys(answer)).toEqual(sample.classes);
        for (const [position, value] of Object.values(answer).entries()) {
          expect(value).toBeCloseTo(expected[index]!.probabilities[position]!, 4);
        }
      }
    });

    it('predict.js goes on after what it skips, names it, and lets no name speak to the terminal', async () => {
      const out = await unpacked();
      const deep = join(folder, 'deep.png');
      await sharp(Buffer.alloc(8 * 8 * 2, 0x0f), {
        raw: { width: 8, height: 8, channels: 1, depth: 'ushort' } as never,
      })
        .toColourspace('grey16')
        .png()
        .toFile(deep);
      const hostile = join(folder, '\u001b[2Jno.png');
      await writeFile(hostile, 'no image');
      await writeFile(
        join(folder, 'drawn.svg'),
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      );
      const golden = join(out, 'golden/0.png');
      const { stdout, stderr, status } = predictJs(out, hostile, deep, join(folder, 'drawn.svg'), golden);
      expect(status).toBe(1);
      expect(stdout.split('\n')[0]).toBe(golden);
      expect(stdout).toContain('%  a | "b"\\x0a# c\n');
      expect(stderr).toMatch(
        /^skipped .*\\x1b\[2Jno\.png: .+\nskipped .*deep\.png: it has values of type ushort.+\nskipped .*svg: the format svg is not read here\n3 of 4 images were skipped\n$/,
      );
      const json = predictJs(out, '--json', hostile, golden);
      expect(
        json.stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      ).toEqual([
        { image: hostile, error: expect.any(String) as string },
        { image: golden, probabilities: expect.any(Object) as object },
      ]);
    });

    it.each(['model.onnx', 'labels.json', 'recipe.json'])(
      'predict.js answers nothing where %s is not as it was written',
      async (name) => {
        const out = await unpacked();
        const bytes = await readFile(join(out, name));
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(join(out, name), bytes);
        expect(predictJs(out, join(out, 'golden/0.png'))).toMatchObject({
          status: 1,
          stdout: '',
          stderr: `${name} is not the file that manifest.json lists: take another copy of the bundle\n`,
        });
      },
    );
  });

  it('says in its card what it is and how good, and lets no class name break out', async () => {
    const input = inputOf(sample);
    await exportRun('bundle', input);
    const card = (await unzip(input.path)).get('README.md')!.toString();
    expect(card).toContain('# First \\*try\\*\n');
    expect(card).toContain(`**${(100 * input.evaluation!.accuracy).toFixed(2)} %** right (95 % interval`);
    expect(card).toContain('100 images to learn from');
    expect(card).toContain('1. \\=cmd()\n2. a \\| "b" # c\n');
    expect(card).not.toMatch(/undefined|NaN|null|\[object/);
    expect(card).toContain('npm install --ignore-scripts onnxruntime-node sharp\n');
    expect(card).toContain('`atelier predict` read JPEG, PNG.');
    expect(card).toContain('`lanczos3`');
    const rows = card.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.slice(0, 5).every((row) => row.replaceAll('\\|', '').split('|').length === 7)).toBe(true);
  });

  it('lets no name speak as Markdown, as HTML or to a terminal', async () => {
    const classes = ['<script>alert(1)</script>', '\u001b[31m`x` ![y](z) $a$', '# <b>\n| - | -'];
    const input = inputOf({ ...sample, classes });
    await exportRun('bundle', {
      ...input,
      meta: { ...input.meta, runName: '\u202e<img src=x>', projectName: '`' },
    });
    const card = (await unzip(input.path)).get('README.md')!.toString();
    expect(card).toContain(String.raw`# \\u202e\<img src=x\>`);
    expect(card).toContain(String.raw`0. \<script\>alert(1)\</script\>`);
    expect(card).toContain(String.raw`1. \\x1b\[31m\`x\` !\[y\](z) \$a\$`);
    expect(card).toContain(String.raw`2. \# \<b\> \| - \| -`);
    expect(card).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
    expect(card).not.toMatch(/(?<!\\)<(script|b|img)/);
  });

  it('says in its card where the figures are with test-time augmentation', async () => {
    const input = inputOf(sample);
    const cardOf = async (tta: Evaluation['tta']) => {
      await exportRun('bundle', { ...input, evaluation: { ...input.evaluation!, tta } });
      return (await unzip(input.path)).get('README.md')!.toString();
    };
    expect(await cardOf('none')).not.toContain('averaged');
    expect(await cardOf('flip')).toContain(
      'predictions for each image and its mirror image were averaged. The files here do without it',
    );
  });

  it('can be had without an evaluation', async () => {
    const input = { ...inputOf(sample), evaluation: null };
    const { files } = await exportRun('bundle', input);
    expect(files.map(({ name }) => name)).not.toContain('confusion.csv');
    expect((await unzip(input.path)).get('README.md')!.toString()).toContain('had not been evaluated');
  });
});

interface Expected {
  file: string;
  label: string;
  probabilities: number[];
}
