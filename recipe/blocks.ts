/**
 * The operations that layers are written with, from a single convolution to a residual block: `PlanWriter` adds
 * them one after the other, each to the one before it. Which layer is written with which, and what it refuses,
 * is left to plan.ts.
 */
import type { Layer } from './layer.ts';
import type { Common, Operation, Padding, PlanActivation, Shape, Weight, WeightRole } from './operation.ts';
import { product } from './shape.ts';

const batchNormEpsilon = 1e-3;
/** Share of the running mean and variance that is kept at each step. */
const batchNormMomentum = 0.9;
/** Added to the variance of a pixel's channels; as PyTorch and ONNX have it. */
const layerNormEpsilon = 1e-5;

type Part<K extends Operation['kind']> = Omit<Extract<Operation, { kind: K }>, keyof Common> & { kind: K };
type LayerOf<K extends Layer['kind']> = Extract<Layer, { kind: K }>;

export class PlanWriter {
  readonly operations: Operation[] = [];
  /** Index of the recipe's layer that is being written. */
  layer = 0;
  /** Index of the operation that the next one follows; -1 is the network's input. */
  last = -1;
  /** What `last` gives. */
  shape: Shape;

  constructor(inputShape: Shape) {
    this.shape = inputShape;
  }

  push<K extends Operation['kind']>(
    part: Part<K>,
    name: string,
    outputShape: Shape,
    options: { inputs?: number[]; weights?: Weight[]; multiplyAdds?: number } = {},
  ): void {
    this.operations.push({
      ...part,
      name,
      inputs: options.inputs ?? [this.last],
      outputShape,
      weights: options.weights ?? [],
      multiplyAdds: options.multiplyAdds ?? 0,
      layer: this.layer,
    } as unknown as Operation);
    this.last = this.operations.length - 1;
    this.shape = outputShape;
  }

  /** @param padding SAME where it is not said */
  conv(
    name: string,
    filters: number,
    kernel: number,
    stride: number,
    bias: boolean,
    padding?: Padding,
  ): void {
    const channels = this.shape[2]!;
    const out: Shape = [...convolved(this.shape, kernel, stride, padding), filters];
    const weights = [weight(name, 'kernel', [kernel, kernel, channels, filters])];
    if (bias) weights.push(weight(name, 'bias', [filters]));
    this.push({ kind: 'conv', kernel, stride, bias, ...said(padding) }, name, out, {
      weights,
      multiplyAdds: product(out) * kernel * kernel * channels,
    });
  }

  /** @param padding SAME where it is not said */
  depthwise(name: string, kernel: number, stride: number, bias: boolean, padding?: Padding): void {
    const channels = this.shape[2]!;
    const out: Shape = [...convolved(this.shape, kernel, stride, padding), channels];
    const weights: Weight[] = [
      { ...weight(name, 'kernel', [kernel, kernel, channels, 1]), groups: channels },
    ];
    if (bias) weights.push(weight(name, 'bias', [channels]));
    this.push({ kind: 'depthwise-conv', kernel, stride, bias, ...said(padding) }, name, out, {
      weights,
      multiplyAdds: product(out) * kernel * kernel,
    });
  }

  batchNorm(name: string, epsilon = batchNormEpsilon): void {
    const { shape } = this;
    const channels = [shape.at(-1)!];
    this.push({ kind: 'batch-norm', epsilon, momentum: batchNormMomentum }, name, shape, {
      weights: (['scale', 'offset', 'mean', 'variance'] as const).map((role) => weight(name, role, channels)),
      multiplyAdds: product(shape),
    });
  }

  layerNorm(name: string, epsilon = layerNormEpsilon): void {
    const { shape } = this;
    const channels = [shape.at(-1)!];
    this.push({ kind: 'layer-norm', epsilon }, name, shape, {
      weights: (['scale', 'offset'] as const).map((role) => weight(name, role, channels)),
      // Squares for the variance, then scale and offset.
      multiplyAdds: 2 * product(shape),
    });
  }

  activate(name: string, activation: PlanActivation): void {
    if (activation !== 'linear') this.push({ kind: 'activation', activation }, name, this.shape);
  }

  dense(name: string, units: number): void {
    const inputs = this.shape[0]!;
    this.push({ kind: 'dense' }, name, [units], {
      weights: [weight(name, 'kernel', [inputs, units]), weight(name, 'bias', [units])],
      multiplyAdds: inputs * units,
    });
  }

  globalAveragePool(name: string): void {
    this.push({ kind: 'global-average-pool' }, name, [this.shape[2]!]);
  }

  /** Depthwise, then 1×1, norm and activation after each (Howard et al. 2017). */
  separable(name: string, layer: LayerOf<'separable-conv'>): void {
    const { filters, kernel, stride, batchNorm, activation } = layer;
    this.depthwise(`${name}/depthwise`, kernel, stride, !batchNorm);
    if (batchNorm) this.batchNorm(`${name}/norm1`);
    this.activate(`${name}/activation1`, activation);
    this.conv(`${name}/pointwise`, filters, 1, 1, !batchNorm);
    if (batchNorm) this.batchNorm(`${name}/norm2`);
    this.activate(`${name}/activation2`, activation);
  }

  /** Widen, look, narrow; what came in is added where it has the shape of what goes out (Sandler et al. 2018). */
  invertedResidual(name: string, layer: LayerOf<'inverted-residual'>): void {
    const { filters, expand, kernel, stride, activation } = layer;
    const { last: from, shape } = this;
    const channels = shape[2]!;
    if (expand > 1) {
      this.conv(`${name}/expand`, channels * expand, 1, 1, false);
      this.batchNorm(`${name}/norm1`);
      this.activate(`${name}/activation1`, activation);
    }
    this.depthwise(`${name}/depthwise`, kernel, stride, false);
    this.batchNorm(`${name}/norm2`);
    this.activate(`${name}/activation2`, activation);
    this.conv(`${name}/project`, filters, 1, 1, false);
    this.batchNorm(`${name}/norm3`);
    if (stride === 1 && filters === channels)
      this.push({ kind: 'add' }, `${name}/add`, this.shape, { inputs: [this.last, from] });
  }

  /** Weighs the channels of the map at hand (Hu et al. 2017). At least one channel is left by the squeeze. */
  squeezeExcite(name: string, ratio: number): void {
    const { last: map, shape } = this;
    const channels = shape[2]!;
    this.globalAveragePool(`${name}/pool`);
    this.dense(`${name}/squeeze`, Math.max(1, Math.floor(channels / ratio)));
    this.activate(`${name}/activation`, 'relu');
    this.dense(`${name}/excite`, channels);
    this.activate(`${name}/gate`, 'sigmoid');
    this.push({ kind: 'multiply' }, `${name}/multiply`, shape, {
      inputs: [map, this.last],
      multiplyAdds: product(shape),
    });
  }

  residual(name: string, layer: LayerOf<'residual'>): void {
    const { filters, stride, activation, squeezeExcite } = layer;
    const projected = stride !== 1 || this.shape[2]! !== filters;
    /** Adds the branch written so far to the block's input, or to a projection of what was at `from`. */
    const join = (shortcut: number, from: { last: number; shape: Shape }, norm: boolean) => {
      if (squeezeExcite !== null) this.squeezeExcite(`${name}/squeeze-excite`, squeezeExcite);
      const branch = this.last;
      if (projected) {
        ({ last: this.last, shape: this.shape } = from);
        this.conv(`${name}/shortcut`, filters, 1, stride, false);
        if (norm) this.batchNorm(`${name}/shortcut-norm`);
        shortcut = this.last;
      }
      this.push({ kind: 'add' }, `${name}/add`, this.shape, { inputs: [branch, shortcut] });
    };

    const start = { last: this.last, shape: this.shape };
    if (layer.preActivation) {
      this.batchNorm(`${name}/norm1`);
      this.activate(`${name}/activation1`, activation);
      const shared = { last: this.last, shape: this.shape };
      this.conv(`${name}/conv1`, filters, 3, stride, false);
      this.batchNorm(`${name}/norm2`);
      this.activate(`${name}/activation2`, activation);
      this.conv(`${name}/conv2`, filters, 3, 1, false);
      join(start.last, shared, false);
      return;
    }
    this.conv(`${name}/conv1`, filters, 3, stride, false);
    this.batchNorm(`${name}/norm1`);
    this.activate(`${name}/activation1`, activation);
    this.conv(`${name}/conv2`, filters, 3, 1, false);
    this.batchNorm(`${name}/norm2`);
    join(start.last, start, true);
    this.activate(`${name}/activation2`, activation);
  }
}

const weight = (owner: string, role: WeightRole, shape: number[]): Weight => ({
  name: `${owner}/${role}`,
  shape,
  role,
  trainable: role !== 'mean' && role !== 'variance',
});

/** A field that is left out where it says nothing, so that plans of before stay as they are, byte for byte. */
const said = (padding: Padding | undefined) => (padding ? { padding } : {});

/** Height and width of what a window gives that moves over a map. @param padding SAME where it is not said */
export function convolved(
  [height, width]: Shape,
  kernel: number,
  stride: number,
  padding: Padding | undefined,
): [height: number, width: number] {
  if (!padding) return [Math.ceil(height! / stride), Math.ceil(width! / stride)];
  const [top, left, bottom, right] = padding;
  return [
    Math.floor((height! + top + bottom - kernel) / stride) + 1,
    Math.floor((width! + left + right - kernel) / stride) + 1,
  ];
}
