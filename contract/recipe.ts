/**
 * The recipe: one JSON document, the whole truth of a training. The form in the window edits it,
 * the command line reads it, the run keeps it, the bundle carries it.
 * What a field does to tensors is left to learning/.
 */
import * as z from 'zod';

const probability = z.number().min(0).max(1);

/** Shape and range of what the network sees. Part of the exported graph. */
export const Preprocessing = z.strictObject({
  /** Side lengths of the network's input in pixels. */
  height: z.int().min(8).max(512),
  width: z.int().min(8).max(512),
  /** 1 is luminance (ITU-R BT.601), 3 is RGB. */
  channels: z.union([z.literal(1), z.literal(3)]),
  /** How an image of another shape is brought to size. */
  fit: z.enum(['letterbox', 'crop', 'stretch']),
  normalisation: z.discriminatedUnion('kind', [
    /** (pixel / 255 - mean) / deviation with these numbers, one per channel or one for all. */
    z.strictObject({
      kind: z.literal('given'),
      mean: z.array(z.number()).min(1).max(3),
      deviation: z.array(z.number().positive()).min(1).max(3),
    }),
    /** The same with mean and deviation of the training split, measured when the run starts. */
    z.strictObject({ kind: z.literal('measured') }),
  ]),
});
export type Preprocessing = z.infer<typeof Preprocessing>;

/** One random change of a training image. Applied in list order, to each image on its own. */
export const Augmentation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('horizontal-flip'), probability }),
  z.strictObject({ kind: z.literal('vertical-flip'), probability }),
  /** Pads by `padding` pixels on each side and cuts the original size out at a random place. */
  z.strictObject({
    kind: z.literal('crop'),
    probability,
    padding: z.int().min(1).max(64),
  }),
  /** Moves by up to this share of the side, filling with the border's value. */
  z.strictObject({ kind: z.literal('shift'), probability, share: z.number().min(0).max(0.5) }),
  /** Turns by up to this many degrees either way, about the centre, bilinear. */
  z.strictObject({
    kind: z.literal('rotation'),
    probability,
    degrees: z.number().min(0).max(180),
  }),
  /** Covers a random rectangle of `minimum` to `maximum` of the area (Zhong et al. 2017). */
  z.strictObject({
    kind: z.literal('erasing'),
    probability,
    minimum: z.number().min(0).max(1),
    maximum: z.number().min(0).max(1),
  }),
]);
export type Augmentation = z.infer<typeof Augmentation>;
export type AugmentationKind = Augmentation['kind'];

export const Activation = z.enum(['linear', 'relu', 'leaky-relu', 'elu', 'gelu', 'silu']);
export type Activation = z.infer<typeof Activation>;

const filters = z.int().min(1).max(1024);
const kernel = z.int().min(1).max(11);
const stride = z.int().min(1).max(4);

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
  }),
  z.strictObject({ kind: z.literal('batch-norm') }),
  z.strictObject({ kind: z.literal('activation'), activation: Activation }),
  z.strictObject({ kind: z.literal('max-pool'), size: z.int().min(2).max(4).default(2) }),
  z.strictObject({ kind: z.literal('average-pool'), size: z.int().min(2).max(4).default(2) }),
  z.strictObject({ kind: z.literal('global-average-pool') }),
  z.strictObject({ kind: z.literal('flatten') }),
  z.strictObject({ kind: z.literal('dropout'), rate: z.number().min(0).max(0.9) }),
  z.strictObject({
    kind: z.literal('dense'),
    units: z.int().min(1).max(4096),
    activation: Activation.default('relu'),
  }),
]);
export type Layer = z.infer<typeof Layer>;
export type LayerKind = Layer['kind'];

export const Model = z.strictObject({
  layers: z.array(Layer).min(1).max(64),
  initialiser: z.enum(['he-normal', 'glorot-uniform', 'lecun-normal']).default('he-normal'),
  /** Trainable and running parameters together may not pass this. */
  parameterBudget: z.int().min(1).max(50_000_000).default(100_000),
});
export type Model = z.infer<typeof Model>;

export const Optimizer = z.discriminatedUnion('kind', [
  /** Kingma and Ba 2014. */
  z.strictObject({
    kind: z.literal('adam'),
    beta1: z.number().min(0).max(0.9999).default(0.9),
    beta2: z.number().min(0).max(0.99999).default(0.999),
    epsilon: z.number().positive().default(1e-7),
  }),
  z.strictObject({
    kind: z.literal('sgd'),
    momentum: z.number().min(0).max(0.9999).default(0.9),
    nesterov: z.boolean().default(true),
  }),
]);
export type Optimizer = z.infer<typeof Optimizer>;

export const Schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** From the learning rate to zero along half a cosine, after a linear warm-up of this share of all steps. */
  z.strictObject({ kind: z.literal('cosine'), warmUp: z.number().min(0).max(0.9).default(0) }),
  /** Up to the learning rate in this share of all steps, down to nearly zero in the rest (Smith and Topin 2017). */
  z.strictObject({ kind: z.literal('one-cycle'), peakAt: z.number().min(0.01).max(0.9).default(0.3) }),
]);
export type Schedule = z.infer<typeof Schedule>;

export const Training = z.strictObject({
  optimizer: Optimizer,
  learningRate: z.number().positive().max(100),
  schedule: Schedule,
  batchSize: z.int().min(1).max(8192),
  epochs: z.int().min(1).max(10_000),
  /** Decoupled from the gradient for Adam and SGD alike (Loshchilov and Hutter 2017); not on biases and norms. */
  weightDecay: z.number().min(0).max(1).default(0),
  labelSmoothing: z.number().min(0).max(0.5).default(0),
  /** Exponential moving average of the weights, used for validation and kept as the result. */
  weightAveraging: z.number().min(0).max(0.99999).nullable().default(null),
  /** Stops after this many epochs that brought neither a higher validation accuracy nor a lower loss. The best epoch (docs/decisions/0007) is kept either way. */
  earlyStopping: z
    .strictObject({ patience: z.int().min(1).max(1000) })
    .nullable()
    .default(null),
  precision: z.enum(['float32']).default('float32'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});
export type Training = z.infer<typeof Training>;

export const Recipe = z.strictObject({
  format: z.literal('atelier-recipe/1'),
  name: z.string().min(1).max(120),
  preprocessing: Preprocessing,
  augmentation: z.array(Augmentation).max(32),
  model: Model,
  training: Training,
});
export type Recipe = z.infer<typeof Recipe>;

export const presetNames = ['seed', 'quick', 'best'] as const;
export type PresetName = (typeof presetNames)[number];

/** One line of the layer-by-layer summary. */
export const LayerSummary = z.object({
  name: z.string(),
  kind: z.string(),
  /** [height, width, channels] or [units]. */
  outputShape: z.array(z.int()),
  parameters: z.int(),
  multiplyAdds: z.int(),
});
export type LayerSummary = z.infer<typeof LayerSummary>;

export const ModelSummary = z.object({
  layers: z.array(LayerSummary),
  parameters: z.int(),
  trainableParameters: z.int(),
  multiplyAdds: z.int(),
  parameterBudget: z.int(),
  withinBudget: z.boolean(),
});
export type ModelSummary = z.infer<typeof ModelSummary>;
