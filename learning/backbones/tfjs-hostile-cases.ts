/**
 * For tests only: what may be wrong with a model.json, here of the networks of testing-tfjs-hostile.ts, and what it is refused with. A
 * change is made in place, or gives another file.
 */
import { attr } from './testing-tfjs.ts';

type Json = Record<string, unknown>;
interface LayerJson {
  class_name: string;
  config: Json;
  inbound_nodes: unknown[][][];
}
type Case = [title: string, change: (json: Json) => unknown, message: string];

const layersOf = (json: Json): LayerJson[] =>
  (json['modelTopology'] as { config: { layers: LayerJson[] } }).config.layers;
const layerOf = (json: Json, name: string): LayerJson =>
  layersOf(json).find((layer) => layer.config['name'] === name)!;
const layer = (name: string, changes: Partial<LayerJson>) => (json: Json) =>
  void Object.assign(layerOf(json, name), changes);
const setting = (name: string, key: string, value: unknown) => (json: Json) =>
  void (layerOf(json, name).config[key] = value);
const from = (name: string, before: string) => (json: Json) =>
  void (layerOf(json, name).inbound_nodes[0]![0]![0] = before);

const nodesOf = (json: Json) => (json['modelTopology'] as { node: Json[] }).node;
const nodeOf = (json: Json, name: string) => nodesOf(json).find((node) => node['name'] === name)!;
const node = (name: string, changes: Json) => (json: Json) => void Object.assign(nodeOf(json, name), changes);
const attribute = (name: string, key: string, value: unknown) => (json: Json) =>
  void ((nodeOf(json, name)['attr'] as Json)[key] = value);

type Group = { paths: string[]; weights: Json[] };
const weights = (change: (group: Group) => void) => (json: Json) =>
  change((json['weightsManifest'] as Group[])[0]!);
/** Of the first weight. */
const weight = (changes: Json) => weights((all) => void Object.assign(all.weights[0]!, changes));

const own = (key: string, value: unknown): Json =>
  JSON.parse(JSON.stringify({ x: value }).replace('"x"', JSON.stringify(key))) as Json;

/** Of either network. */
export const manifest: Case[] = [
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
    weight({ shape: { length: { toString: null } } }),
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
  ].map((path): Case => [
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
    weight({ shape: [2 ** 40, 2 ** 40] }),
    'Expected a tensor of at most 50000000 numbers',
  ],
  [
    'a weight that says it is many',
    weight({ shape: [1e308, 1e308] }),
    'Expected a tensor of at most 50000000 numbers',
  ],
  ['sides below 0', weight({ shape: [-3, -3, 3, 4] }), 'Expected a tensor of at most 50000000 numbers'],
  ['sides of a half', weight({ shape: [0.5, 54] }), 'Expected a tensor of at most 50000000 numbers'],
  [
    'a gigabyte of them',
    weights((all) => {
      for (const weight of all.weights) weight['shape'] = [49_000_000];
    }),
    'Expected weights of at most 256 MiB',
  ],
  [
    'weights of text',
    weight({ dtype: 'string' }),
    'Expected weights of float32, int32 or bool, stored as such or as float16, uint8 or uint16',
  ],
  ['weights of __proto__', weight({ dtype: '__proto__' }), 'Expected weights of float32, int32 or bool'],
  [
    'weights stored as toString',
    weight({ quantization: { dtype: 'toString' } }),
    'Expected weights of float32, int32 or bool',
  ],
  [
    'a quantisation without a scale',
    weight({ quantization: { dtype: 'uint8', min: 0 } }),
    'Expected min and scale of ',
  ],
];

export const ofLayers: Case[] = [
  [
    'a kind of layer that has no counterpart',
    layer('bent', { class_name: 'MultiHeadAttention' }),
    'received MultiHeadAttention of MultiHeadAttention "bent". Convert the model as a graph model, choose another network, or name a layer before it with --output.',
  ],
  ['a program as a layer', layer('bent', { class_name: 'Lambda' }), 'received Lambda of Lambda "bent"'],
  [
    'a layer called __proto__',
    layer('bent', { class_name: '__proto__' }),
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
    from('norm', 'sum'),
    'Expected nodes of which none waits for itself, received a circle at or before ',
  ],
  [
    'a layer that takes from nothing',
    from('norm', 'nowhere'),
    'Expected something computed of the image before it in BatchNormalization "norm", received "nowhere"',
  ],
  [
    'a layer twice',
    (json) => void layersOf(json).push(layerOf(json, 'norm')),
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
    setting('image', 'batch_input_shape', [null, 7]),
    'Expected an input of [batch, height, width, channels] with 1 or 3 channels, received [?, 7]',
  ],
  [
    'an input of an open size',
    setting('image', 'batch_input_shape', [null, null, null, 3]),
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

export const ofGraphs: Case[] = [
  [
    'an operator that has no counterpart',
    node('bent', { op: 'Einsum' }),
    'received Einsum "bent". Choose another network, or name a tensor before it with --output.',
  ],
  ['an operator called constructor', node('bent', { op: 'constructor' }), 'received constructor "bent"'],
  ['a loop', node('first', { input: ['pool', 'k'] }), 'Expected nodes of which none waits for itself'],
  [
    'constants in a circle',
    node('k', { op: 'Identity', input: ['k'] }),
    'a circle at or before Identity "k"',
  ],
  [
    'two nodes of one name',
    node('pool', { name: 'bent' }),
    'Expected one node for each tensor, received two that give "bent".',
  ],
  [
    'a node without a name',
    node('pool', { name: undefined }),
    'Expected nodes with a name and an operator (op)',
  ],
  [
    'a kernel that is not among the weights',
    weight({ name: 'q' }),
    'Expected weights, received no "k" among them.',
  ],
  [
    'two inputs',
    (json) => void nodesOf(json).push({ name: 'mask', op: 'Placeholder', attr: {} }),
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
    node('pool', { input: ['bent', 'b'] }),
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
