/**
 * The plan: a recipe's layer list expanded into primitive operations with names, shapes and weights.
 * Pure arithmetic, no tensors. The network that trains, the summary, the parameter budget and every
 * exporter walk this one plan, so that they cannot disagree on what the network is.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Activation, Layer, Model } from '#contract/recipe.ts';

/** [height, width, channels] of an image or feature map, or [units] of a vector. */
export type Shape = readonly number[];

export type WeightRole = 'kernel' | 'bias' | 'scale' | 'offset' | 'mean' | 'variance';

export interface Weight {
  /** Unique in the network, such as "2.residual/conv1/kernel"; the name in checkpoints and exports. */
  readonly name: string;
  /** Kernels are [height, width, input channels, output channels] (conv) or [inputs, units] (dense). */
  readonly shape: readonly number[];
  readonly role: WeightRole;
  /** False for the running mean and variance of batch norm. */
  readonly trainable: boolean;
}

interface Common {
  /** Unique in the network. */
  readonly name: string;
  /** Indices in `Plan.operations`; -1 is the network's input. */
  readonly inputs: readonly number[];
  readonly outputShape: Shape;
  readonly weights: readonly Weight[];
  readonly multiplyAdds: number;
  /** Index of the recipe's layer this came from; the layer count itself for the classifier. */
  readonly layer: number;
}

/** SAME padding as TensorFlow and ONNX's SAME_UPPER have it; pools are VALID with stride = size. */
export type Operation = Common &
  (
    | { readonly kind: 'conv'; readonly kernel: number; readonly stride: number; readonly bias: boolean }
    | { readonly kind: 'batch-norm'; readonly epsilon: number; readonly momentum: number }
    | { readonly kind: 'activation'; readonly activation: Activation }
    | { readonly kind: 'max-pool'; readonly size: number }
    | { readonly kind: 'average-pool'; readonly size: number }
    | { readonly kind: 'global-average-pool' }
    | { readonly kind: 'flatten' }
    | { readonly kind: 'dropout'; readonly rate: number }
    | { readonly kind: 'dense' }
    | { readonly kind: 'add' }
  );

export interface Plan {
  /** [height, width, channels]. */
  readonly inputShape: Shape;
  readonly classCount: number;
  /** In an order in which every operation follows its inputs; the last one gives the logits, [classCount]. */
  readonly operations: readonly Operation[];
  /** All weights in the order of the operations. */
  readonly weights: readonly Weight[];
}

const batchNormEpsilon = 1e-3;
/** Share of the running mean and variance that is kept at each step. */
const batchNormMomentum = 0.9;

const product = (shape: readonly number[]) => shape.reduce((total, side) => total * side, 1);

/**
 * @param inputShape [height, width, channels] after preprocessing
 * @throws RECIPE_INVALID where a layer cannot follow the one before it, naming the layer
 */
export function planNetwork(model: Model, inputShape: Shape, classCount: number): Plan {
  const operations: Operation[] = [];
  let layerIndex = 0;
  let shape: Shape = inputShape;
  let last = -1;

  type Partial<K extends Operation['kind']> = Omit<Extract<Operation, { kind: K }>, keyof Common> & {
    kind: K;
  };
  function push<K extends Operation['kind']>(
    part: Partial<K>,
    name: string,
    outputShape: Shape,
    options: { inputs?: number[]; weights?: Weight[]; multiplyAdds?: number } = {},
  ): void {
    operations.push({
      ...part,
      name,
      inputs: options.inputs ?? [last],
      outputShape,
      weights: options.weights ?? [],
      multiplyAdds: options.multiplyAdds ?? 0,
      layer: layerIndex,
    } as unknown as Operation);
    last = operations.length - 1;
    shape = outputShape;
  }

  const weight = (owner: string, role: WeightRole, weightShape: number[]): Weight => ({
    name: `${owner}/${role}`,
    shape: weightShape,
    role,
    trainable: role !== 'mean' && role !== 'variance',
  });

  function fail(layer: Layer, expected: string): never {
    throw new AtelierError(
      'RECIPE_INVALID',
      `Layer ${layerIndex + 1} (${layer.kind}) expects ${expected}, but receives [${shape.join(', ')}]. Change or remove this layer, or the one before it.`,
      { layer: layerIndex, kind: layer.kind, shape: [...shape] },
    );
  }
  const needMap = (layer: Layer): [number, number, number] => {
    if (shape.length !== 3) fail(layer, 'an image or feature map [height, width, channels]');
    return shape as unknown as [number, number, number];
  };

  function conv(name: string, filters: number, kernel: number, stride: number, bias: boolean): void {
    const [height, width, channels] = shape as [number, number, number];
    const out: Shape = [Math.ceil(height / stride), Math.ceil(width / stride), filters];
    const weights = [weight(name, 'kernel', [kernel, kernel, channels, filters])];
    if (bias) weights.push(weight(name, 'bias', [filters]));
    push({ kind: 'conv', kernel, stride, bias }, name, out, {
      weights,
      multiplyAdds: product(out) * kernel * kernel * channels,
    });
  }
  function batchNorm(name: string): void {
    const channels = [shape.at(-1)!];
    push({ kind: 'batch-norm', epsilon: batchNormEpsilon, momentum: batchNormMomentum }, name, shape, {
      weights: (['scale', 'offset', 'mean', 'variance'] as const).map((role) => weight(name, role, channels)),
      multiplyAdds: product(shape),
    });
  }
  function activate(name: string, activation: Activation): void {
    if (activation !== 'linear') push({ kind: 'activation', activation }, name, shape);
  }
  function dense(name: string, units: number): void {
    const inputs = shape[0]!;
    push({ kind: 'dense' }, name, [units], {
      weights: [weight(name, 'kernel', [inputs, units]), weight(name, 'bias', [units])],
      multiplyAdds: inputs * units,
    });
  }

  function residual(name: string, layer: Extract<Layer, { kind: 'residual' }>): void {
    const { filters, stride, activation } = layer;
    const channels = shape[2]!;
    const projected = stride !== 1 || channels !== filters;
    if (layer.preActivation) {
      let shortcut = last;
      batchNorm(`${name}/norm1`);
      activate(`${name}/activation1`, activation);
      const shared = { last, shape };
      conv(`${name}/conv1`, filters, 3, stride, false);
      batchNorm(`${name}/norm2`);
      activate(`${name}/activation2`, activation);
      conv(`${name}/conv2`, filters, 3, 1, false);
      const branch = last;
      if (projected) {
        ({ last, shape } = shared);
        conv(`${name}/shortcut`, filters, 1, stride, false);
        shortcut = last;
      }
      push({ kind: 'add' }, `${name}/add`, shape, { inputs: [branch, shortcut] });
      return;
    }
    const start = { last, shape };
    conv(`${name}/conv1`, filters, 3, stride, false);
    batchNorm(`${name}/norm1`);
    activate(`${name}/activation1`, activation);
    conv(`${name}/conv2`, filters, 3, 1, false);
    batchNorm(`${name}/norm2`);
    const branch = last;
    let shortcut = start.last;
    if (projected) {
      ({ last, shape } = start);
      conv(`${name}/shortcut`, filters, 1, stride, false);
      batchNorm(`${name}/shortcut-norm`);
      shortcut = last;
    }
    push({ kind: 'add' }, `${name}/add`, shape, { inputs: [branch, shortcut] });
    activate(`${name}/activation2`, activation);
  }

  function pool(layer: Extract<Layer, { kind: 'max-pool' | 'average-pool' }>, name: string): void {
    const [height, width, channels] = needMap(layer);
    const { size } = layer;
    if (height < size || width < size) fail(layer, `at least ${size}×${size} pixels`);
    push({ kind: layer.kind, size }, name, [Math.floor(height / size), Math.floor(width / size), channels]);
  }

  for (const layer of model.layers) {
    const name = `${layerIndex + 1}.${layer.kind}`;
    switch (layer.kind) {
      case 'conv':
        needMap(layer);
        conv(name, layer.filters, layer.kernel, layer.stride, !layer.batchNorm);
        if (layer.batchNorm) batchNorm(`${name}/norm`);
        activate(`${name}/activation`, layer.activation);
        break;
      case 'residual':
        needMap(layer);
        residual(name, layer);
        break;
      case 'batch-norm':
        batchNorm(name);
        break;
      case 'activation':
        activate(name, layer.activation);
        break;
      case 'max-pool':
      case 'average-pool':
        pool(layer, name);
        break;
      case 'global-average-pool':
        push({ kind: 'global-average-pool' }, name, [needMap(layer)[2]]);
        break;
      case 'flatten':
        needMap(layer);
        push({ kind: 'flatten' }, name, [product(shape)]);
        break;
      case 'dropout':
        push({ kind: 'dropout', rate: layer.rate }, name, shape);
        break;
      case 'dense':
        if (shape.length !== 1) fail(layer, 'a vector: put flatten or global-average-pool before it');
        dense(name, layer.units);
        activate(`${name}/activation`, layer.activation);
        break;
      default:
        layer satisfies never;
    }
    layerIndex += 1;
  }
  // The classifier follows by itself, and so does what it needs before it.
  if (shape.length === 3) push({ kind: 'global-average-pool' }, 'pool', [shape[2]!]);
  dense('classifier', classCount);

  return {
    inputShape,
    classCount,
    operations,
    weights: operations.flatMap((operation) => operation.weights),
  };
}

export const countParameters = (weights: readonly Weight[]): number =>
  weights.reduce((total, { shape }) => total + product(shape), 0);
