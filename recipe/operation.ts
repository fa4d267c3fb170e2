/**
 * What a plan is made of: primitive operations with names, shapes and weights. How a recipe becomes operations is
 * layer-operations.ts and plan.ts; what is known of each kind before anything is computed is operation-facts.ts, what it does
 * to tensors and in ONNX learning/operations/.
 */
import type { ImportedActivation } from './imported-layer.ts';

/** [height, width, channels] of an image or feature map, or [units] of a vector. */
export type Shape = readonly number[];

export type WeightRole = 'kernel' | 'bias' | 'scale' | 'offset' | 'mean' | 'variance';

export interface Weight {
  /** Unique in the network, such as "2.residual/conv1/kernel"; the name in checkpoints and exports. */
  readonly name: string;
  /**
   * Kernels are [height, width, input channels, output channels] (conv), [height, width, channels, 1]
   * (depthwise) or [inputs, units] (dense).
   */
  readonly shape: readonly number[];
  readonly role: WeightRole;
  /** False for the running mean and variance of batch norm. */
  readonly trainable: boolean;
  /** Parts in which a kernel's input channels are worked apart from each other; absent is one. Depthwise: the channels. */
  readonly groups?: number;
}

/** What a plan can hold beyond what a recipe's own layers name: the gate of squeeze-and-excitation, and what imported layers have. */
export type PlanActivation = ImportedActivation;

/** Pixels at top, left, bottom and right. */
export type Padding = readonly [number, number, number, number];

/** Of leaky ReLU below 0: ONNX's default. */
export const leakySlope = 0.01;

export interface Common {
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

interface Convolution {
  readonly kernel: number;
  readonly stride: number;
  readonly bias: boolean;
  readonly padding?: Padding;
}

/**
 * SAME padding as TensorFlow and ONNX's SAME_UPPER have it; pools are VALID with stride = size. Those of imported layers say
 * otherwise by `padding` and `stride`: the size of what comes out is then rounded down.
 */
export type Operation = Common &
  (
    | ({ readonly kind: 'conv' } & Convolution)
    /** Each channel with a kernel of its own. */
    | ({ readonly kind: 'depthwise-conv' } & Convolution)
    | { readonly kind: 'batch-norm'; readonly epsilon: number; readonly momentum: number }
    /** Over the last axis: the channels of each pixel, or the units of a vector. */
    | { readonly kind: 'layer-norm'; readonly epsilon: number }
    | { readonly kind: 'activation'; readonly activation: PlanActivation }
    | {
        readonly kind: 'max-pool';
        readonly size: number;
        readonly stride?: number;
        readonly padding?: Padding;
      }
    | { readonly kind: 'average-pool'; readonly size: number; readonly stride?: number }
    | { readonly kind: 'global-average-pool' }
    | { readonly kind: 'flatten' }
    | { readonly kind: 'dropout'; readonly rate: number }
    /** Drops whole channels of a map, or single units of a vector. */
    | { readonly kind: 'spatial-dropout'; readonly rate: number }
    | { readonly kind: 'dense' }
    | { readonly kind: 'add' }
    /** Its first input, [height, width, channels], channel by channel times its second, [channels]. */
    | { readonly kind: 'multiply' }
    /** Along the last axis, in the order of the inputs. */
    | { readonly kind: 'concatenate' }
  );
export type OperationKind = Operation['kind'];

export interface Plan {
  /** [height, width, channels]. */
  readonly inputShape: Shape;
  readonly classCount: number;
  /** In an order in which every operation follows its inputs; the last one gives the logits, [classCount]. */
  readonly operations: readonly Operation[];
  /** All weights in the order of the operations. */
  readonly weights: readonly Weight[];
}

/** Shape of what comes in at an operation's `which`-th input. */
export const inputShapeOf = (plan: Plan, { inputs }: Operation, which = 0): Shape =>
  inputs[which] === -1 ? plan.inputShape : plan.operations[inputs[which]!]!.outputShape;

/** Pixels around a map as SAME padding has them: the odd one goes to the bottom and the right. */
export function samePadding(height: number, width: number, kernel: number, stride: number): Padding {
  const total = (size: number) => Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const [vertical, horizontal] = [total(height), total(width)];
  return [
    Math.floor(vertical / 2),
    Math.floor(horizontal / 2),
    Math.ceil(vertical / 2),
    Math.ceil(horizontal / 2),
  ];
}
