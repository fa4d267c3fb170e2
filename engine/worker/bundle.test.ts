/** Bundles whose models are hostile, on the real worker: what must not run is refused, what never ends is ended, what is no answer is none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRun } from '#learning/export/export-run.ts';
import { exportInputOf, reseal, sampleNetwork } from '#learning/export/testing.ts';
import { unzip } from '#learning/files/unzip.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { buildWorker } from '../testing.ts';
import { type BundleLimits, bundleLimits, BundleReader } from '../jobs/bundle-reader.ts';
import { forkWorker } from '../jobs/workers.ts';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;
const { FLOAT, INT64 } = TensorProto.DataType;

let engine: Engine;
let folder: string;
let whole: string;
let image: { path: string; name: string };
beforeAll(async () => {
  engine = await openEngine();
  await buildWorker();
  folder = await mkdtemp(join(tmpdir(), 'atelier-bundle-reader-'));
  whole = join(folder, 'whole.zip');
  image = { path: join(folder, 'image.png'), name: 'image.png' };
  const sample = await sampleNetwork([{ kind: 'conv', filters: 2 }, { kind: 'flatten' }], {
    classCount: 3,
    images: 12,
  });
  await exportRun('bundle', exportInputOf(sample, whole));
  await sharp(sample.golden.pixels.subarray(0, 324), { raw: { width: 9, height: 12, channels: 3 } })
    .png()
    .toFile(image.path);
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** A bundle with another model and a manifest that is true of it. */
async function bundleWith(change: (model: onnx.ModelProto) => void): Promise<string> {
  const model = ModelProto.decode((await unzip(whole)).get('model.onnx')!);
  change(model);
  const path = join(folder, 'changed.zip');
  await reseal(whole, path, { 'model.onnx': ModelProto.encode(model).finish() });
  return path;
}

async function ask(bundle: string, limits: BundleLimits = bundleLimits) {
  const reader = new BundleReader(bundle, limits);
  try {
    const { classes } = await reader.open();
    return { classes, ...(await reader.predict(image)) };
  } finally {
    reader.close();
  }
}

const tensor = (name: string, dims: number[]): onnx.ITensorProto => ({
  name,
  dims,
  dataType: FLOAT,
  rawData: new Uint8Array(4 * dims.reduce((product, side) => product * side)),
});
const softmaxOf = (model: onnx.ModelProto) => model.graph!.node!.find(({ opType }) => opType === 'Softmax')!;

it('answers as the studio did, again and again, and goes on after an image that is none', async () => {
  const expected = JSON.parse((await unzip(whole)).get('golden/expected.json')!.toString()) as {
    probabilities: number[];
  }[];
  const reader = new BundleReader(whole);
  try {
    expect(await reader.open()).toMatchObject({
      classes: ['class 0', 'class 1', 'class 2'],
      origin: { run: { id: 'run-1', name: 'First *try*' } },
    });
    await writeFile(join(folder, 'none.png'), 'no image');
    const none = { path: join(folder, 'none.png'), name: 'none.png' };
    for (let time = 0; time < 2; time += 1) {
      const { probabilities } = await reader.predict(image);
      probabilities.forEach((value, index) =>
        expect(value).toBeCloseTo(expected[0]!.probabilities[index]!, 4),
      );
      await expect(reader.predict(none)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    }
    // A file that was put in its place meanwhile is looked at anew.
    const other = join(folder, 'other.zip');
    await writeFile(other, await readFile(whole));
    const second = new BundleReader(other);
    await second.open();
    await writeFile(other, 'rotten');
    await expect(second.predict(image)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    second.close();
  } finally {
    reader.close();
  }
});

describe('an answer that is none is refused', () => {
  it.each<[string, (model: onnx.ModelProto) => void, RegExp]>([
    [
      'not a number',
      // The largest number that there is: their sums are infinite, and the shares of those no numbers.
      ({ graph }) =>
        graph!
          .initializer!.filter(({ dataType }) => dataType === FLOAT)
          .forEach((each) => {
            each.rawData = each.rawData!.map((_, at) => (at % 4 < 2 ? 0xff : 0x7f));
          }),
      /its model answered NaN where a probability/,
    ],
    [
      'seven hundred per cent',
      (model) => Object.assign(softmaxOf(model), { opType: 'Relu', attribute: [] }),
      /its model answered (\d|probabilities)/,
    ],
    [
      'as many numbers as nobody expected',
      ({ graph }) => {
        graph!.initializer!.find(
          ({ name }) => name!.endsWith('kernel') && name!.includes('classifier'),
        )!.dims = [108, 6];
      },
      /cannot be (run|loaded)/,
    ],
  ])('%s', async (_, change, message) => {
    await expect(ask(await bundleWith(change))).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a model of another kind is not run', () => {
  const body: onnx.IGraphProto = { name: 'body' };
  const { AttributeType } = AttributeProto;
  const addNode = ({ graph }: onnx.ModelProto, node: onnx.INodeProto) => graph!.node!.unshift(node);
  it.each<[string, (model: onnx.ModelProto) => void, RegExp]>([
    ['a loop', (model) => addNode(model, { opType: 'Loop', output: ['x'], attribute: [{ name: 'body', type: AttributeType.GRAPH, g: body }] }), /the operator "Loop"/],
    ['a graph hidden in a known operator', (model) => (softmaxOf(model).attribute = [{ name: 'axis', type: AttributeType.INT, i: 1, g: body }]), /gives Softmax more than numbers/],
    ['an operator of others', (model) => (softmaxOf(model).domain = 'com.example'), /an operator of "com\.example"/],
    ['operators of others', (model) => model.opsetImport.push({ domain: 'com.microsoft', version: 1 }), /imports operators of others/],
    ['functions of its own', (model) => model.functions.push({ name: 'Softmax', domain: '' }), /defines functions/],
    ['data in a file beside it', ({ graph }) => Object.assign(graph!.initializer![0]!, { dataLocation: 1, externalData: [{ key: 'location', value: '/etc/passwd' }] }), /in a file beside it/],
    ['numbers that are none, which a rectifier would hide', ({ graph }) => graph!.initializer!.find(({ dataType }) => dataType === FLOAT)!.rawData!.set([0, 0, 0xc0, 0x7f]), /numbers in \S+ that are not finite/],
    ['infinite numbers in the other place for them', ({ graph }) => Object.assign(graph!.initializer!.find(({ dataType }) => dataType === FLOAT)!, { rawData: undefined, floatData: [-Infinity] }), /that are not finite/],
    ['another input', ({ graph }) => (graph!.input![0]!.type!.tensorType!.shape!.dim![1]!.dimValue = 11), /has not the input “image” of \[batch, 12, 9, 3\]/],
    ['another output', ({ graph }) => (graph!.output![0]!.name = 'logits'), /has not the output “probabilities”/],
  ])('%s', async (_, change, message) => {
    await expect(ask(await bundleWith(change))).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      message: expect.stringMatching(message) as string,
    });
  }); // prettier-ignore

  it('bytes that are no model', async () => {
    await reseal(whole, join(folder, 'changed.zip'), { 'model.onnx': Buffer.alloc(1000, 0xff) });
    await expect(ask(join(folder, 'changed.zip'))).rejects.toMatchObject({ code: 'BUNDLE_REFUSED' });
  });
});

describe('the worker is ended, and the graph with it', () => {
  /** The mean of a map [1, 1, height, width] is added to the answer, so that no runtime leaves the map out. */
  function addMeanOf(map: string, { graph }: onnx.ModelProto): void {
    softmaxOf({ graph } as onnx.ModelProto).output = ['before'];
    graph!.node!.push(
      { opType: 'GlobalAveragePool', name: 'mean', input: [map], output: ['mean'] },
      { opType: 'Flatten', name: 'flat', input: ['mean'], output: ['flat'] },
      { opType: 'Add', name: 'sum', input: ['before', 'flat'], output: ['probabilities'] },
    );
  }

  async function endOf(bundle: string, limits: BundleLimits) {
    let ended: Promise<unknown> = Promise.resolve();
    const reader = new BundleReader(bundle, limits, () => {
      const handle = forkWorker();
      ended = new Promise((resolve) => handle.onExit(resolve));
      return handle;
    });
    const error: unknown = await reader
      .open()
      .then(() => reader.predict(image))
      .catch((thrown: unknown) => thrown);
    // Before the reader is closed, which would end it too.
    return { error, exit: await ended };
  }

  /** Of known operators, at work for minutes. */
  function slowBundle(): Promise<string> {
    const side = 3000;
    return bundleWith((model) => {
      const { node, initializer } = model.graph!;
      const axes = BigInt64Array.of(0n, 1n);
      initializer!.push(tensor('square-0', [side, side]), tensor('bias', [side]));
      initializer!.push({ ...tensor('axes', [2]), dataType: INT64, rawData: new Uint8Array(axes.buffer) });
      for (let step = 1; step <= 5000; step += 1) {
        const input = [`square-${step - 1}`, 'square-0', 'bias'];
        node!.push({ opType: 'Gemm', name: `gemm-${step}`, input, output: [`square-${step}`] });
      }
      node!.push({ opType: 'Unsqueeze', name: 'map', input: ['square-5000', 'axes'], output: ['map'] });
      addMeanOf('map', model);
    });
  }

  it('where a graph of known operators takes minutes', async () => {
    const bundle = await slowBundle();
    const { error, exit } = await endOf(bundle, { ...bundleLimits, milliseconds: 1000 });
    expect(error).toMatchObject({
      code: 'BUNDLE_TOO_SLOW',
      message:
        'Expected a prediction of the bundle within 1 s, received none, so its process was ended. Its model may never end: take a bundle that you trust, or export the run again.',
    });
    expect(exit).toMatchObject({ signal: 'SIGKILL' });
  });

  it.runIf(process.platform === 'linux')('where two small tensors make a huge one', async () => {
    const side = 30_000;
    const bundle = await bundleWith((model) => {
      model.graph!.initializer!.push(tensor('column', [1, 1, side, 1]), tensor('row', [1, 1, 1, side]));
      model.graph!.node!.push({ opType: 'Mul', name: 'map', input: ['column', 'row'], output: ['map'] });
      addMeanOf('map', model);
    });
    const { error, exit } = await endOf(bundle, { ...bundleLimits, bytes: 2 ** 29 });
    expect(error).toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/^Expected the bundle to need at most 0\.5 GiB of memory/) as string,
    });
    expect(exit).toMatchObject({ signal: 'SIGKILL' });
  });

  it.runIf(process.platform === 'linux')('where the studio is killed while its worker computes', async () => {
    const bundle = await slowBundle();
    // Starts the worker, and says its pid when it has computed for a second: its event loop is not free then.
    const studio = `
      const { fork } = require('node:child_process');
      const { readFileSync } = require('node:fs');
      const worker = fork(process.env.ATELIER_WORKER, [], { stdio: 'ignore' });
      worker.send({ type: 'run', id: 1, kind: 'open-bundle', input: { bundle: ${JSON.stringify(bundle)} } });
      setInterval(() => {
        const ticks = readFileSync('/proc/' + worker.pid + '/stat', 'utf8').split(') ')[1].split(' ')[11];
        if (Number(ticks) > 200) process.stdout.write(worker.pid + '\\n');
      }, 50);
    `;
    const child = spawn(process.execPath, ['-e', studio], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const worker = Number(said.toString().split('\n')[0]);
    expect(existsSync(`/proc/${worker}`)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(`/proc/${worker}`), { timeout: 30_000 }).toBe(false);
  });
});
