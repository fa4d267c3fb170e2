/** How a recipe's network is trained: optimizer, schedule, loss and all beside them. What each does is learning/training. */
import * as z from 'zod';

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
