/** Models of TensorFlow.js that are damaged, made to do harm, or simply others: refused in words that say what to do. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { type OwnOptions, readOwn } from './own.ts';
import {
  type Artifacts,
  artifactsOf,
  attr,
  GraphDraft,
  randomise,
  windowOf,
  writeModel,
} from './testing-tfjs.ts';

type Json = Record<string, unknown>;
interface LayerJson {
  class_name: string;
  config: Json;
  inbound_nodes: unknown[][][];
}

let folder: string;
let layers: Artifacts;
let graph: Artifacts;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-tfjs-'));
  const l = tf.layers;
  const image = tf.input({ shape: [16, 16, 3], name: 'image' });
  let x = l.conv2d({ filters: 4, kernelSize: 3, strides: 2, name: 'first' }).apply(image);
  x = l.reLU({ maxValue: 6, name: 'bent' }).apply(l.batchNormalization({ name: 'norm' }).apply(x));
  x = l
    .add({ name: 'sum' })
    .apply([
      x,
      l.depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'each' }).apply(x),
    ] as tf.SymbolicTensor[]);
  x = l.globalAveragePooling2d({ name: 'pool' }).apply(x);
  x = l.dense({ units: 3, activation: 'softmax', name: 'answer' }).apply(x);
  layers = await artifactsOf(randomise(tf.model({ inputs: image, outputs: x as tf.SymbolicTensor })));
  const draft = new GraphDraft();
  let map = draft.add(
    'Conv2D',
    [draft.placeholder([-1, 16, 16, 3]), draft.weights('k', [3, 3, 3, 4])],
    windowOf(2),
    'first',
  );
  map = draft.add('Relu', [draft.add('BiasAdd', [map, draft.weights('b', [4])], {}, 'biased')], {}, 'bent');
  map = draft.add(
    'Mean',
    [map, draft.integers('sides', [2], [1, 2])],
    { keep_dims: attr.flag(false) },
    'pool',
  );
  draft.add('MatMul', [map, draft.weights('last', [4, 3])], {}, 'answer');
  graph = draft.artifacts('answer');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
const place = () => join(folder, `net-${(made += 1)}`);
const read = async (
  model: Artifacts,
  change: (json: Json) => unknown = (json) => json,
  options: OwnOptions = { pixels: '0..1' },
) => readOwn(await writeModel(place(), structuredClone(model), { change }), options);

const layersOf = (json: Json): LayerJson[] =>
  (json['modelTopology'] as { config: { layers: LayerJson[] } }).config.layers;
const layerOf = (json: Json, name: string): LayerJson =>
  layersOf(json).find((layer) => layer.config['name'] === name)!;
const setting =
  (name: string, key: string, value: unknown) =>
  (json: Json): Json => {
    layerOf(json, name).config[key] = value;
    return json;
  };
const nodeOf = (json: Json, name: string) =>
  (json['modelTopology'] as { node: Json[] }).node.find((node) => node['name'] === name)! as Json & {
    attr: Json;
    input: string[];
  };
const attribute =
  (name: string, key: string, value: unknown) =>
  (json: Json): Json => {
    nodeOf(json, name).attr[key] = value;
    return json;
  };
const group = (json: Json) => (json['weightsManifest'] as { paths: string[]; weights: Json[] }[])[0]!;
const weights =
  (change: (group: { paths: string[]; weights: Json[] }) => void) =>
  (json: Json): Json => {
    change(group(json));
    return json;
  };
const own = (key: string, value: unknown): Json =>
  JSON.parse(JSON.stringify({ x: value }).replace('"x"', JSON.stringify(key))) as Json;

const manifest: [title: string, change: (json: Json) => unknown, message: string][] = [
  ['an empty object', () => ({}), 'received another file of JSON. Name the model.json'],
  ['a list', () => [1, 2], 'received another file of JSON'],
  ['another format', (json) => ({ ...json, format: 'tfjs-bundle' }), 'received format "tfjs-bundle" with a '],
  ['no weights', (json) => ({ ...json, weightsManifest: undefined }), 'Expected a weightsManifest'],
  [
    'weights that are no list',
    (json) => ({ ...json, weightsManifest: { paths: [] } }),
    'Expected a weightsManifest',
  ],
  [
    'a length that is no number',
    weights((all) => void (all.weights[0]!['shape'] = { length: { toString: null } })),
    'Expected a weightsManifest: a list of groups with paths and weights, received another',
  ],
  ...[
    '../group1-shard1of1.bin',
    '/etc/passwd',
    'a/../../x',
    'C:\\x',
    '..\\x',
    'x\0',
    './x',
    'https://example.org/x',
  ].map((path): [string, (json: Json) => unknown, string] => [
    `the path ${JSON.stringify(path)}`,
    weights(({ paths }) => void (paths[0] = path)),
    'Expected weights in the folder of model.json, received the path ',
  ]),
  [
    'a shard that is not there',
    weights(({ paths }) => void (paths[0] = 'none.bin')),
    'Expected the weights beside model.json, in "none.bin", received no such file. Fetch it too',
  ],
  ['a shard less', weights(({ paths }) => void paths.pop()), 'Fetch it again, from where model.json came.'],
  ['a shard twice', weights(({ paths }) => void paths.push(paths[0]!)), 'Fetch it again'],
  ['a weight less', weights((all) => void all.weights.pop()), 'bytes of weights in "group1-shard1of'],
  [
    'a weight twice',
    weights((all) => {
      const [first, second] = all.weights;
      all.weights[1] = { ...second, name: first!['name'] };
    }),
    'Expected each weight once, received ',
  ],
  [
    'a weight that says it is huge',
    weights((all) => void (all.weights[0]!['shape'] = [2 ** 40, 2 ** 40])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'a weight that says it is many',
    weights((all) => void (all.weights[0]!['shape'] = [1e308, 1e308])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'sides below 0',
    weights((all) => void (all.weights[0]!['shape'] = [-3, -3, 3, 4])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'sides of a half',
    weights((all) => void (all.weights[0]!['shape'] = [0.5, 54])),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'a gigabyte of them',
    weights((all) => {
      for (const weight of all.weights) weight['shape'] = [49_000_000];
    }),
    'Expected weights of at most 256 MiB',
  ],
  [
    'weights of text',
    weights((all) => void (all.weights[0]!['dtype'] = 'string')),
    'Expected weights of float32, int32 or bool, stored as such or as float16, uint8 or uint16',
  ],
  [
    'weights of __proto__',
    weights((all) => void (all.weights[0]!['dtype'] = '__proto__')),
    'Expected weights of float32, int32 or bool',
  ],
  [
    'weights stored as toString',
    weights((all) => void (all.weights[0]!['quantization'] = { dtype: 'toString' })),
    'Expected weights of float32, int32 or bool',
  ],
  [
    'a quantisation without a scale',
    weights((all) => void (all.weights[0]!['quantization'] = { dtype: 'uint8', min: 0 })),
    'Expected min and scale of ',
  ],
];

const ofLayers: typeof manifest = [
  [
    'a kind of layer that has no counterpart',
    (json) => {
      layerOf(json, 'bent').class_name = 'MultiHeadAttention';
      return json;
    },
    'received MultiHeadAttention of MultiHeadAttention "bent". Convert the model as a graph model, choose another network, or name a layer before it with --output.',
  ],
  [
    'a program as a layer',
    (json) => {
      Object.assign(layerOf(json, 'bent'), { class_name: 'Lambda' });
      return json;
    },
    'received Lambda of Lambda "bent"',
  ],
  [
    'a layer called __proto__',
    (json) => {
      layerOf(json, 'bent').class_name = '__proto__';
      return json;
    },
    'received __proto__ of __proto__ "bent"',
  ],
  [
    'another activation',
    setting('first', 'activation', 'tanh'),
    'received the activation "tanh" of Conv2D "first"',
  ],
  [
    'an activation that is an object',
    setting('first', 'activation', own('toString', 1)),
    'received the activation "given as an object" of Conv2D "first"',
  ],
  [
    'a ReLU of 4',
    setting('bent', 'max_value', 4),
    'received max_value 4, negative_slope 0, threshold 0 in ReLU "bent"',
  ],
  [
    'two dilations',
    setting('first', 'dilation_rate', [2, 2]),
    'Expected a window without dilation in Conv2D "first", received 2 × 2.',
  ],
  [
    'channels first',
    setting('first', 'data_format', 'channels_first'),
    'Expected channels behind height and width (NHWC) in Conv2D "first"',
  ],
  [
    'strides of 0',
    setting('first', 'strides', [0, 0]),
    'Expected settings within the bounds of a layer, received Conv2D "first"',
  ],
  [
    'strides of text',
    setting('first', 'strides', 'two'),
    'Expected strides of height and width in Conv2D "first"',
  ],
  ['strides beyond all bounds', setting('first', 'strides', [2 ** 60, 2 ** 60]), 'in Conv2D "first"'],
  [
    'padding that is an object',
    setting('first', 'padding', own('toString', 1)),
    'Expected padding SAME, VALID, or of height and width in Conv2D "first", received AN OBJECT',
  ],
  [
    'a norm over another axis',
    setting('norm', 'axis', [1]),
    'received another axis than the last in BatchNormalization',
  ],
  [
    'an epsilon of 10',
    setting('norm', 'epsilon', 10),
    'Expected settings within the bounds of a layer, received BatchNormalization "norm"',
  ],
  [
    'weights under another name',
    weights((all) => {
      for (const weight of all.weights) weight['name'] = `x${String(weight['name'])}`;
    }),
    'Expected weights, received no "first/kernel" among them.',
  ],
  [
    'weights of another shape',
    weights((all) => {
      const kernel = all.weights.find(({ name }) => name === 'first/kernel')!;
      kernel['shape'] = [3, 3, 4, 3];
    }),
    'Expected a kernel for 3 channels in Conv2D "first", received 4.',
  ],
  [
    'a circle',
    (json) => {
      layerOf(json, 'norm').inbound_nodes[0]![0]![0] = 'sum';
      return json;
    },
    'Expected nodes of which none waits for itself, received a circle at or before ',
  ],
  [
    'a layer that takes from nothing',
    (json) => {
      layerOf(json, 'norm').inbound_nodes[0]![0]![0] = 'nowhere';
      return json;
    },
    'Expected something computed of the image before it in BatchNormalization "norm", received "nowhere"',
  ],
  [
    'a layer twice',
    (json) => {
      layersOf(json).push(layerOf(json, 'norm'));
      return json;
    },
    'Expected one node for each tensor, received two that give "norm"',
  ],
  [
    'no layers',
    (json) => ({ ...json, modelTopology: { class_name: 'Sequential', config: { layers: [] } } }),
    'Expected 1 to 5000 layers, received 0.',
  ],
  [
    'another kind of model',
    (json) => ({ ...json, modelTopology: { class_name: 'Pipeline', config: {} } }),
    'Expected a Sequential or Functional model of Keras, received "Pipeline"',
  ],
  [
    'an input that is no image',
    (json) => {
      layerOf(json, 'image').config['batch_input_shape'] = [null, 7];
      return json;
    },
    'Expected an input of [batch, height, width, channels] with 1 or 3 channels, received [?, 7]',
  ],
  [
    'an input of an open size',
    (json) => {
      layerOf(json, 'image').config['batch_input_shape'] = [null, null, null, 3];
      return json;
    },
    'Give the size that the network was trained at with --size 224',
  ],
  [
    'models within models for ever',
    (json) => {
      let inner: Json = { class_name: 'Conv2D', config: { name: 'c' } };
      for (let at = 0; at < 200; at += 1)
        inner = { class_name: 'Sequential', config: { name: 's', layers: [inner] } };
      return { ...json, modelTopology: inner };
    },
    'Expected models within models 8 deep, received more.',
  ],
  [
    'models within models, many times each',
    (json) => {
      let inner: Json = { class_name: 'ReLU', config: { name: 'r' } };

      for (let at = 0; at < 5; at += 1) {
        const copies = Array.from({ length: 4 }, (_, copy) => ({
          ...structuredClone(inner),
          config: { ...(inner['config'] as Json), name: `n${copy}` },
        }));
        inner = { class_name: 'Sequential', config: { name: 's', layers: copies } };
      }
      const many = Array.from({ length: 40 }, (_, copy) => ({
        ...inner,
        config: { ...(inner['config'] as Json), name: `m${copy}` },
      }));
      return { ...json, modelTopology: { class_name: 'Sequential', config: { layers: many } } };
    },
    'Expected at most 5000 nodes, received more.',
  ],
];

const ofGraphs: typeof manifest = [
  [
    'an operator that has no counterpart',
    (json) => {
      nodeOf(json, 'bent')['op'] = 'Einsum';
      return json;
    },
    'received Einsum "bent". Choose another network, or name a tensor before it with --output.',
  ],
  [
    'an operator called constructor',
    (json) => {
      nodeOf(json, 'bent')['op'] = 'constructor';
      return json;
    },
    'received constructor "bent"',
  ],
  [
    'a loop',
    (json) => {
      nodeOf(json, 'first').input[0] = 'pool';
      return json;
    },
    'Expected nodes of which none waits for itself',
  ],
  [
    'constants in a circle',
    (json) => {
      nodeOf(json, 'k')['op'] = 'Identity';
      nodeOf(json, 'k').input = ['k'];
      return json;
    },
    'a circle at or before Identity "k"',
  ],
  [
    'two nodes of one name',
    (json) => {
      nodeOf(json, 'pool')['name'] = 'bent';
      return json;
    },
    'Expected one node for each tensor, received two that give "bent".',
  ],
  [
    'a node without a name',
    (json) => {
      delete nodeOf(json, 'pool')['name'];
      return json;
    },
    'Expected nodes with a name and an operator (op)',
  ],
  [
    'a kernel that is not among the weights',
    weights((all) => void (all.weights[0]!['name'] = 'q')),
    'Expected weights, received no "k" among them.',
  ],
  [
    'two inputs',
    (json) => {
      (json['modelTopology'] as { node: Json[] }).node.push({ name: 'mask', op: 'Placeholder', attr: {} });
      return json;
    },
    'Expected one input, a batch of images, received 2 inputs.',
  ],
  [
    'an input of text',
    attribute('image', 'dtype', { type: 'DT_STRING' }),
    'Expected an input of float32, int32 or uint8, received type DT_STRING.',
  ],
  [
    'an input of an object',
    attribute('image', 'dtype', { type: own('toString', 1) }),
    'received type an object',
  ],
  [
    'padding on one side',
    attribute('first', 'padding', attr.text('EXPLICIT')),
    'Expected padding SAME, VALID, or of height and width in Conv2D "first", received EXPLICIT.',
  ],
  [
    'channels first',
    attribute('first', 'data_format', attr.text('NCHW')),
    'Expected channels behind height and width (NHWC) in Conv2D "first", received NCHW.',
  ],
  [
    'strides of another length',
    attribute('first', 'strides', attr.ints(2, 2)),
    'Expected strides of height and width in Conv2D "first", received [2, 2].',
  ],
  [
    'strides of texts',
    attribute('first', 'strides', { list: { i: ['x', 'y', 'z', '1e999'] } }),
    'Expected strides of height and width in Conv2D "first", received none.',
  ],
  [
    'a mean of all channels',
    (json) => {
      nodeOf(json, 'pool').input[1] = 'b';
      return json;
    },
    'Expected a few whole numbers, received "b"',
  ],
  [
    'a hundred thousand nodes',
    (json) => ({ ...json, modelTopology: { node: new Array<Json>(100_000).fill(nodeOf(json, 'bent')) } }),
    'Expected at most 5000 nodes, received 100000.',
  ],
  [
    'a megabyte of notes',
    (json) => ({ ...json, notes: 'x'.repeat(9 * 2 ** 20) }),
    'Expected a model.json of at most 8 MiB, received 10 MiB.',
  ],
];

async function refused(reading: Promise<unknown>, message: string): Promise<void> {
  const thrown: unknown = await reading.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AtelierError);
  const { code, message: told } = thrown as AtelierError;
  expect(told).toContain(message);
  expect(code).toBe('BACKBONE_REFUSED');
  expect(told.length).toBeLessThan(1200);
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
    await refused(
      read(graph, (json) => json, {}),
      'Give --pixels imagenet|0..1|-1..1|0..255',
    );
    const draft = new GraphDraft();
    const scaled = draft.add('Mul', [draft.placeholder([-1, 16, 16, 3]), draft.floats('f', [], [1 / 255])]);
    draft.add('Conv2D', [scaled, draft.weights('k', [3, 3, 3, 4])], windowOf(2), 'answer');
    const told = 'The file itself multiplies its input by 0.003922 and adds 0.000.';
    await refused(
      read(draft.artifacts('answer'), (json) => json, {}),
      told,
    );
  });
});

describe('any model.json', () => {
  const isRefusal = (error: unknown) => {
    expect(error).toBeInstanceOf(AtelierError);
    expect((error as AtelierError).code).toBe('BACKBONE_REFUSED');
  };

  /** Replaces the value at a place among all values of the JSON, counted in order. */
  function replaced(value: unknown, at: { left: number }, by: unknown): unknown {
    at.left -= 1;
    if (at.left === -1) return by;
    if (Array.isArray(value)) return value.map((item) => replaced(item, at, by));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, at, by)]));
  }
  function count(value: unknown): number {
    if (typeof value !== 'object' || value === null) return 1;
    return Object.values(value).reduce<number>((sum, item) => sum + count(item), 1);
  }
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      '',
      'image',
      'first',
      'norm',
      '__proto__',
      -1,
      0,
      0.5,
      3,
      1e308,
      [],
      {},
      [[]],
    ),
    fc.constant(JSON.parse('{"__proto__": {"toString": 1}, "length": 9, "toString": null}') as unknown),
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.integer(),
  );

  test.each([
    ['layers', () => layers],
    ['a graph', () => graph],
  ])('of %s with other values somewhere is read or refused', async (_title, of) => {
    const path = await writeModel(place(), of(), { shardBytes: 10_000 });
    const whole = JSON.parse(await readFile(path, 'utf8')) as unknown;
    const most = count(whole) - 1;
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(most), by: values }), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          let json = whole;
          for (const { at, by } of changes) json = replaced(json, { left: at }, by);
          await writeFile(path, JSON.stringify(json));
          await readOwn(path, { pixels: '0..1' }).then(() => void (kept += 1), isRefusal);
        },
      ),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(0);
  });

  test('of layers put together at random is read or refused', async () => {
    const kinds = fc.constantFrom(
      'Conv2D',
      'DepthwiseConv2D',
      'SeparableConv2D',
      'BatchNormalization',
      'Activation',
      'ReLU',
      'ZeroPadding2D',
      'MaxPooling2D',
      'AveragePooling2D',
      'GlobalAveragePooling2D',
      'GlobalMaxPooling2D',
      'Add',
      'Multiply',
      'Concatenate',
      'Dropout',
      'Flatten',
      'Reshape',
      'Dense',
      'Rescaling',
      'Normalization',
      'LayerNormalization',
      'Softmax',
      'LeakyReLU',
      'InputLayer',
      'Sequential',
      'ELU',
    );
    const settings = fc.dictionary(
      fc.constantFrom(
        'padding',
        'strides',
        'pool_size',
        'use_bias',
        'activation',
        'axis',
        'keepdims',
        'target_shape',
        'scale',
        'offset',
        'mean',
        'variance',
        'max_value',
        'negative_slope',
        'alpha',
        'dilation_rate',
      ),
      fc.oneof(
        fc.constantFrom<unknown>(
          'same',
          'valid',
          'relu6',
          'swish',
          true,
          false,
          null,
          [1, 1, 4],
          [4],
          [
            [0, 1],
            [1, 0],
          ],
        ),
        fc.integer({ min: -2, max: 6 }),
        fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 3 }),
      ),
      { maxKeys: 3 },
    );
    const layer = fc.record({ kind: kinds, from: fc.array(fc.nat(4), { maxLength: 3 }), settings });
    const names = [
      'kernel',
      'depthwise_kernel',
      'pointwise_kernel',
      'bias',
      'gamma',
      'beta',
      'moving_mean',
      'moving_variance',
      'mean',
      'variance',
    ];
    const shapes: Record<string, number[]> = {
      kernel: [1, 1, 3, 3],
      depthwise_kernel: [3, 3, 3, 1],
      pointwise_kernel: [1, 1, 3, 3],
    };
    let kept = 0;
    const at = place();
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 5 }), async (given) => {
        const name = (place: number) => (place === 0 ? 'image' : `l${place - 1}`);
        const json = [
          {
            class_name: 'InputLayer',
            name: 'image',
            config: { name: 'image', batch_input_shape: [null, 9, 9, 3] },
            inbound_nodes: [],
          },
          ...given.map(({ kind, from, settings: config }, index) => ({
            class_name: kind,
            name: `l${index}`,
            config: { ...config, name: `l${index}` },
            inbound_nodes: [from.map((before) => [name(before), 0, 0, {}])],
          })),
        ];
        const weightSpecs = given.flatMap((_, index) =>
          names.map((weight) => ({
            name: `l${index}/${weight}`,
            dtype: 'float32' as const,
            shape: shapes[weight] ?? [3],
          })),
        );
        const numbers = weightSpecs.reduce(
          (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
          0,
        );
        const model: Artifacts = {
          modelTopology: {
            class_name: 'Functional',
            config: {
              layers: json,
              input_layers: [['image', 0, 0]],
              output_layers: [[`l${given.length - 1}`, 0, 0]],
            },
          },
          weightSpecs,
          weightData: Float32Array.from({ length: numbers }, (_, place) => 0.5 + (place % 7) / 10).buffer,
        };
        await readOwn(await writeModel(at, model, { shardBytes: 100_000 }), {
          pixels: '0..1',
          name: 'x',
        }).then(() => void (kept += 1), isRefusal);
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(0);
  });
});
