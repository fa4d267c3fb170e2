/** The layers that a recipe can list, and the network that they make. What each does is plan.ts and learning/model. */
import * as z from 'zod';
import { Activation } from './activation.ts';
import { BackboneName } from './backbone-name.ts';
import { ImportedOperations } from './imported-layer.ts';

const filters = z.int().min(1).max(2048);
const kernel = z.int().min(1).max(11);
const stride = z.int().min(1).max(4);
/** Channels are squeezed to this part of them, one in `ratio`. */
const squeezeRatio = z.int().min(1).max(64);

/** A layer of the network, in the order of the list. The classifier (dense to the class count) follows the last one by itself. */
export const Layer = z.discriminatedUnion('kind', [
  /** Convolution, SAME padding; bias only where no batch norm follows. */
  z.strictObject({
    kind: z.literal('conv'),
    filters,
    kernel: kernel.default(3),
    stride: stride.default(1),
    batchNorm: z.boolean().default(true),
    activation: Activation.default('relu'),
  }),
  /** Two 3×3 convolutions with batch norm around an identity or 1×1 shortcut (He et al. 2015); `preActivation` puts norm and activation first (He et al. 2016). */
  z.strictObject({
    kind: z.literal('residual'),
    filters,
    stride: stride.default(1),
    preActivation: z.boolean().default(false),
    activation: Activation.default('relu'),
    /** Weighs the branch's channels before they are added (Hu et al. 2017); null does not. */
    squeezeExcite: squeezeRatio.nullable().default(null),
  }),
  /** A depthwise and then a 1×1 convolution (Howard et al. 2017), SAME padding; norm and activation after each. */
  z.strictObject({
    kind: z.literal('separable-conv'),
    filters,
    kernel: kernel.default(3),
    stride: stride.default(1),
    batchNorm: z.boolean().default(true),
    activation: Activation.default('relu'),
  }),
  /**
   * Widens the channels `expand` times by a 1×1 convolution, looks with a depthwise one, narrows them with a linear 1×1
   * one; the input is added where the shape stays (Sandler et al. 2018). Batch norm after each, SAME padding; `expand` 1
   * leaves the widening out.
   */
  z.strictObject({
    kind: z.literal('inverted-residual'),
    filters,
    expand: z.int().min(1).max(10).default(6),
    kernel: kernel.default(3),
    stride: stride.default(1),
    activation: Activation.default('relu6'),
  }),
  /** Weighs channels by what the whole map holds: pool, dense, ReLU, dense, sigmoid, multiply (Hu et al. 2017). */
  z.strictObject({ kind: z.literal('squeeze-excite'), ratio: squeezeRatio.default(4) }),
  z.strictObject({ kind: z.literal('batch-norm') }),
  /** Over the channels of each pixel, or the units of a vector (Ba et al. 2016). */
  z.strictObject({ kind: z.literal('layer-norm') }),
  z.strictObject({ kind: z.literal('activation'), activation: Activation }),
  z.strictObject({ kind: z.literal('max-pool'), size: z.int().min(2).max(4).default(2) }),
  z.strictObject({ kind: z.literal('average-pool'), size: z.int().min(2).max(4).default(2) }),
  z.strictObject({ kind: z.literal('global-average-pool') }),
  z.strictObject({ kind: z.literal('flatten') }),
  z.strictObject({ kind: z.literal('dropout'), rate: z.number().min(0).max(0.9) }),
  /** Drops whole channels (Tompson et al. 2014). */
  z.strictObject({ kind: z.literal('spatial-dropout'), rate: z.number().min(0).max(0.9) }),
  z.strictObject({
    kind: z.literal('dense'),
    units: z.int().min(1).max(4096),
    activation: Activation.default('relu'),
  }),
  /** A part of a network that was made elsewhere (docs/decisions/0032). */
  z.strictObject({ kind: z.literal('imported'), operations: ImportedOperations }),
]);
export type Layer = z.infer<typeof Layer>;
export type LayerKind = Layer['kind'];

export const Initialiser = z.enum([
  'he-normal',
  'he-uniform',
  'glorot-normal',
  'glorot-uniform',
  'lecun-normal',
  'lecun-uniform',
  'orthogonal',
]);
export type Initialiser = z.infer<typeof Initialiser>;

export const Model = z.strictObject({
  /** Whose pre-trained weights the first layers begin with; null draws all of them. Layers that are not as the backbone has them begin fresh. */
  backbone: BackboneName.nullable().default(null),
  layers: z.array(Layer).min(1).max(64),
  initialiser: Initialiser.default('he-normal'),
  /** Penalties on all kernels, inside the loss: l1·Σ|w| and l2·Σw². */
  l1: z.number().min(0).max(1).default(0),
  l2: z.number().min(0).max(1).default(0),
  /** Trainable and running parameters together may not pass this. */
  parameterBudget: z.int().min(1).max(50_000_000).default(100_000),
});
export type Model = z.infer<typeof Model>;
