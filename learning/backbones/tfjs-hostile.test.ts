/**
 * Models of TensorFlow.js that are damaged, made to do harm, or simply others: refused in words that say what to do. What is wrong
 * with a model.json is in tfjs-hostile-cases.ts; files with anything in them are tried in tfjs-random.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OwnOptions, readOwn } from './own.ts';
import { refused } from './testing-refusal.ts';
import { smallGraph, smallLayers } from './testing-tfjs-hostile.ts';
import { type Artifacts, GraphDraft, windowOf, writeModel } from './testing-tfjs.ts';
import { manifest, ofGraphs, ofLayers } from './tfjs-hostile-cases.ts';

let folder: string;
let layers: Artifacts;
const graph = smallGraph();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-tfjs-'));
  layers = await smallLayers();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
const place = () => join(folder, `net-${(made += 1)}`);
async function read(
  model: Artifacts,
  change: (json: Record<string, unknown>) => unknown = () => undefined,
  options: OwnOptions = { pixels: '0..1' },
) {
  const changed = { change: (json: Record<string, unknown>) => change(json) ?? json };
  return readOwn(await writeModel(place(), structuredClone(model), changed), options);
}

describe('a model.json is refused', () => {
  test.each(manifest)('with %s', async (_title, change, message) => {
    await refused(read(layers, change), message);
    await refused(read(graph, change), message);
  });
  test.each(ofLayers)('of layers, with %s', async (_title, change, message) => {
    await refused(read(layers, change), message);
  });
  test.each(ofGraphs)('of a graph, with %s', async (_title, change, message) => {
    await refused(read(graph, change), message);
  });

  test('that is no JSON, or nested a million deep', async () => {
    const path = join(folder, 'odd.json');
    await writeFile(path, '{"format": "layers-model", ');
    await refused(readOwn(path, {}), 'Expected a model.json of TensorFlow.js, received one that is no JSON');
    await writeFile(path, '['.repeat(1_000_000) + ']'.repeat(1_000_000));
    await refused(readOwn(path, {}), 'received another file of JSON');
    await writeFile(
      path,
      `{"modelTopology":{"class_name":"Sequential","config":{"layers":[${'{"config":{"layers":['.repeat(100_000)}${']}}'.repeat(100_000)}]}},"weightsManifest":[]}`,
    );
    await refused(readOwn(path, {}), 'Expected layers with a class_name and a name');
  });

  test('whose shards lead elsewhere, are no files, or are cut off', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    const path = await writeModel(place(), layers, { shardBytes: 10_000 });
    const shard = join(dirname(path), 'group1-shard1of1.bin');
    await cp(shard, join(elsewhere, 'weights.bin'));
    await rm(shard);
    await symlink(join(elsewhere, 'weights.bin'), shard);
    await refused(readOwn(path, { pixels: '0..1' }), 'files elsewhere are never opened');
    await rm(shard);
    execFileSync('mkfifo', [shard]);
    await refused(readOwn(path, { pixels: '0..1' }), 'Expected a file of weights, received');
    await rm(shard);
    await cp(join(elsewhere, 'weights.bin'), shard);
    await truncate(shard, 100);
    await refused(readOwn(path, { pixels: '0..1' }), 'received 100 bytes. Fetch it again');
  });

  test('but a cache that links to all of its files is read', async () => {
    const blobs = place();
    const path = await writeModel(blobs, layers, { shardBytes: 10_000 });
    const snapshot = place();
    await mkdir(snapshot);
    for (const name of ['model.json', 'group1-shard1of1.bin'])
      await symlink(join(blobs, name), join(snapshot, name));
    const linked = await readOwn(join(snapshot, 'model.json'), { pixels: '0..1', name: 'x' });
    const straight = await readOwn(path, { pixels: '0..1', name: 'x' });
    expect(linked.description.name).toBe(straight.description.name);
  });

  test('until it is said how pixels come, and what the file does itself is told', async () => {
    await refused(read(graph, undefined, {}), 'Give --pixels imagenet|0..1|-1..1|0..255');
    const draft = new GraphDraft();
    const scaled = draft.add('Mul', [draft.placeholder([-1, 16, 16, 3]), draft.floats('f', [], [1 / 255])]);
    draft.add('Conv2D', [scaled, draft.weights('k', [3, 3, 3, 4])], windowOf(2), 'answer');
    const told = 'The file itself multiplies its input by 0.003922 and adds 0.000.';
    await refused(read(draft.artifacts('answer'), undefined, {}), told);
  });
});
