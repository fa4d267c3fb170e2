/** The layers that a recipe can list. What each does is plan.ts and learning/model, the network that they make model.ts. */
import * as z from 'zod';
import { Activation, activationLabels } from './activation.ts';
import { field, kind } from './field.ts';
import { ImportedOperations } from './imported-layer.ts';

const filters = field(z.int().min(1).max(2048).default(32), {
  label: 'Filters',
  help: 'Output channels: how many filters it learns.',
  also: 'channels, width, kernels',
  step: 8,
});
const kernel = (initial: number) =>
  field(z.int().min(1).max(11).default(initial), {
    label: 'Kernel',
    help: 'Side of the window.',
    also: 'kernel size',
    unit: 'px',
    step: 2,
  });
const expand = (initial: number) =>
  field(z.int().min(1).max(10).default(initial), {
    label: 'Expansion',
    help: 'How many times wider the channels are inside the block.',
    also: 'expand ratio, t',
    step: 1,
  });
const stride = field(z.int().min(1).max(4).default(1), {
  label: 'Stride',
  help: '2 halves the sides of the map.',
  also: 'downsample, subsample',
  step: 1,
});
const batchNorm = field(z.boolean().default(true), {
  label: 'Batch norm',
  help: 'Normalises over the batch before the activation.',
  also: 'batch normalisation, BN',
});
const activation = (initial: Activation) =>
  field(Activation.default(initial), {
    label: 'Activation',
    help: 'Non-linearity after the layer.',
    also: 'nonlinearity, relu, gelu, silu, swish, mish, elu, leaky relu, linear',
    options: activationLabels,
  });
const size = field(z.int().min(2).max(4).default(2), {
  label: 'Size',
  help: 'Side of the window, and the step it moves by.',
  also: 'pool size',
  unit: 'px',
  step: 1,
});
/** Channels are squeezed to this part of them, one in `ratio`. */
const squeezeRatio = z.int().min(1).max(64);
const rate = (initial: number) =>
  field(z.number().min(0).max(0.9).default(initial), {
    label: 'Rate',
    help: 'Fraction that is dropped in training.',
    percent: true,
    step: 0.05,
  });

const weights = 'Layers with weights';
const shrinking = 'Pooling and reshaping';
const normalising = 'Normalisation and activation';
const regularising = 'Regularisation';

/** A layer of the network, in the order of the list. The classifier (dense to the class count) follows the last one by itself. */
export const Layer = z.discriminatedUnion('kind', [
  /** SAME padding; bias only where no batch norm follows. */
  kind('conv', {
    label: 'Convolution',
    help: 'Looks for small patterns everywhere in the map.',
    also: 'conv, conv2d',
    group: weights,
    fields: { filters, kernel: kernel(3), stride, batchNorm, activation: activation('relu') },
  }),
  /** A depthwise and then a 1×1 convolution (Howard et al. 2017), SAME padding; norm and activation after each. */
  kind('separable-conv', {
    label: 'Separable convolution',
    help: 'A depthwise and a 1 × 1 convolution: far fewer parameters than one full convolution.',
    also: 'depthwise, mobilenet, xception, pointwise, dsconv',
    group: weights,
    fields: { filters, kernel: kernel(3), stride, batchNorm, activation: activation('relu') },
  }),
  /** Two 3×3 convolutions with batch norm around an identity or 1×1 shortcut (He et al. 2015); `preActivation` puts norm and activation first (He et al. 2016). */
  kind('residual', {
    label: 'Residual block',
    help: 'Two convolutions with a skip connection, so that deep networks learn.',
    also: 'resnet, skip connection, shortcut, resblock',
    group: weights,
    fields: {
      filters,
      stride,
      preActivation: field(z.boolean().default(false), {
        label: 'Pre-activation',
        help: 'Norm and activation first (ResNet v2).',
        also: 'preact',
      }),
      activation: activation('relu'),
      /** Weighs the branch's channels before they are added (Hu et al. 2017); null does not. */
      squeezeExcite: field(squeezeRatio.nullable().default(null), {
        label: 'Squeeze-excite',
        help: 'Weighs the channels of the branch; squeezed to one in this many.',
        also: 'SE, channel attention',
        step: 1,
        valueWhenEnabled: 4,
        valueLabel: '1 in',
        search: { values: [null, 4, 8, 16] },
      }),
    },
  }),
  /**
   * Widens the channels `expand` times by a 1×1 convolution, looks with a depthwise one, narrows them with a linear 1×1
   * one; the input is added where the shape stays (Sandler et al. 2018). Batch norm after each, SAME padding; `expand` 1
   * leaves the widening out.
   */
  kind('inverted-residual', {
    label: 'Inverted residual block',
    help: 'Widens, convolves depthwise, narrows: the block of MobileNet and EfficientNet.',
    also: 'mbconv, mobilenet, efficientnet, bottleneck',
    group: weights,
    fields: {
      filters,
      expand: expand(6),
      kernel: kernel(3),
      stride,
      activation: activation('relu6'),
    },
  }),
  /**
   * A depthwise convolution, layer norm, a 1×1 convolution that widens the channels `expand` times, GELU, a 1×1 one that narrows
   * them; added to the input, whose shape stays (Liu et al. 2022, without layer scale).
   */
  kind('convnext', {
    label: 'ConvNeXt block',
    help: 'Convolves depthwise with a large window, widens and narrows, and keeps the shape of the map.',
    also: 'convnext, large kernel, depthwise, layer norm, gelu, modern',
    group: weights,
    fields: { kernel: kernel(7), expand: expand(4) },
  }),
  /** Pool, dense, ReLU, dense, sigmoid, multiply (Hu et al. 2017). */
  kind('squeeze-excite', {
    label: 'Squeeze-excite',
    help: 'Weighs channels by what the whole map holds.',
    also: 'SE, channel attention',
    group: weights,
    fields: {
      ratio: field(squeezeRatio.default(4), {
        label: 'Ratio',
        help: 'Channels are squeezed to one in this many.',
        also: 'reduction, bottleneck',
        step: 1,
      }),
    },
  }),
  kind('dense', {
    label: 'Dense',
    help: 'Each unit sees all values.',
    also: 'fully connected, linear, FC',
    group: weights,
    fields: {
      units: field(z.int().min(1).max(4096).default(64), {
        label: 'Units',
        help: 'Number of outputs.',
        also: 'neurons, width',
        step: 8,
      }),
      activation: activation('relu'),
    },
  }),
  kind('max-pool', {
    label: 'Max pool',
    help: 'Shrinks the map; keeps the highest value of each window.',
    also: 'pooling, maxpool, downsample',
    group: shrinking,
    fields: { size },
  }),
  kind('average-pool', {
    label: 'Average pool',
    help: 'Shrinks the map; keeps the mean of each window.',
    also: 'pooling, avgpool, downsample',
    group: shrinking,
    fields: { size },
  }),
  kind('global-average-pool', {
    label: 'Global average pool',
    help: 'One mean per channel: a map becomes a vector.',
    also: 'pooling, GAP',
    group: shrinking,
    fields: {},
  }),
  kind('flatten', {
    label: 'Flatten',
    help: 'All values of the map as one vector. A dense layer after it has many weights.',
    also: 'reshape',
    group: shrinking,
    fields: {},
  }),
  kind('batch-norm', {
    label: 'Batch norm',
    help: 'Normalises each channel over the batch.',
    also: 'batch normalisation, BN',
    group: normalising,
    fields: {},
  }),
  /** Over the channels of each pixel, or the units of a vector (Ba et al. 2016). */
  kind('layer-norm', {
    label: 'Layer norm',
    help: 'Normalises the channels of each pixel; needs no batch.',
    also: 'layer normalisation, LN',
    group: normalising,
    fields: {},
  }),
  kind('activation', {
    label: 'Activation',
    help: 'A non-linearity alone, where the layer before it has none.',
    also: 'nonlinearity',
    group: normalising,
    fields: { activation: activation('relu') },
  }),
  kind('dropout', {
    label: 'Dropout',
    help: 'Drops single values in training, so that the network relies on none.',
    also: 'regularisation',
    group: regularising,
    fields: { rate: rate(0.2) },
  }),
  /** Tompson et al. 2014. */
  kind('spatial-dropout', {
    label: 'Spatial dropout',
    help: 'Drops whole channels in training; for maps, whose neighbouring values are alike.',
    also: 'regularisation, dropout2d, channel dropout',
    group: regularising,
    fields: { rate: rate(0.1) },
  }),
  /** A part of a network that was made elsewhere (docs/decisions/0032). */
  kind('imported', {
    label: 'Imported',
    help: 'Part of a network read from a file. Its operations cannot be changed here.',
    also: 'onnx, tensorflow.js, tfjs, own backbone',
    fields: {
      operations: field(ImportedOperations, {
        label: 'Operations',
        help: 'As they were read from the file.',
        search: false,
      }),
    },
  }),
]);
export type Layer = z.infer<typeof Layer>;
export type LayerKind = Layer['kind'];
