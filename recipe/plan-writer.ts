/**
 * Writes a plan: `PlanWriter` adds operations one after the other, each to the one before it, with their shapes, weights and costs.
 * Which operations a layer is made of is left to layer-operations.ts.
 */
import type { Common, Operation, Padding, PlanActivation, Shape, Weight, WeightRole } from './operation.ts';
import { product } from './shape.ts';

const batchNormEpsilon = 1e-3;
/** Share of the running mean and variance that is kept at each step. */
const batchNormMomentum = 0.9;
/** Added to the variance of a pixel's channels; as PyTorch and ONNX have it. */
const layerNormEpsilon = 1e-5;

type Part<K extends Operation['kind']> = Omit<Extract<Operation, { kind: K }>, keyof Common> & { kind: K };

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

  /** Adds values of the shape at hand. @param inputs indices of the two operations that give them */
  add(name: string, inputs: [number, number]): void {
    this.push({ kind: 'add' }, name, this.shape, { inputs });
  }

  globalAveragePool(name: string): void {
    this.push({ kind: 'global-average-pool' }, name, [this.shape[2]!]);
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
