/** How a recipe's network is trained. What each field does is learning/training. */
import * as z from 'zod';
import { field, fieldsOf } from './field.ts';
import { Schedule } from './schedule.ts';
import { ClassWeights, Loss } from './loss.ts';
import { Optimizer } from './optimizer.ts';

export const Precision = z.enum(['float32', 'bfloat16']);
export type Precision = z.infer<typeof Precision>;

export const Training = fieldsOf({
  learningRate: field(z.number().positive().max(100), {
    section: 'optimizer',
    label: 'Learning rate',
    help: 'The size of a step: the highest rate of the schedule.',
    also: 'lr, eta, step size, rate finder, lr finder, range test',
    logarithmic: true,
    span: [1e-5, 1],
    search: [1e-4, 1],
    brief: 'rate …',
  }),
  optimizer: field(Optimizer, {
    section: 'optimizer',
    label: 'Optimizer',
    help: 'How gradients become steps.',
    search: { values: ['sgd', 'adam', 'adamw'] },
    brief: '…',
  }),
  schedule: field(Schedule, {
    section: 'optimizer',
    label: 'Schedule',
    help: 'The learning rate over the run.',
    also: 'lr schedule, scheduler, decay, annealing',
    search: { values: ['constant', 'cosine', 'one-cycle'] },
    brief: '…',
  }),
  /** Each layer learns at this factor of the rate of the layer after it, the classifier at the full one (Howard and Ruder 2018). */
  layerDecay: field(z.number().min(0.01).max(1).default(1), {
    section: 'optimizer',
    label: 'Layer-wise decay',
    help: 'Each layer learns at this factor of the rate of the layer after it. 1 is the same rate for all.',
    also: 'discriminative learning rates, LLRD, fine-tune, layer-wise learning rate',
    step: 0.05,
    span: [0.3, 1],
    search: [0.3, 1],
  }),
  /** Of kernels only. SGD, AdamW, Lion and Muon shrink the weight itself by learning rate × this; Adam, RMSprop and Adagrad add it to the gradient (Loshchilov and Hutter 2017 on the difference). */
  weightDecay: field(z.number().min(0).max(1).default(0), {
    section: 'optimizer',
    label: 'Weight decay',
    help: 'Shrinks kernels a little with every step. 0 is none.',
    also: 'wd, L2, regularisation, decay',
    logarithmic: true,
    span: [1e-5, 0.1],
    search: [1e-6, 1e-2],
  }),
  /** Pascanu et al. 2012. */
  gradientClipping: field(z.number().positive().max(1000).nullable().default(null), {
    section: 'optimizer',
    label: 'Gradient clipping',
    help: 'All gradients together are scaled down to this norm where they exceed it.',
    also: 'clip gradients, clipnorm, max norm, exploding',
    logarithmic: true,
    span: [0.01, 100],
    valueWhenEnabled: 1,
    valueLabel: 'Norm',
    search: { values: [null, 1, 5] },
    brief: 'gradients clipped',
  }),
  /** Exponential; used for validation and kept as the result. */
  weightAveraging: field(z.number().min(0).max(0.99999).nullable().default(null), {
    section: 'optimizer',
    label: 'Weight averaging',
    help: 'An exponential moving average of the weights (EMA) is validated and kept.',
    also: 'average the weights, EMA, exponential moving average, polyak, swa, decay',
    step: 0.001,
    span: [0.9, 0.9999],
    valueWhenEnabled: 0.999,
    valueLabel: 'EMA decay',
    search: { values: [null, 0.99, 0.999] },
    brief: 'weights averaged',
  }),
  epochs: field(z.int().min(1).max(10_000), {
    section: 'length',
    label: 'Epochs',
    help: 'Passes over the training images.',
    also: 'length, duration, iterations, passes',
    step: 1,
    brief: '… epochs',
  }),
  batchSize: field(z.int().min(1).max(8192), {
    section: 'length',
    label: 'Batch size',
    help: 'Images per step. Larger: fewer, less noisy steps and more memory.',
    also: 'minibatch, memory',
    unit: 'images',
    step: 16,
    search: { values: [32, 64, 128, 256] },
    brief: 'batches of …',
  }),
  /** The best epoch (docs/decisions/0007) is kept either way. */
  earlyStopping: field(
    fieldsOf({
      patience: field(z.int().min(1).max(1000), {
        label: 'Patience',
        help: 'Epochs that brought neither a higher validation accuracy nor a lower loss.',
        also: 'early stopping',
        unit: 'epochs',
        step: 1,
        search: [2, 10],
      }),
    })
      .nullable()
      .default(null),
    {
      section: 'length',
      label: 'Early stopping',
      help: 'Stops when validation no longer gains. The best epoch is kept either way.',
      also: 'stop early, patience, overfitting, regularisation',
      valueWhenEnabled: { patience: 5 },
      search: { values: [null, { patience: 3 }, { patience: 10 }] },
      brief: 'early stopping',
    },
  ),
  loss: field(Loss.default({ kind: 'cross-entropy' }), {
    section: 'loss',
    label: 'Loss',
    help: 'What training lowers.',
    also: 'objective, criterion',
    brief: '…',
  }),
  /** `shuffled` sees each training image at most once an epoch: fewer images than a batch are left over and sit it out, others each time; `balanced` draws each class equally often, rare ones repeatedly. */
  sampling: field(z.enum(['shuffled', 'balanced']).default('shuffled'), {
    section: 'loss',
    label: 'Sampling',
    help: 'Balanced draws images of rare classes repeatedly.',
    also: 'oversampling, balanced, imbalance, shuffle',
    options: { shuffled: 'Each image once an epoch', balanced: 'Each class equally often' },
  }),
  labelSmoothing: field(z.number().min(0).max(0.5).default(0), {
    section: 'loss',
    label: 'Label smoothing',
    help: 'Fraction of the target that is spread over all classes.',
    also: 'soft labels, regularisation',
    percent: true,
    step: 0.01,
    search: [0, 0.2],
  }),
  topK: field(z.int().min(2).max(100).default(3), {
    section: 'loss',
    label: 'Top-k',
    help: 'A prediction also counts as right in top-k where the label is among this many.',
    also: 'top 5, top k accuracy, metric, metrics',
    step: 1,
    search: false,
  }),
  classWeights: field(ClassWeights.default({ kind: 'equal' }), {
    section: 'loss',
    label: 'Class weights',
    help: 'How much the images of each class count in the loss.',
    also: 'imbalance, rare classes',
    search: { values: ['equal', 'balanced'] },
  }),
  /** Those of a backbone, or of the run that is fine-tuned. */
  frozenLayers: field(z.int().min(0).max(64).default(0), {
    section: 'start',
    label: 'Frozen layers',
    help: 'Layers, from the first, whose weights stay as they are.',
    also: 'freeze, fine-tune, transfer learning, trainable',
    unit: 'layers',
    step: 1,
    search: false,
  }),
  /** Where the first layers are frozen, what they give is computed once for each view. */
  cachedViews: field(z.int().min(1).max(64).default(4), {
    section: 'start',
    label: 'Cached views',
    help: 'Augmented views of each training image whose frozen features are computed once; epochs take them in turn.',
    also: 'augmentation, feature cache, frozen, embeddings',
    unit: 'views',
    step: 1,
    search: false,
  }),
  /** Each batch's own mean and variance, or the running ones that came with the weights, as they are (`training=False` in Keras, `eval()` in PyTorch). Scale and offset learn either way. */
  batchNorm: field(z.enum(['batch', 'running']).default('batch'), {
    section: 'start',
    label: 'Batch norm statistics',
    help: 'Mean and variance that batch norm uses while training. Running ones, as they came with the weights, suit fine-tuning with few images.',
    also: 'batch normalisation, running mean, running variance, moving average, freeze batch norm, inference mode',
    options: { batch: 'Batch statistics', running: 'Running statistics' },
    search: false,
  }),
  /** In place of random weights (linear probing, then fine-tuning: Kumar et al. 2022). */
  linearProbe: field(z.boolean().default(false), {
    section: 'start',
    label: 'Linear probe first',
    help: 'Fits the classifier to the features that are there, by logistic regression, before the first step.',
    also: 'linear probing, LP-FT, fine-tune, classifier, head, logistic regression, warm start',
    search: false,
  }),
  /** bfloat16 by TensorFlow's mixed precision, where the device has it. Gaussian blur is such a product too: it rounds pixels to 8 significant bits. */
  precision: field(Precision.default('float32'), {
    section: 'precision',
    label: 'Precision',
    help: 'bfloat16 computes convolutions in 16 bits; weights stay in 32.',
    also: 'float32, bfloat16, bf16, fp16, half, mixed precision, amp, speed',
    options: { float32: 'float32', bfloat16: 'bfloat16, mixed' },
    search: false,
    brief: '…',
  }),
  seed: field(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(1),
    {
      section: 'precision',
      label: 'Seed',
      help: 'The same recipe and seed give the same run.',
      also: 'random, reproducible, repeat',
      step: 1,
      search: false,
      brief: 'seed …',
    },
  ),
});
export type Training = z.infer<typeof Training>;
