/** Backbones from ONNX files: each way in which others write them gives the features that another runtime computes. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeOnnx } from '#learning/onnx/onnx.ts';
import { onnxOf, sampleNetwork } from '#learning/export/testing.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { featureOperations } from '#recipe/plan.ts';
import { normalise } from '#learning/model/preprocessing.ts';
import { presets } from '#recipe/presets.ts';
import { importedRows } from '#recipe/testing-imported.ts';
import { readInitial } from '#learning/training/checkpoint/initial.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { openBackbone, requireBackbone } from './backbones.ts';
import { addOwn, findOwn, listOwn, type OwnCandidate, type OwnOptions, readOwn, removeOwn } from './own.ts';
import { OnnxDraft, residualNetwork } from './testing-onnx.ts';
import { expectAlike, featuresBy, picture } from './testing-own.ts';

let engine: Engine;
let folder: string;
const cacheBefore = process.env['ATELIER_CACHE'];
beforeAll(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), 'own-backbone-'));
  process.env['ATELIER_CACHE'] = join(folder, 'cache');
});
afterAll(async () => {
  engine.close();
  if (cacheBefore === undefined) delete process.env['ATELIER_CACHE'];
  else process.env['ATELIER_CACHE'] = cacheBefore;
  await rm(folder, { recursive: true, force: true });
});

async function read(bytes: Uint8Array, options: OwnOptions): Promise<OwnCandidate> {
  const path = join(folder, 'Given Net.onnx');
  await writeFile(path, bytes);
  return readOwn(path, options);
}

/** What onnxruntime gives as `output`, of a float input [2, channels, height, width] made of the pixels. */
async function featuresElsewhere(
  bytes: Uint8Array,
  input: string,
  output: string,
  pixels: Uint8Array,
  [height, width, channels]: [number, number, number],
  { mean, std, last = false }: { mean: number[]; std: number[]; last?: boolean },
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const area = height * width;
  const values = new Float32Array(pixels.length);
  pixels.forEach((pixel, at) => {
    const [image, place, channel] = [
      Math.floor(at / (area * channels)),
      Math.floor(at / channels) % area,
      at % channels,
    ];
    const value = (pixel / 255 - mean[channel]!) / std[channel]!;
    values[last ? at : (image * channels + channel) * area + place] = value;
  });
  const shape = last ? [2, height, width, channels] : [2, channels, height, width];
  const answer = (await session.run({ [input]: new ort.Tensor('float32', values, shape) }))[output]!;
  await session.release();
  return answer.data as Float32Array;
}

const mostOff = 1e-4;
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const pads = [1, 1, 1, 1];
type Build = (draft: OnnxDraft, x: string) => string;

/** Networks of [batch, 3, 32, 28], each to the tensor of its features. */
const ways: Record<string, Build> = {
  'a residual network of PyTorch': (draft, x) => residualNetwork(draft, x).features,
  'a network whose map is laid out channels first, then dense': (draft, x) => {
    let map = draft.node('Relu', [draft.conv(x, 3, 5, 3, { pads }, true)]);
    map = draft.node('MaxPool', [map], { kernel_shape: [2, 2], strides: [2, 2] });
    map = draft.node('Relu', [draft.conv(map, 5, 4, 3, { strides: [2, 2] }, true)]);
    const flat = draft.node('Dropout', [draft.node('Flatten', [map])]);
    return draft.node('Relu', [draft.dense(flat, 4 * 7 * 6, 9)]);
  },
  'squeeze-and-excitation of convolutions, and hard swish': (draft, x) => {
    let map = draft.node('HardSwish', [
      draft.norm(draft.conv(x, 3, 6, 3, { strides: [2, 2], pads }), 6, 1e-3),
    ]);
    map = draft.node('Relu', [draft.conv(map, 1, 6, 5, { group: 6, pads: [2, 2, 2, 2] }, true)]);
    let gate = draft.node('Relu', [draft.conv(draft.node('GlobalAveragePool', [map]), 6, 3, 1, {}, true)]);
    gate = draft.node('HardSigmoid', [draft.conv(gate, 3, 6, 1, {}, true)], { alpha: { float: 1 / 6 } });
    map = draft.conv(draft.node('Mul', [gate, map]), 6, 7, 1, {}, true);
    const three = draft.floats('three', [], [3]);
    const clipped = draft.node('Clip', [
      draft.node('Add', [map, three]),
      draft.floats('zero', [], [0]),
      draft.floats('six', [], [6]),
    ]);
    map = draft.node('Div', [draft.node('Mul', [map, clipped]), 'six']);
    return draft.node('ReduceMean', [map], { axes: [-2, -1], keepdims: 0 });
  },
  'maps put behind each other, and an average pool': (draft, x) => {
    const map = draft.node('Relu', [draft.conv(x, 3, 4, 3, { pads }, true)]);
    const more = draft.node('Concat', [map, draft.node('Relu', [draft.conv(map, 4, 3, 3, { pads })])], {
      axis: 1,
    });
    const small = draft.node('AveragePool', [draft.norm(more, 7)], { kernel_shape: [2, 2], strides: [2, 2] });
    const pooled = draft.node('GlobalAveragePool', [draft.node('Relu', [small])]);
    return draft.node('Reshape', [pooled, draft.integers('flat', [-1, 7])]);
  },
  'SiLU, GELU and Mish of several nodes, leaky ReLU and ELU': (draft, x) => {
    let map = draft.conv(x, 3, 4, 3, { strides: [2, 2], pads }, true);
    map = draft.node('Mul', [map, draft.node('Sigmoid', [map])]);
    map = draft.conv(map, 4, 5, 3, { pads }, true);
    const erf = draft.node('Erf', [draft.node('Div', [map, draft.floats('root', [], [Math.SQRT2])])]);
    const share = draft.node('Add', [erf, draft.floats('one', [], [1])]);
    map = draft.node('Mul', [draft.node('Mul', [map, share]), draft.floats('half', [], [0.5])]);
    map = draft.node('LeakyRelu', [draft.conv(map, 5, 5, 1, {}, true)], { alpha: { float: 0.01 } });
    map = draft.conv(map, 5, 4, 3, { pads }, true);
    map = draft.node('Mul', [draft.node('Tanh', [draft.node('Softplus', [map])]), map]);
    map = draft.node('Elu', [draft.conv(map, 4, 6, 1, {}, true)]);
    return draft.node('Squeeze', [draft.node('GlobalAveragePool', [map]), draft.integers('axes', [2, 3])]);
  },
  'factors and sums behind layers, as Caffe has them': (draft, x) => {
    const channels = (name: string, count: number) =>
      draft.node('Unsqueeze', [
        draft.weights(name, [count], 1.5, 0.5),
        draft.integers(`${name}/axes`, [1, 2]),
      ]);
    let map = draft.norm(draft.conv(x, 3, 4, 3, { strides: [2, 2], pads }), 4);
    map = draft.node('Add', [draft.node('Mul', [map, channels('scale', 4)]), channels('offset', 4)]);
    map = draft.node('Relu', [draft.node('Mul', [map, draft.floats('two', [], [2])])]);
    map = draft.node('Sub', [draft.conv(map, 1, 4, 3, { group: 4, pads }), channels('less', 4)]);
    map = draft.node('Sum', [
      draft.node('Div', [draft.conv(map, 4, 4, 1, {}, true), channels('part', 4)]),
      map,
    ]);
    const pooled = draft.node('GlobalAveragePool', [draft.node('Relu', [map])]);
    const dense = draft.node('MatMul', [draft.node('Flatten', [pooled]), draft.weights('kernel', [4, 6])]);
    return draft.node('Mul', [
      draft.node('Add', [draft.weights('bias', [6]), dense]),
      draft.weights('last', [6]),
    ]);
  },
  'factors and sums of maps that others look at too, and zeros around maps': (draft, x) => {
    const padding = (pixels: number[]) =>
      draft.integers(`pads${draft.graph.node.length}`, [
        0,
        0,
        ...pixels.slice(0, 2),
        0,
        0,
        ...pixels.slice(2),
      ]);
    let map = draft.node('Pad', [x, padding([0, 1, 2, 1])]);
    map = draft.node('Relu', [draft.conv(map, 3, 4, 3, { strides: [2, 2] }, true)]);
    map = draft.node('MaxPool', [draft.node('Pad', [map, padding([1, 1, 1, 1])])], {
      kernel_shape: [3, 3],
      strides: [2, 2],
    });
    const scaled = draft.node('Mul', [map, draft.weights('scale', [4, 1, 1], 1.5, 0.5)]);
    const moved = draft.node('Relu', [draft.node('Add', [scaled, draft.weights('offset', [1, 4, 1, 1])])]);
    map = draft.node('Add', [draft.conv(moved, 4, 4, 3, { pads }, true), map]);
    const passed = draft.node('Identity', [draft.conv(map, 4, 5, 1)]);
    map = draft.node('Relu', [draft.node('Add', [passed, draft.weights('bias', [5, 1, 1])])]);
    return draft.node('Flatten', [draft.node('GlobalAveragePool', [map])]);
  },
  'a map as features': (draft, x) =>
    draft.node('Relu', [draft.conv(x, 3, 6, 3, { strides: [2, 2], pads }, true)]),
};

describe('a backbone from an ONNX file gives the features that onnxruntime gives', () => {
  test.each(Object.entries(ways))('%s', async (_title, build) => {
    const draft = new OnnxDraft();
    const features = build(draft, draft.input('image', ['batch', 3, 32, 28]));
    const bytes = draft.encode(features);
    const candidate = await read(bytes, { pixels: 'imagenet', output: features });
    expect(candidate.description.preprocessing).toMatchObject({ height: 32, width: 28, channels: 3 });
    const pixels = picture(32, 28, 3);
    let expected = await featuresElsewhere(bytes, 'image', features, pixels, [32, 28, 3], imagenet);
    if (expected.length > 2 * 200) {
      // A map: a pool is put behind it.
      const area = expected.length / 12;
      expected = Float32Array.from({ length: 12 }, (_, at) =>
        expected.subarray(at * area, (at + 1) * area).reduce((sum, value) => sum + value / area, 0),
      );
    }
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });

  test('channels last, SAME padding and a product with a sum behind it, as TensorFlow writes it', async () => {
    const draft = new OnnxDraft(3);
    const x = draft.input('image', ['batch', 31, 24, 3]);
    let map = draft.node('Transpose', [x], { perm: [0, 3, 1, 2] });
    map = draft.node('Conv', [map, draft.weights('w', [5, 3, 3, 3])], {
      auto_pad: 'SAME_UPPER',
      strides: [2, 2],
    });
    map = draft.node('Add', [map, draft.weights('shift', [1, 5, 1, 1])]);
    map = draft.node('Clip', [map, draft.floats('least', [], [0]), draft.floats('most', [], [6])]);
    map = draft.node('Transpose', [map], { perm: [0, 2, 3, 1] });
    const pooled = draft.node('ReduceMean', [map], { axes: [1, 2], keepdims: 0 });
    const dense = draft.node('MatMul', [pooled, draft.weights('kernel', [5, 7])]);
    const features = draft.node('Relu', [draft.node('Add', [dense, draft.weights('bias', [7])])]);
    const answer = draft.node('Add', [
      draft.node('MatMul', [features, draft.weights('last', [7, 10])]),
      draft.weights('end', [10]),
    ]);
    const candidate = await read(draft.encode(answer), { pixels: '-1..1' });
    expect(candidate.description.features.count).toBe(7);
    expect(candidate.description.features.from).toContain('MatMul');
    const pixels = picture(31, 24, 3);
    const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], last: true };
    const expected = await featuresElsewhere(
      draft.encode(features),
      'image',
      features,
      pixels,
      [31, 24, 3],
      half,
    );
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });

  test('blue first: kernels and normalisation are turned round', async () => {
    const draft = new OnnxDraft(4);
    const { features, answer } = residualNetwork(draft, draft.input('image', ['batch', 3, 32, 32]));
    const pixels = picture(32, 32, 3);
    const turned = pixels.map((_, at) => pixels[at - (at % 3) + 2 - (at % 3)]!);
    const given = { mean: [0.4, 0.5, 0.6], std: [0.1, 0.2, 0.3] };
    const candidate = await read(draft.encode(answer), { pixels: given, channelOrder: 'bgr' });
    const expected = await featuresElsewhere(
      draft.encode(features),
      'image',
      features,
      turned,
      [32, 32, 3],
      given,
    );
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });

  test.each([
    ...Object.entries(presets).map(
      ([name, { recipe }]) => [`the preset ${name}`, recipe.model.layers] as const,
    ),
    ...importedRows.slice(0, 3).map((layers, at) => [`imported layers, ${at + 1}`, layers] as const),
    [
      'a stack of blocks',
      [
        { kind: 'conv', filters: 4, activation: 'mish' },
        { kind: 'residual', filters: 4, preActivation: true, squeezeExcite: 2, activation: 'gelu' },
        { kind: 'inverted-residual', filters: 6, stride: 2 },
        { kind: 'layer-norm' },
        { kind: 'separable-conv', filters: 5, activation: 'silu' },
        { kind: 'flatten' },
        { kind: 'dense', units: 12, activation: 'elu' },
      ],
    ] as const,
  ])('what Atelier exports: %s', async (_title, layers) => {
    const sample = await sampleNetwork([...layers], { height: 28, width: 28, channels: 3, classCount: 4 });
    const candidate = await read(encodeOnnx(onnxOf(sample)), {});
    // Size, channels and normalisation stand in the file.
    const { normalisation } = candidate.description.preprocessing;
    expect(normalisation.kind).toBe('custom');
    const pixels = picture(28, 28, 3);
    const network = buildNetwork(sample.recipe, 4, sample.weights);
    const expected = tf.tidy(() => {
      const x = normalise(tf.tensor4d(Float32Array.from(pixels), [2, 28, 28, 3]), sample.normalisation);
      const outputs = network.outputs(x, { training: false });
      return outputs[featureOperations(network.plan) - 1]!.dataSync() as Float32Array;
    });
    network.dispose();
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });
});

describe('a network is cut into layers', () => {
  test('one for each place that a single map leads on from', async () => {
    const draft = new OnnxDraft();
    const { answer } = residualNetwork(draft, draft.input('image', ['batch', 3, 32, 32]));
    const { layers, features, parameters, name } = (await read(draft.encode(answer), { pixels: '0..1' }))
      .description;
    expect(layers.map((layer) => (layer.kind === 'imported' ? layer.operations.length : layer.kind))).toEqual(
      [4, 7, 10],
    );
    expect(features).toEqual({ count: 8, from: 'what the last layer, Gemm "node/gemm_22", looks at' });
    expect(parameters).toBeGreaterThan(1000);
    expect(name).toMatch(/^given-net@[0-9a-f]{12}$/);
  });

  test('no more than a recipe has room for, however deep it is', async () => {
    const draft = new OnnxDraft();
    let x = draft.input('image', [1, 3, 16, 16]);
    for (let at = 0; at < 90; at += 1)
      x = draft.node('Relu', [draft.conv(x, at === 0 ? 3 : 4, 4, 1, {}, true)]);
    const { layers } = (await read(draft.encode(x), { pixels: '0..1' })).description;
    expect(layers.length).toBe(49);
    expect(layers.at(-1)).toEqual({ kind: 'global-average-pool' });
  });
});

describe('backbones that were added', () => {
  test('are kept whole, listed, begun with, and removed', async () => {
    expect(listOwn()).toEqual([]);
    const draft = new OnnxDraft();
    const { answer } = residualNetwork(draft, draft.input('image', ['batch', 3, 32, 32]));
    const options = { pixels: 'imagenet', name: 'tiny', licence: 'MIT' } as const;
    const candidate = await read(draft.encode(answer), options);
    await addOwn(candidate);
    await addOwn(candidate);
    const { name } = candidate.description;
    expect(listOwn()).toEqual([candidate.description]);
    expect(findOwn(name)).toEqual(candidate.description);
    expect((await read(draft.encode(answer), options)).description.name).toBe(name);
    expect((await read(draft.encode(answer), { ...options, pixels: '0..1' })).description.name).not.toBe(
      name,
    );
    const initial = await readInitial(await openBackbone(name));
    expect(initial.how).toBe('backbone');
    expect([...initial.tensors.keys()].sort()).toEqual([...candidate.weights.keys()].sort());
    expect(await readdir(join(folder, 'cache', 'backbones', 'own'))).toEqual([name]);
    await removeOwn(name);
    expect(listOwn()).toEqual([]);
    expect(() => requireBackbone(name)).toThrow(
      /Expected the pre-trained weights of tiny@.*atelier backbones add FILE/,
    );
  });
});
