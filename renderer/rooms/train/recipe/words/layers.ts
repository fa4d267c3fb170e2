/** The layers as a person reads them. Complete by type: a kind or field without words does not compile. */
import type { Activation } from '#recipe/activation.ts';
import type { Initialiser, Layer, LayerKind } from '#recipe/layer.ts';
import type { FieldWords, WordsOf } from './field.ts';

const filters: FieldWords = {
  label: 'Filters',
  help: 'How many patterns it looks for; also the channels that come out.',
  also: 'channels, width, kernels',
  step: 8,
};
const kernel: FieldWords = {
  label: 'Kernel',
  help: 'Side of the window it looks through.',
  unit: 'px',
  step: 2,
};
const stride: FieldWords = {
  label: 'Stride',
  help: '2 halves the sides of the map.',
  also: 'downsample, subsample',
  step: 1,
};
const batchNorm: FieldWords = {
  label: 'Batch norm',
  help: 'Normalises over the batch before the activation.',
  also: 'batch normalisation, BN',
};
const activation: FieldWords = {
  label: 'Activation',
  help: 'The bend that lets layers say more than one could.',
  also: 'nonlinearity, relu, gelu, silu, swish, mish, elu, leaky relu, linear',
};
const size: FieldWords = {
  label: 'Size',
  help: 'Side of the window, and the step it moves by.',
  unit: 'px',
  step: 1,
};
const ratio: FieldWords = {
  label: 'Ratio',
  help: 'Channels are squeezed to one in this many.',
  also: 'reduction, bottleneck',
  step: 1,
};
const rate: FieldWords = {
  label: 'Rate',
  help: 'Share that is dropped in training.',
  percent: true,
  step: 0.05,
};

export const layerWords = {
  conv: {
    name: 'Convolution',
    about: 'Looks for small patterns everywhere in the map.',
    also: 'conv, conv2d',
    fields: { filters, kernel, stride, batchNorm, activation },
    start: { kind: 'conv', filters: 32, kernel: 3, stride: 1, batchNorm: true, activation: 'relu' },
  },
  'separable-conv': {
    name: 'Separable convolution',
    about: 'A depthwise and a 1 × 1 convolution: far fewer parameters than one full convolution.',
    also: 'depthwise, mobilenet, xception, pointwise, dsconv',
    fields: { filters, kernel, stride, batchNorm, activation },
    start: { kind: 'separable-conv', filters: 32, kernel: 3, stride: 1, batchNorm: true, activation: 'relu' },
  },
  residual: {
    name: 'Residual block',
    about: 'Two convolutions and a way around them, so that deep networks learn.',
    also: 'resnet, skip connection, shortcut, resblock',
    fields: {
      filters,
      stride,
      preActivation: {
        label: 'Pre-activation',
        help: 'Norm and activation first (ResNet v2).',
        also: 'preact',
      },
      activation,
      squeezeExcite: {
        label: 'Squeeze-excite',
        help: 'Weighs the channels of the branch; squeezed to one in this many.',
        also: 'SE, channel attention',
        step: 1,
      },
    },
    start: {
      kind: 'residual',
      filters: 32,
      stride: 1,
      preActivation: false,
      activation: 'relu',
      squeezeExcite: null,
    },
  },
  'inverted-residual': {
    name: 'Inverted residual block',
    about: 'Widens, looks with a depthwise convolution, narrows: the block of MobileNet and EfficientNet.',
    also: 'mbconv, mobilenet, efficientnet, bottleneck',
    fields: {
      filters,
      expand: {
        label: 'Expansion',
        help: 'How many times wider the channels are inside the block.',
        also: 'expand ratio, t',
        step: 1,
      },
      kernel,
      stride,
      activation,
    },
    start: { kind: 'inverted-residual', filters: 32, expand: 6, kernel: 3, stride: 1, activation: 'relu6' },
  },
  'squeeze-excite': {
    name: 'Squeeze-excite',
    about: 'Weighs channels by what the whole map holds.',
    also: 'SE, channel attention',
    fields: { ratio },
    start: { kind: 'squeeze-excite', ratio: 4 },
  },
  'max-pool': {
    name: 'Max pool',
    about: 'Shrinks the map; keeps the strongest value of each window.',
    also: 'pooling, maxpool, downsample',
    fields: { size },
    start: { kind: 'max-pool', size: 2 },
  },
  'average-pool': {
    name: 'Average pool',
    about: 'Shrinks the map; keeps the mean of each window.',
    also: 'pooling, avgpool, downsample',
    fields: { size },
    start: { kind: 'average-pool', size: 2 },
  },
  'global-average-pool': {
    name: 'Global average pool',
    about: 'One mean per channel: a map becomes a vector.',
    also: 'pooling, GAP',
    fields: {},
    start: { kind: 'global-average-pool' },
  },
  flatten: {
    name: 'Flatten',
    about: 'All values of the map in a row. A dense layer after it is heavy.',
    also: 'reshape',
    fields: {},
    start: { kind: 'flatten' },
  },
  dense: {
    name: 'Dense',
    about: 'Each unit sees all values.',
    also: 'fully connected, linear, FC',
    fields: {
      units: { label: 'Units', help: 'How many values come out.', also: 'neurons, width', step: 8 },
      activation,
    },
    start: { kind: 'dense', units: 64, activation: 'relu' },
  },
  'batch-norm': {
    name: 'Batch norm',
    about: 'Normalises each channel over the batch.',
    also: 'batch normalisation, BN',
    fields: {},
    start: { kind: 'batch-norm' },
  },
  'layer-norm': {
    name: 'Layer norm',
    about: 'Normalises the channels of each pixel; needs no batch.',
    also: 'layer normalisation, LN',
    fields: {},
    start: { kind: 'layer-norm' },
  },
  activation: {
    name: 'Activation',
    about: 'Only the bend, where a layer before it has none.',
    also: 'nonlinearity',
    fields: { activation },
    start: { kind: 'activation', activation: 'relu' },
  },
  dropout: {
    name: 'Dropout',
    about: 'Drops single values in training, so that none is relied upon.',
    also: 'regularisation',
    fields: { rate },
    start: { kind: 'dropout', rate: 0.2 },
  },
  'spatial-dropout': {
    name: 'Spatial dropout',
    about: 'Drops whole channels in training; for maps, where neighbours say the same.',
    also: 'regularisation, dropout2d, channel dropout',
    fields: { rate },
    start: { kind: 'spatial-dropout', rate: 0.1 },
  },
  imported: {
    name: 'Imported',
    about: 'Part of a network read from a file. Its operations cannot be changed here.',
    also: 'onnx, tensorflow.js, tfjs, own backbone',
    fields: { operations: { label: 'Operations', help: 'As they were read from the file.' } },
    start: { kind: 'imported', operations: [{ kind: 'activation', inputs: [-1], activation: 'relu' }] },
  },
} satisfies WordsOf<Layer>;

/** Come with a backbone from a file, and are not added by hand. */
export const layersFromFiles: readonly LayerKind[] = ['imported'];

/** The groups of the menu; the test proves that each other kind stands in exactly one. */
export const layerGroups: readonly { name: string; kinds: readonly LayerKind[] }[] = [
  {
    name: 'Look for patterns',
    kinds: ['conv', 'separable-conv', 'residual', 'inverted-residual', 'squeeze-excite', 'dense'],
  },
  { name: 'Shrink', kinds: ['max-pool', 'average-pool', 'global-average-pool', 'flatten'] },
  { name: 'Normalise and bend', kinds: ['batch-norm', 'layer-norm', 'activation'] },
  { name: 'Regularise', kinds: ['dropout', 'spatial-dropout'] },
];

export const activationNames = {
  linear: 'none (linear)',
  relu: 'ReLU',
  relu6: 'ReLU6',
  'leaky-relu': 'Leaky ReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU (swish)',
  mish: 'Mish',
} satisfies Record<Activation, string>;

export const initialiserNames = {
  'he-normal': 'He, normal',
  'he-uniform': 'He, uniform',
  'glorot-normal': 'Glorot, normal',
  'glorot-uniform': 'Glorot, uniform',
  'lecun-normal': 'LeCun, normal',
  'lecun-uniform': 'LeCun, uniform',
  orthogonal: 'Orthogonal',
} satisfies Record<Initialiser, string>;
