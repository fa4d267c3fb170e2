/**
 * What each kind of Keras layer is as nodes of a TensorFlow graph. What a node becomes is tfjs-operators.ts; which layers there
 * are, and what they take from, is tfjs-layers.ts.
 */
import { shown } from './graph.ts';
import { type JsonObject, numberOf, saidOf } from './tfjs-json.ts';
import { type LayerWriter, mark } from './tfjs-layer-writer.ts';

/** [height, width] for all four axes, of one number or two; as it is where it is neither. */
function sides(given: unknown): unknown {
  const [height, width] = Array.isArray(given) ? (given as unknown[]) : [given, given];
  return Array.isArray(given) && given.length !== 2 ? given : [1, height, width, 1];
}
const paddingOf = (layer: LayerWriter): string => saidOf(layer.setting('padding') ?? 'valid').toUpperCase();
const windowOf = (layer: LayerWriter, strides: unknown): JsonObject => ({
  padding: paddingOf(layer),
  strides: sides(strides ?? 1),
  dilations: sides(layer.setting('dilation_rate') ?? 1),
  data_format: layer.setting('data_format') === 'channels_first' ? 'NCHW' : 'NHWC',
});
const windowed = (layer: LayerWriter): JsonObject => windowOf(layer, layer.setting('strides'));

/** A node with weights, with the bias and the activation that the layer has behind it. */
const weighted = (layer: LayerWriter, opType: string, inputs: string[], settings?: JsonObject): string =>
  layer.bent(layer.biased(layer.node(opType, inputs, settings)));

const pool =
  (opType: string) =>
  (layer: LayerWriter): string => {
    const size = layer.setting('pool_size') ?? 2;
    const window = windowOf(layer, layer.setting('strides') ?? size);
    return layer.node(opType, layer.inputs, { ...window, ksize: sides(size) });
  };

const overSides =
  (opType: string) =>
  (layer: LayerWriter): string => {
    const axes = layer.constant([2], () =>
      layer.setting('data_format') === 'channels_first' ? [2, 3] : [1, 2],
    );
    return layer.node(opType, [layer.inputs[0] ?? '', axes], {
      keep_dims: layer.setting('keepdims') ?? false,
    });
  };

/** The layer's axis, if it is the last of a map or vector; else none. */
function lastAxis(layer: LayerWriter): boolean {
  const given = layer.setting('axis') ?? -1;
  const axis: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  return axis === -1 || axis === 3;
}

function batchNorm(layer: LayerWriter): string {
  if (!lastAxis(layer))
    return layer.node('', layer.inputs, {}, `another axis than the last in ${layer.layer.kind}`);
  const given = (setting: string, weight: string) =>
    layer.setting(setting) === false ? '' : layer.needed(weight);
  const inputs = [layer.inputs[0] ?? '', given('scale', 'gamma'), given('center', 'beta')];
  const measured = [layer.needed('moving_mean'), layer.needed('moving_variance')];
  return layer.node('FusedBatchNormV3', [...inputs, ...measured], { epsilon: layer.number('epsilon', 1e-3) });
}

function relu(layer: LayerWriter): string {
  const [most, slope, threshold] = [
    layer.setting('max_value') ?? null,
    layer.number('negative_slope', 0),
    layer.number('threshold', 0),
  ];
  if (most === null && threshold === 0)
    return slope === 0
      ? layer.node('Relu', layer.inputs)
      : layer.node('LeakyRelu', layer.inputs, { alpha: slope });
  if (most === 6 && slope === 0 && threshold === 0) return layer.node('Relu6', layer.inputs);
  const said = `max_value ${saidOf(most)}, negative_slope ${slope}, threshold ${threshold}`;
  return layer.node('', layer.inputs, {}, `${said} in ReLU ${shown(layer.layer.name)}`);
}

/** Pixels at top, bottom, left and right, of one number, two, or two pairs. */
function zeroPadding(layer: LayerWriter): string {
  const given = layer.setting('padding') ?? 1;
  const [vertical, horizontal]: unknown[] = Array.isArray(given) ? given : [given, given];
  const pair = (side: unknown): number[] => {
    const [first, last]: unknown[] = Array.isArray(side) ? side : [side, side];
    return [numberOf(first) ?? NaN, numberOf(last) ?? NaN];
  };
  const pixels = [...pair(vertical), ...pair(horizontal)];
  const axes = layer.constant([4, 2], () => [0, 0, ...pixels, 0, 0]);
  return layer.node('Pad', [layer.inputs[0] ?? '', axes]);
}

function numbersOf(value: unknown): number[] {
  const flat: unknown[] = Array.isArray(value) ? value.slice(0, 16).flat(4) : [value];
  return flat.slice(0, 16).map((item) => numberOf(item) ?? NaN);
}

function rescaling(layer: LayerWriter): string {
  const [scale, offset] = [numbersOf(layer.setting('scale') ?? 1), numbersOf(layer.setting('offset') ?? 0)];
  const scaled = layer.node('Mul', [layer.inputs[0] ?? '', layer.constant([scale.length], () => scale)]);
  return layer.node('AddV2', [scaled, layer.constant([offset.length], () => offset)]);
}

/** Mean and variance are settings, or weights that were measured. */
function normalization(layer: LayerWriter): string {
  if (!lastAxis(layer) || layer.setting('invert') === true)
    return layer.node('', layer.inputs, {}, 'another axis than the last, or invert, in Normalization');
  const of = (name: string) => {
    const given = layer.setting(name);
    if (given !== undefined && given !== null) return () => numbersOf(given);
    return () => [...layer.written.weights.floats(layer.needed(name).slice(mark.length)).data];
  };
  const [mean, variance] = [of('mean'), of('variance')];
  const lazily = (values: () => number[]) => {
    const name = layer.constant([], values);
    layer.written.given.set(name, () => {
      const data = Float32Array.from(values());
      return { shape: [data.length], data };
    });
    return name;
  };
  const moved = layer.node('Sub', [layer.inputs[0] ?? '', lazily(mean)]);
  return layer.node('RealDiv', [
    moved,
    lazily(() => variance().map((value) => Math.max(Math.sqrt(value), 1e-7))),
  ]);
}

function reshape(layer: LayerWriter): string {
  const shape = numbersOf(layer.setting('target_shape'));
  return layer.node('Reshape', [
    layer.inputs[0] ?? '',
    layer.constant([shape.length + 1], () => [-1, ...shape]),
  ]);
}

function concatenate(layer: LayerWriter): string {
  return layer.node('ConcatV2', [...layer.inputs, layer.constant([1], () => [layer.number('axis', -1)])]);
}

function separable(layer: LayerWriter): string {
  const x = layer.node(
    'DepthwiseConv2dNative',
    [...layer.inputs, layer.needed('depthwise_kernel')],
    windowed(layer),
  );
  const points = { padding: 'VALID', strides: [1, 1, 1, 1] };
  return weighted(layer, 'Conv2D', [x, layer.needed('pointwise_kernel')], points);
}

/** @returns what the layer gives */
type Kind = (layer: LayerWriter) => string;

export const layerKinds: Readonly<Record<string, Kind>> = {
  Activation: (layer) => layer.bent(layer.inputs[0] ?? ''),
  Add: (layer) => layer.node('AddN', layer.inputs),
  AveragePooling2D: pool('AvgPool'),
  BatchNormalization: batchNorm,
  Concatenate: concatenate,
  Conv2D: (layer) => weighted(layer, 'Conv2D', [...layer.inputs, layer.needed('kernel')], windowed(layer)),
  Dense: (layer) => weighted(layer, 'MatMul', [...layer.inputs, layer.needed('kernel')]),
  DepthwiseConv2D(layer) {
    const inputs = [...layer.inputs, layer.needed('depthwise_kernel', 'kernel')];
    return weighted(layer, 'DepthwiseConv2dNative', inputs, windowed(layer));
  },
  ELU: (layer) => layer.node('Elu', layer.inputs, { alpha: layer.number('alpha', 1) }),
  Flatten: (layer) => layer.node('Flatten', layer.inputs),
  GlobalAveragePooling2D: overSides('Mean'),
  GlobalMaxPooling2D: overSides('Max'),
  LayerNormalization: (layer) =>
    layer.node('LayerNormalization', [layer.inputs[0] ?? '', layer.weight('gamma'), layer.weight('beta')], {
      axis: lastAxis(layer) ? -1 : 0,
      epsilon: layer.number('epsilon', 1e-3),
    }),
  LeakyReLU: (layer) =>
    layer.node('LeakyRelu', layer.inputs, {
      alpha: layer.setting('negative_slope') ?? layer.setting('alpha') ?? 0.3,
    }),
  MaxPooling2D: pool('MaxPool'),
  Multiply: (layer) => layer.node('Mul', layer.inputs),
  Normalization: normalization,
  ReLU: relu,
  Rescaling: rescaling,
  Reshape: reshape,
  SeparableConv2D: separable,
  Softmax: (layer) => layer.node('Softmax', layer.inputs),
  ZeroPadding2D: zeroPadding,
};

/** Layers that do something in training alone. */
export const passedLayers = new Set([
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'RandomContrast',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout2D',
]);
