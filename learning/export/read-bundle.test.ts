/** Bundles as they may arrive: whole, cut, changed, put together by others. What a mutated one answers is torture/mutated-bundle. */
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRun } from './export-run.ts';
import { readBundle } from './read-bundle.ts';
import { exportInputOf, reseal, sampleNetwork } from './testing.ts';
import { unzip } from '#learning/files/unzip.ts';

let engine: Engine;
let folder: string;
let whole: string;
let changed: string;
beforeAll(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), 'atelier-read-bundle-'));
  [whole, changed] = [join(folder, 'whole.zip'), join(folder, 'changed.zip')];
  const sample = await sampleNetwork([{ kind: 'conv', filters: 2 }, { kind: 'flatten' }], {
    classCount: 3,
    images: 12,
  });
  await exportRun('bundle', exportInputOf(sample, whole));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

describe('a bundle that is read', () => {
  it('says what is in it and where it comes from', async () => {
    const { model, classes, preprocessing, origin } = await readBundle(whole);
    const files = await unzip(whole);
    expect(model.equals(files.get('model.onnx')!)).toBe(true);
    expect(classes).toEqual(['class 0', 'class 1', 'class 2']);
    expect(preprocessing).toMatchObject({ height: 12, width: 9, channels: 3, fit: 'crop' });
    expect(origin).toEqual({
      version: '0.0.0',
      project: 'Shirts',
      run: { id: 'run-1', name: 'First *try*' },
    });
  });

  it('is read without a manifest, as they were written before there were any', async () => {
    await reseal(whole, changed, { 'manifest.json': null });
    expect((await readBundle(changed)).origin).toBeNull();
  });

  it.each<[string, Parameters<typeof reseal>[2], RegExp]>([
    ['labels.json is missing', { 'labels.json': null }, /manifest\.json does not list labels\.json/],
    ['labels.json is empty', { 'labels.json': '[]' }, /labels\.json is not as expected/],
    [
      'two classes have one name',
      { 'labels.json': '["one","two","one"]' },
      /labels\.json is not as expected/,
    ],
    ['recipe.json is cut', { 'recipe.json': '{"format":' }, /recipe\.json is no JSON/],
    [
      'the manifest is of other files',
      { 'manifest.json': '{"format":"atelier-bundle/1"}' },
      /manifest\.json is not as/,
    ],
  ])('is refused where %s', async (_, changes, message) => {
    await reseal(whole, changed, changes);
    await expect(readBundle(changed)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('is refused where a file is another than the manifest lists, or is not there', async () => {
    const files = await unzip(whole);
    const manifest = files.get('manifest.json')!;
    // As long as it was, with a CRC-32 that is right.
    const picture = Buffer.from(files.get('golden/0.png')!).fill(0, 20, 24);
    for (const [changes, message] of [
      [{ 'golden/0.png': picture }, /golden\/0\.png is not the file that its manifest\.json lists/],
      [{ 'golden/0.png': 'x' }, /golden\/0\.png is not the file that its manifest\.json lists/],
      [{ 'weights.safetensors': null }, /weights\.safetensors is missing/],
    ] as const) {
      await reseal(whole, changed, { 'manifest.json': manifest, ...changes });
      await expect(readBundle(changed)).rejects.toMatchObject({
        code: 'BUNDLE_DAMAGED',
        message: expect.stringMatching(message) as string,
      });
    }
  });

  it('is refused where a later version wrote it, which says so', async () => {
    await reseal(whole, changed, { 'manifest.json': '{"format":"atelier-bundle/2"}' });
    await expect(readBundle(changed)).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      message:
        'Expected a bundle of the format atelier-bundle/1, received atelier-bundle/2: a later version of Atelier wrote it. Use that version.',
    });
  });

  it('checks the CRC-32 that the zip holds, with or without a manifest', async () => {
    await reseal(whole, changed, { 'manifest.json': null });
    const old = await readFile(changed);
    // Weights lie in model.onnx as they are: one bit of one of them.
    const { model } = await readBundle(changed);
    const place = old.indexOf(model.subarray(0, 100)) + model.indexOf('preprocessing/scale') + 30;
    old[place]! ^= 1;
    await writeFile(changed, old);
    await expect(readBundle(changed)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringMatching(
        /^The bundle is damaged: model\.onnx has the CRC-32 [0-9a-f]{8}, and [0-9a-f]{8} was expected\. /,
      ) as string,
    });
  });

  it('is no bundle where it is cut short anywhere, no zip, another zip, or a pipe', async () => {
    const bytes = await readFile(whole);
    for (const length of [0, 1, 100, Math.floor(bytes.length / 2), bytes.length - 1]) {
      await writeFile(changed, bytes.subarray(0, length));
      await expect(readBundle(changed)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    }
    await reseal(whole, changed, { 'manifest.json': null, 'model.onnx': null });
    await expect(readBundle(changed)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('holds neither manifest.json nor model.onnx') as string,
    });
    await expect(readBundle(folder)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe.zip')]);
    await expect(readBundle(join(folder, 'pipe.zip'))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });
});
