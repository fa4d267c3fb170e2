/**
 * The recipe: one JSON document, the whole truth of a training. The form in the window edits it,
 * the command line reads it, the run keeps it, the bundle carries it.
 * What a field does to tensors is left to learning/.
 */
import * as z from 'zod';
import { Activation } from './activation.ts';
import { BackboneName } from './backbone-name.ts';
import { ImportedOperations } from './imported-layer.ts';
import { Name } from './names.ts';

export { Activation } from './activation.ts';
export { BackboneName, backboneNames } from './backbone-name.ts';

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
    /** (pixel / 255 - mean) / deviation with these numbers, one per channel or one for all; another count is refused when a network is made of it. */
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

/**
 * One random change of the training images. Applied in list order. Probability is each image's own, except
 * where a line says otherwise.
 */
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
  /** Enlarges about the centre by a factor from `minimum` to `maximum`, evenly on the logarithm. */
  z.strictObject({
    kind: z.literal('scale'),
    probability,
    minimum: z.number().min(0.2).max(1),
    maximum: z.number().min(1).max(5),
  }),
  /** Slants along one axis, drawn anew for each image, by up to this many degrees either way. */
  z.strictObject({ kind: z.literal('shear'), probability, degrees: z.number().min(0).max(60) }),
  /** Moves each corner inwards by up to this share of half the side. */
  z.strictObject({ kind: z.literal('perspective'), probability, share: z.number().min(0).max(0.9) }),
  /** Adds up to this share of the full range either way, the same to all pixels of an image. */
  z.strictObject({ kind: z.literal('brightness'), probability, share: z.number().min(0).max(1) }),
  /** Multiplies the distance from the image's mean by 1 ± up to this share. */
  z.strictObject({ kind: z.literal('contrast'), probability, share: z.number().min(0).max(1) }),
  /** Turns the hue by up to `hue` of a full turn either way and scales the saturation by 1 ± up to `saturation`. 3 channels only. */
  z.strictObject({
    kind: z.literal('colour-jitter'),
    probability,
    hue: z.number().min(0).max(0.5),
    saturation: z.number().min(0).max(1),
  }),
  /** Adds normal noise whose deviation is drawn up to this share of the full range. */
  z.strictObject({ kind: z.literal('noise'), probability, share: z.number().min(0).max(1) }),
  /** Gaussian blur whose deviation is drawn up to this many pixels. */
  z.strictObject({ kind: z.literal('blur'), probability, pixels: z.number().min(0.1).max(10) }),
  /** Covers a random rectangle of `minimum` to `maximum` of the area with noise (Zhong et al. 2017). */
  z.strictObject({
    kind: z.literal('erasing'),
    probability,
    minimum: z.number().min(0).max(1),
    maximum: z.number().min(0).max(1),
  }),
  /** Blackens a square of this share of the side at a random centre, cut at the border (DeVries and Taylor 2017). */
  z.strictObject({ kind: z.literal('cutout'), probability, share: z.number().min(0).max(1) }),
  /** Blends each image, and its answer, with another of the batch; the blend is Beta(alpha, alpha) (Zhang et al. 2017). Probability is the batch's. */
  z.strictObject({ kind: z.literal('mixup'), probability, alpha: z.number().min(0.01).max(10) }),
  /** Replaces a rectangle by that of another image of the batch, and the answer by its share of the area (Yun et al. 2019). Probability is the batch's. */
  z.strictObject({ kind: z.literal('cutmix'), probability, alpha: z.number().min(0.01).max(10) }),
  /**
   * `operations` changes in a row, each drawn from a fixed set, all of this magnitude (Cubuk et al. 2019). The set is
   * the paper's less histogram equalisation: nothing, shear and shift along either axis, rotation, brightness, contrast,
   * auto-contrast, sharpness, posterising, solarising, and of images of 3 channels colour. Moves come before the other
   * changes, as one.
   */
  z.strictObject({
    kind: z.literal('rand-augment'),
    probability,
    operations: z.int().min(1).max(4),
    magnitude: z.number().min(0).max(1),
  }),
  /** One change drawn from the same set, of a magnitude drawn up to this one (Müller and Hutter 2021). */
  z.strictObject({ kind: z.literal('trivial-augment'), probability, magnitude: z.number().min(0).max(1) }),
]);
export type Augmentation = z.infer<typeof Augmentation>;
export type AugmentationKind = Augmentation['kind'];

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

const beta = z.number().min(0).max(0.99999);
/** Added to what is divided by; float32 has a much smaller one as 0, and 0/0 where a gradient is 0. */
const epsilon = z.number().min(1e-30).default(1e-7);
const adamFields = {
  beta1: beta.default(0.9),
  beta2: beta.default(0.999),
  epsilon,
};

export const Optimizer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    momentum: beta.default(0.9),
    nesterov: z.boolean().default(true),
  }),
  /** Kingma and Ba 2014. */
  z.strictObject({ kind: z.literal('adam'), ...adamFields }),
  /** Adam whose weight decay is apart from the gradient (Loshchilov and Hutter 2017). */
  z.strictObject({ kind: z.literal('adamw'), ...adamFields }),
  /** Hinton 2012. */
  z.strictObject({
    kind: z.literal('rmsprop'),
    decay: beta.default(0.9),
    momentum: beta.default(0),
    epsilon,
  }),
  /** Duchi et al. 2011. */
  z.strictObject({
    kind: z.literal('adagrad'),
    initialAccumulator: z.number().min(0).default(0.1),
    epsilon,
  }),
  /** Chen et al. 2023. Wants a learning rate of about a tenth of Adam's, and ten times its weight decay. */
  z.strictObject({ kind: z.literal('lion'), beta1: beta.default(0.9), beta2: beta.default(0.99) }),
  /** Jordan et al. 2024: the momentum of each kernel, orthogonalised; offsets, scales and biases by AdamW. Rates and weight decay as for AdamW (Liu et al. 2025). */
  z.strictObject({
    kind: z.literal('muon'),
    momentum: beta.default(0.95),
    nesterov: z.boolean().default(true),
    beta2: beta.default(0.95),
    epsilon,
  }),
]);
export type Optimizer = z.infer<typeof Optimizer>;
export type OptimizerKind = Optimizer['kind'];

/** Share of all steps in which the rate first climbs evenly from nearly zero. */
const warmUp = z.number().min(0).max(0.9).default(0);

export const Schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmUp }),
  /** Times `factor` after each `epochs` epochs. */
  z.strictObject({
    kind: z.literal('step'),
    warmUp,
    epochs: z.int().min(1).max(10_000).default(10),
    factor: z.number().min(0.001).max(1).default(0.1),
  }),
  /** Times `factor` with every epoch, evenly within it. */
  z.strictObject({
    kind: z.literal('exponential'),
    warmUp,
    factor: z.number().min(0.001).max(1).default(0.9),
  }),
  /** From the learning rate to zero along half a cosine. */
  z.strictObject({ kind: z.literal('cosine'), warmUp }),
  /** Up to the learning rate in this share of all steps, down to nearly zero in the rest (Smith and Topin 2017). */
  z.strictObject({ kind: z.literal('one-cycle'), peakAt: z.number().min(0.01).max(0.9).default(0.3) }),
  /** Times `factor` whenever `patience` epochs brought no lower validation loss; never below `minimum` of the learning rate. */
  z.strictObject({
    kind: z.literal('reduce-on-plateau'),
    warmUp,
    patience: z.int().min(1).max(1000).default(3),
    factor: z.number().min(0.001).max(0.999).default(0.5),
    minimum: z.number().min(0).max(1).default(0.001),
  }),
]);
export type Schedule = z.infer<typeof Schedule>;
export type ScheduleKind = Schedule['kind'];

/** What is lowered. */
export const Loss = z.discriminatedUnion('kind', [
  /** Categorical cross-entropy of the softmax. */
  z.strictObject({ kind: z.literal('cross-entropy') }),
  /** The same, each image weighted by (1 - p)^gamma of its answer (Lin et al. 2017). */
  z.strictObject({ kind: z.literal('focal'), gamma: z.number().min(0).max(10).default(2) }),
]);
export type Loss = z.infer<typeof Loss>;

export const ClassWeights = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('equal') }),
  /** Each class weighs by the inverse of its share of the images that training draws, 1 on average over them; with balanced sampling, whose classes have equal shares, that is 1 each. */
  z.strictObject({ kind: z.literal('balanced') }),
  /** One a class, in the order of the classes. */
  z.strictObject({ kind: z.literal('given'), weights: z.array(z.number().min(0).max(1000)).min(2) }),
]);
export type ClassWeights = z.infer<typeof ClassWeights>;

export const Precision = z.enum(['float32', 'bfloat16']);
export type Precision = z.infer<typeof Precision>;

export const Training = z.strictObject({
  optimizer: Optimizer,
  learningRate: z.number().positive().max(100),
  /** Each layer learns at this factor of the rate of the layer after it, the classifier at the full one (discriminative fine-tuning, Howard and Ruder 2018); 1 is the same rate for all. */
  layerDecay: z.number().min(0.01).max(1).default(1),
  /** The classifier begins with the logistic regression on what the layers before it give, in place of random weights (linear probing, then fine-tuning: Kumar et al. 2022). */
  linearProbe: z.boolean().default(false),
  /** What batch norm normalises by while training: each batch's own mean and variance, or the running ones that came with the weights, as they are (for fine-tuning; `training=False` in Keras, `eval()` in PyTorch). Its scale and offset learn either way. */
  batchNorm: z.enum(['batch', 'running']).default('batch'),
  schedule: Schedule,
  batchSize: z.int().min(1).max(8192),
  epochs: z.int().min(1).max(10_000),
  loss: Loss.default({ kind: 'cross-entropy' }),
  classWeights: ClassWeights.default({ kind: 'equal' }),
  /** `shuffled` sees each training image at most once an epoch: fewer images than a batch are left over and sit it out, others each time; `balanced` draws each class equally often, rare ones repeatedly. */
  sampling: z.enum(['shuffled', 'balanced']).default('shuffled'),
  /** Of kernels only. SGD, AdamW, Lion and Muon shrink the weight itself by learning rate × this; Adam, RMSprop and Adagrad add it to the gradient (Loshchilov and Hutter 2017 on the difference). */
  weightDecay: z.number().min(0).max(1).default(0),
  labelSmoothing: z.number().min(0).max(0.5).default(0),
  /** Gradients together are scaled down to this norm where they exceed it (Pascanu et al. 2012); null lets them be. */
  gradientClipping: z.number().positive().max(1000).nullable().default(null),
  /** Exponential moving average of the weights, used for validation and kept as the result. */
  weightAveraging: z.number().min(0).max(0.99999).nullable().default(null),
  /** Stops after this many epochs that brought neither a higher validation accuracy nor a lower loss. The best epoch (docs/decisions/0007) is kept either way. */
  earlyStopping: z
    .strictObject({ patience: z.int().min(1).max(1000) })
    .nullable()
    .default(null),
  /** Layers, from the first, whose weights stay as they are: those of a backbone, or of the run that is fine-tuned. */
  frozenLayers: z.int().min(0).max(64).default(0),
  /**
   * Where the first layers are frozen, what they give is computed once for each image. With augmentation: for so many
   * views of it, which the epochs take in turn.
   */
  cachedViews: z.int().min(1).max(64).default(4),
  /** An answer also counts as right in top-k where it is among this many; at most the number of classes. */
  topK: z.int().min(2).max(100).default(3),
  /** bfloat16: convolutions and products in 16 bits by TensorFlow's mixed precision, weights in 32. Gaussian blur is such a product too: it rounds pixels to 8 significant bits. Where the device has it. */
  precision: Precision.default('float32'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});
export type Training = z.infer<typeof Training>;

export const Recipe = z.strictObject({
  format: z.literal('atelier-recipe/1'),
  name: Name,
  preprocessing: Preprocessing,
  augmentation: z.array(Augmentation).max(32),
  model: Model,
  training: Training,
});
export type Recipe = z.infer<typeof Recipe>;

/**
 * `auto` is made for the project, `fine-tune` trains a backbone's last layers too, where there is one; the others are small
 * networks from scratch at the size of the project's images.
 */
export const presetNames = ['auto', 'fine-tune', 'seed', 'quick', 'best'] as const;
export type PresetName = (typeof presetNames)[number];

/** One line of the layer-by-layer summary. */
export const LayerSummary = z.object({
  name: z.string(),
  kind: z.string(),
  /** [height, width, channels] or [units]. */
  outputShape: z.array(z.int()),
  parameters: z.int(),
  multiplyAdds: z.int(),
  /** Side in pixels of the square of the input that one value can see; null from where it sees all. */
  receptiveField: z.int().nullable(),
});
export type LayerSummary = z.infer<typeof LayerSummary>;

export const ModelSummary = z.object({
  layers: z.array(LayerSummary),
  parameters: z.int(),
  multiplyAdds: z.int(),
  parameterBudget: z.int(),
  withinBudget: z.boolean(),
});
export type ModelSummary = z.infer<typeof ModelSummary>;
