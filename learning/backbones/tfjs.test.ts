/** Backbones from TensorFlow.js models: each way in which they are written gives the features that TensorFlow.js computes. */
import * as tf from '@tensorflow/tfjs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { readOwn } from './own.ts';
import { expectAlike, featuresBy, picture } from './testing-own.ts';
import {
  artifactsOf,
  elsewhere,
  attr,
  fused,
  GraphDraft,
  graphFeatures,
  hubNetwork,
  layerFeatures,
  quantised,
  randomise,
  windowOf,
  writeModel,
} from './testing-tfjs.ts';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), 'tfjs-backbone-'));
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

const mostOff = 1e-5;
const l = tf.layers;
type Map4 = tf.SymbolicTensor;
let made = 0;
const place = () => join(folder, `Given Net ${(made += 1)}`);

const norm = (x: Map4, more = {}) => l.batchNormalization(more).apply(x) as Map4;
const relu6 = (x: Map4) => l.reLU({ maxValue: 6 }).apply(x) as Map4;
const conv = (x: Map4, filters: number, kernelSize: number, more = {}) =>
  l.conv2d({ filters, kernelSize, padding: 'same', useBias: false, ...more }).apply(x) as Map4;
const depthwise = (x: Map4, strides: number, padding: 'same' | 'valid' = 'same') =>
  l.depthwiseConv2d({ kernelSize: 3, strides, padding, useBias: false }).apply(x) as Map4;

/** As MobileNet v2 of Keras: zeros, then a window without padding; blocks that widen, look and narrow, and are added. */
function mobile(): tf.LayersModel {
  const image = tf.input({ shape: [32, 28, 3] });
  let x = relu6(norm(conv(image, 6, 3, { strides: 2 })));
  const zeros = l
    .zeroPadding2d({
      padding: [
        [0, 1],
        [0, 1],
      ],
    })
    .apply(x) as Map4;
  x = norm(conv(relu6(norm(depthwise(zeros, 2, 'valid'))), 5, 1));
  const wide = relu6(norm(conv(x, 12, 1), { epsilon: 1e-3 }));
  x = l.add().apply([x, norm(conv(relu6(norm(depthwise(wide, 1))), 5, 1))]) as Map4;
  x = relu6(norm(conv(x, 9, 1), { scale: false, center: false }));
  const features = l.globalAveragePooling2d({ name: 'features' }).apply(x) as Map4;
  const kept = l.dropout({ rate: 0.2 }).apply(features) as Map4;
  const answer = l.dense({ units: 4, activation: 'softmax', name: 'answer' }).apply(kept) as Map4;
  return randomise(tf.model({ inputs: image, outputs: answer }));
}

/** As ResNet-50 and EfficientNet of Keras: zeros before a pool, squeeze-and-excitation, swish, maps put behind each other. */
function excited(): tf.LayersModel {
  const image = tf.input({ shape: [32, 28, 3] });
  let x = l.zeroPadding2d({ padding: 3 }).apply(image) as Map4;
  x = l
    .activation({ activation: 'relu' })
    .apply(norm(conv(x, 6, 7, { strides: 2, padding: 'valid', useBias: true }))) as Map4;
  x = l.maxPooling2d({ poolSize: 3, strides: 2 }).apply(l.zeroPadding2d({ padding: 1 }).apply(x)) as Map4;
  const bent = l.activation({ activation: 'swish' }).apply(norm(depthwise(x, 1))) as Map4;
  let gate = l.globalAveragePooling2d({}).apply(bent) as Map4;
  gate = l.reshape({ targetShape: [1, 1, 6] }).apply(gate) as Map4;
  gate = conv(gate, 2, 1, { activation: 'swish', useBias: true });
  gate = conv(gate, 6, 1, { activation: 'hardSigmoid', useBias: true });
  x = l.multiply().apply([bent, gate]) as Map4;
  x = l.concatenate().apply([x, norm(x), conv(x, 3, 1, { activation: 'elu', useBias: true })]) as Map4;
  x = l.separableConv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x) as Map4;
  const zeros = l.zeroPadding2d({ padding: 1 }).apply(conv(x, 6, 1)) as Map4;
  x = l.maxPooling2d({ poolSize: 3, strides: 1 }).apply(zeros) as Map4;
  x = l.averagePooling2d({ poolSize: 2 }).apply(l.zeroPadding2d({ padding: 1 }).apply(x)) as Map4;
  x = l.flatten().apply(x) as Map4;
  const features = l.dense({ units: 7, activation: 'mish', name: 'features' }).apply(x) as Map4;
  return randomise(tf.model({ inputs: image, outputs: l.dense({ units: 3 }).apply(features) as Map4 }), 2);
}

/** As Teachable Machine: models within models, one in a row. */
function teachable(): tf.LayersModel {
  const image = tf.input({ shape: [32, 28, 3] });
  let x = relu6(norm(conv(image, 6, 3, { strides: 2 })));
  x = l.add().apply([x, norm(conv(x, 6, 3))]) as Map4;
  const mobile = tf.model({ inputs: image, outputs: x });
  const seen = tf.sequential({ layers: [mobile, l.globalAveragePooling2d({})] });
  const head = tf.sequential();
  head.add(l.dense({ units: 5, activation: 'relu', inputShape: [6], name: 'features' }));
  head.add(l.dense({ units: 3, activation: 'softmax', useBias: false }));
  return randomise(tf.sequential({ layers: [seen, head] }), 3);
}

/** Rescaled within; the greatest of the map; one model applied twice. */
function shared(): tf.LayersModel {
  const image = tf.input({ shape: [32, 28, 3] });
  const scaled = l.rescaling({ scale: 2, offset: -1 }).apply(image) as Map4;
  const x = conv(scaled, 4, 3, { strides: 4, activation: 'relu6', useBias: true });
  const twice = l.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' });
  let y = twice.apply(twice.apply(x)) as Map4;
  y = l.add().apply([x, y, l.leakyReLU({ alpha: 0.01 }).apply(norm(x)) as Map4]) as Map4;
  y = l.dense({ units: 6, activation: 'gelu' }).apply(y) as Map4;
  y = l.maxPooling2d({ poolSize: 2, strides: 1 }).apply(conv(y, 5, 3, { strides: 1, useBias: true })) as Map4;
  const features = l.globalMaxPooling2d({ name: 'features' }).apply(y) as Map4;
  return randomise(tf.model({ inputs: image, outputs: l.dense({ units: 3 }).apply(features) as Map4 }), 4);
}

describe('a backbone from a layers model gives the features that TensorFlow.js gives', () => {
  test.each([
    ['depthwise convolutions and sums', mobile],
    ['squeeze and excitation, zeros and swish', excited],
    ['one model applied twice, and rescaling', shared],
  ])('%s', async (_title, build) => {
    const built = build();
    const model = await artifactsOf(built);
    const candidate = await readOwn(await writeModel(place(), model), { pixels: '0..1' });
    const { features, name, preprocessing, source } = candidate.description;
    const { height, width } = preprocessing;
    expect(features.from).toMatch(/^what the last layer, Dense ".*", looks at$/);
    expect([height, width]).toEqual(built.inputs[0]!.shape.slice(1, 3));
    expect(name).toMatch(/^given-net-\d+@[0-9a-f]{12}$/);
    expect(source.file).toBe('model.json');
    const pixels = picture(height, width, 3);
    const expected = await layerFeatures(model, 'features', pixels, [2, height, width, 3], [0, 1]);
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });

  test('models within models, and a layer within them by name', async () => {
    const built = teachable();
    const model = await artifactsOf(built);
    const path = await writeModel(place(), model);
    const pixels = picture(32, 28, 3);
    const candidate = await readOwn(path, { pixels: '-1..1' });
    expect(candidate.description.features.count).toBe(5);
    const [seen, head] = built.layers as [tf.Sequential, tf.Sequential];
    const expected = async (stop: number) => {
      return elsewhere(async () => {
        const x = tf.tensor4d(
          Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
          [2, 32, 28, 3],
        );
        const pooled = seen.predict(x) as tf.Tensor;
        return Promise.resolve(stop === 0 ? pooled : (head.layers[0]!.apply(pooled) as tf.Tensor));
      });
    };
    expectAlike(featuresBy(candidate, pixels), await expected(1), mostOff);
    const earlier = await readOwn(path, { pixels: '-1..1', output: seen.name });
    expect(earlier.description.features.count).toBe(6);
    expectAlike(featuresBy(earlier, pixels), await expected(0), mostOff);
  });

  test.each(['uint8', 'uint16', 'float16'] as const)('weights stored as %s', async (dtype) => {
    const model = quantised(await artifactsOf(mobile()), dtype);
    // As the converter of Keras' files writes it.
    const change = (json: Record<string, unknown>) => ({
      ...json,
      modelTopology: { keras_version: '2.15.0', model_config: json['modelTopology'] },
    });
    const path = await writeModel(place(), model, { shardBytes: 101, change });
    const candidate = await readOwn(path, { pixels: '-1..1' });
    const pixels = picture(32, 28, 3);
    const expected = await layerFeatures(model, 'features', pixels, [2, 32, 28, 3], [0.5, 0.5]);
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
  });
});

/** As a frozen ResNet v2: norms before convolutions, as themselves and as factors; zeros, shapes that are computed, constants behind other names. */
function frozen(draft: GraphDraft, x: string): { features: string; answer: string } {
  const pads = draft.integers('pads', [4, 2], [0, 0, 2, 1, 1, 2, 0, 0]);
  let map = draft.add('Pad', [x, pads]);
  const kernel = draft.add('Identity', [draft.weights('k0', [5, 5, 3, 6])], {}, 'k0/read');
  map = draft.add('Conv2D', [map, kernel], windowOf(2, 'VALID'));
  map = draft.add('Relu', [draft.add('BiasAdd', [map, draft.weights('b0', [6], 0.3)])]);
  const more = draft.integers('more', [4, 2], [0, 0, 1, 1, 1, 1, 0, 0]);
  const zero = draft.floats('zero', [], [0]);
  map = draft.add('MaxPool', [draft.add('PadV2', [map, more, zero])], {
    ...windowOf(2, 'VALID'),
    ksize: attr.ints(1, 3, 3, 1),
  });
  const scaled = draft.add('Mul', [map, draft.weights('factor', [6], 1.5, 0.5)]);
  let y = draft.add('Relu', [draft.add('AddV2', [scaled, draft.weights('shift', [6], 0.5)])]);
  y = draft.add('DepthwiseConv2dNative', [y, draft.weights('k1', [3, 3, 6, 1])], windowOf(1));
  const measured = [
    draft.weights('scale', [6], 1.5, 0.5),
    draft.weights('offset', [6], 0.3),
    draft.weights('mean', [6], 0.3),
    draft.weights('variance', [6], 1.5, 0.5),
  ];
  y = draft.add('FusedBatchNormV3', [y, ...measured], {
    epsilon: attr.float(0.001),
    is_training: attr.flag(false),
    data_format: attr.text('NHWC'),
  });
  y = draft.add('ClipByValue', [y, zero, draft.floats('six', [], [6])]);
  const axis = draft.integers('axis', [], [3]);
  map = draft.add('ConcatV2', [map, y, axis], { N: { i: '2' } });
  map = draft.add('AvgPool', [map], { ...windowOf(2, 'VALID'), ksize: attr.ints(1, 2, 2, 1) });
  const [begin, end, step] = [
    draft.integers('begin', [1], [0]),
    draft.integers('end', [1], [1]),
    draft.integers('step', [1], [1]),
  ];
  const batch = draft.add(
    'StridedSlice',
    [draft.add('Shape', [map], { out_type: { type: 'DT_INT32' } }), begin, end, step],
    { shrink_axis_mask: { i: '1' } },
  );
  const shape = draft.add('Pack', [batch, draft.integers('rest', [], [12 * 12])], {
    N: { i: '2' },
    axis: { i: '0' },
  });
  map = draft.add('Reshape', [map, shape]);
  let dense = draft.add('MatMul', [map, draft.weights('k2', [144, 7], 0.2)], {
    transpose_a: attr.flag(false),
    transpose_b: attr.flag(false),
  });
  dense = draft.add('Mul', [
    draft.add('AddV2', [dense, draft.weights('b2', [7])]),
    draft.floats('half', [], [0.5]),
  ]);
  const features = draft.add('Relu', [dense], {}, 'features');
  const last = [draft.weights('k3', [7, 4]), draft.weights('b3', [4])];
  return { features, answer: draft.add('_FusedMatMul', [features, ...last], fused('BiasAdd'), 'answer') };
}

describe('a backbone from a graph model gives the features that TensorFlow.js gives', () => {
  test.each([
    ['of TensorFlow Hub', hubNetwork, /^what the last layer, _FusedConv2D ".*", looks at$/],
    ['of a frozen graph', frozen, /^what the last layer, _FusedMatMul "answer", looks at$/],
  ])('%s', async (_title, build, from) => {
    const draft = new GraphDraft();
    const { features, answer } = build(draft, draft.placeholder([-1, 28, 32, 3]));
    // Nodes may come in any order.
    draft.node.reverse();
    const model = draft.artifacts(answer);
    const path = await writeModel(place(), model, { shardBytes: 333 });
    const candidate = await readOwn(path, { pixels: '0..1' });
    expect(candidate.description.features.from).toMatch(from);
    const pixels = picture(28, 32, 3);
    const expected = await graphFeatures(model, features, pixels, [2, 28, 32, 3], [0, 1]);
    expectAlike(featuresBy(candidate, pixels), expected, mostOff);
    const named = await readOwn(path, { pixels: '0..1', output: features });
    expect(named.weights).toEqual(candidate.weights);
  });

  test('an input of whole pixels says itself how they come', async () => {
    const draft = new GraphDraft();
    const x = draft.placeholder([-1, -1, -1, 3], 'DT_INT32');
    const cast = draft.add('Cast', [x], { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } });
    const scaled = draft.add('RealDiv', [cast, draft.floats('most', [], [255])]);
    const { answer } = hubNetwork(draft, scaled);
    const path = await writeModel(place(), draft.artifacts(answer));
    const { preprocessing } = (await readOwn(path, { size: { height: 32, width: 28 } })).description;
    expect(preprocessing).toMatchObject({ height: 32, width: 28, channels: 3 });
    const { normalisation } = preprocessing;
    if (normalisation.kind !== 'custom') throw new Error('Expected one that is given.');
    for (const value of [...normalisation.mean, ...normalisation.std]) expect(value).toBeCloseTo(0.5, 6);
  });
});
