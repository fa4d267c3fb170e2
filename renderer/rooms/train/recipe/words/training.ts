/** Optimizers, schedules, losses and class weights as a person reads them. Complete by type. */
import type { Preprocessing } from '#recipe/recipe.ts';
import {
  type ClassWeights,
  Loss,
  Optimizer,
  type Precision,
  Schedule,
  type Training,
} from '#recipe/training.ts';
import { type FieldWords, startOf, type WordsOf } from './field.ts';

const beta1: FieldWords = {
  label: 'Beta 1',
  help: 'Memory of the mean gradient.',
  also: 'momentum, betas',
  step: 0.01,
};
const beta2: FieldWords = { label: 'Beta 2', help: 'Memory of its size.', also: 'betas', step: 0.001 };
const epsilon: FieldWords = {
  label: 'Epsilon',
  help: 'Keeps the division from zero.',
  also: 'eps',
  logarithmic: true,
};
const momentum: FieldWords = {
  label: 'Momentum',
  help: 'How much of the last step is kept.',
  step: 0.01,
};

const nesterov: FieldWords = {
  label: 'Nesterov momentum',
  help: 'Looks one step ahead.',
  also: 'NAG',
};

export const optimizerWords = {
  sgd: {
    name: 'SGD with momentum',
    about: 'Plain and hard to beat at a well-chosen rate. Rates near 0.1.',
    also: 'stochastic gradient descent',
    fields: {
      momentum,
      nesterov,
    },
    start: startOf(Optimizer, 'sgd'),
  },
  adam: {
    name: 'Adam',
    about: 'Learns quickly at almost any rate. Rates near 0.001.',
    fields: { beta1, beta2, epsilon },
    start: startOf(Optimizer, 'adam'),
  },
  adamw: {
    name: 'AdamW',
    about: 'Adam with weight decay apart from the gradient. Rates near 0.001.',
    also: 'decoupled weight decay',
    fields: { beta1, beta2, epsilon },
    start: startOf(Optimizer, 'adamw'),
  },
  rmsprop: {
    name: 'RMSprop',
    about: 'Divides by a running size of the gradient. Rates near 0.001.',
    fields: {
      decay: { label: 'Decay', help: 'Memory of the gradient’s size.', also: 'rho, alpha', step: 0.01 },
      momentum,
      epsilon,
    },
    start: startOf(Optimizer, 'rmsprop'),
  },
  adagrad: {
    name: 'Adagrad',
    about: 'Steps shrink where gradients were large. Rates near 0.01.',
    fields: {
      initialAccumulator: {
        label: 'Initial accumulator',
        help: 'Holds the first steps back.',
        step: 0.05,
      },
      epsilon,
    },
    start: startOf(Optimizer, 'adagrad'),
  },
  lion: {
    name: 'Lion',
    about: 'Steps by the sign of the gradient. A tenth of Adam’s rate, ten times its weight decay.',
    also: 'sign, evolved sign momentum',
    fields: { beta1, beta2: { ...beta2, help: 'Memory of the momentum.' } },
    start: startOf(Optimizer, 'lion'),
  },
  muon: {
    name: 'Muon',
    about: 'Moves kernels evenly in all directions; learns in fewer epochs. Rates near 0.01.',
    also: 'orthogonalised momentum, Newton-Schulz',
    fields: {
      momentum,
      nesterov,
      beta2: { ...beta2, help: 'Memory of the gradient’s size, for offsets and biases.' },
      epsilon,
    },
    start: startOf(Optimizer, 'muon'),
  },
} satisfies WordsOf<Optimizer>;

const warmUp: FieldWords = {
  label: 'Warm-up',
  help: 'Share of all steps in which the rate climbs.',
  also: 'warmup, ramp up',
  percent: true,
  step: 0.01,
};
const factor: FieldWords = {
  label: 'Factor',
  help: 'The rate is multiplied by this.',
  also: 'gamma, decay',
  step: 0.05,
};

export const scheduleWords = {
  constant: {
    name: 'Constant',
    about: 'The same rate from first to last.',
    also: 'fixed, none',
    fields: { warmUp },
    start: startOf(Schedule, 'constant'),
  },
  step: {
    name: 'Steps',
    about: 'Falls by a factor every few epochs.',
    also: 'step decay, StepLR, staircase',
    fields: {
      warmUp,
      epochs: { label: 'Every', help: 'Epochs between two falls.', unit: 'epochs', step: 1 },
      factor,
    },
    start: startOf(Schedule, 'step'),
  },
  exponential: {
    name: 'Exponential',
    about: 'Falls evenly, by the same factor with every epoch.',
    also: 'exponential decay, ExponentialLR',
    fields: { warmUp, factor: { ...factor, help: 'The rate is multiplied by this with every epoch.' } },
    start: startOf(Schedule, 'exponential'),
  },
  cosine: {
    name: 'Cosine',
    about: 'Falls to zero along half a cosine.',
    also: 'cosine annealing, CosineAnnealingLR',
    fields: { warmUp },
    start: startOf(Schedule, 'cosine'),
  },
  'one-cycle': {
    name: 'One cycle',
    about: 'Climbs to the rate, then falls to nearly zero.',
    also: 'one cycle, OneCycleLR, super-convergence',
    fields: {
      peakAt: {
        label: 'Peak at',
        help: 'Share of all steps after which the rate is highest.',
        percent: true,
        step: 0.01,
      },
    },
    start: startOf(Schedule, 'one-cycle'),
  },
  'reduce-on-plateau': {
    name: 'Reduce on plateau',
    about: 'Falls whenever the validation loss stops falling.',
    also: 'ReduceLROnPlateau, adaptive',
    fields: {
      warmUp,
      patience: {
        label: 'Patience of the rate',
        help: 'Epochs without a lower validation loss.',
        unit: 'epochs',
        step: 1,
      },
      factor,
      minimum: {
        label: 'Never below',
        help: 'As a share of the learning rate.',
        percent: true,
        step: 0.001,
        span: [0, 0.1],
      },
    },
    start: startOf(Schedule, 'reduce-on-plateau'),
  },
} satisfies WordsOf<Schedule>;

export const lossWords = {
  'cross-entropy': {
    name: 'Cross-entropy',
    about: 'The usual loss of classification.',
    also: 'softmax, categorical, log loss',
    fields: {},
    start: startOf(Loss, 'cross-entropy'),
  },
  focal: {
    name: 'Focal',
    about: 'Looks more at images that are still hard. For rare classes.',
    also: 'focal loss, hard examples, imbalance',
    fields: {
      gamma: { label: 'Gamma', help: '0 is cross-entropy; 2 is usual.', step: 0.25, span: [0, 5] },
    },
    start: startOf(Loss, 'focal'),
  },
} satisfies WordsOf<Loss>;

export const classWeightWords = {
  equal: {
    name: 'Equal',
    about: 'Every image counts the same.',
    fields: {},
    start: { kind: 'equal' },
  },
  balanced: {
    name: 'Balanced',
    about: 'Images of rare classes count more, so that classes count the same.',
    also: 'inverse frequency, imbalance',
    fields: {},
    start: { kind: 'balanced' },
  },
  given: {
    name: 'Given numbers',
    about: 'A weight of your own for each class.',
    fields: {
      weights: { label: 'Weights', help: '1 is usual, 0 leaves the class out of the loss.', step: 0.1 },
    },
    // One weight a class: who chooses it makes as many as there are classes.
    start: { kind: 'given', weights: [1, 1] },
  },
} satisfies WordsOf<ClassWeights>;

export const samplingNames = {
  shuffled: 'Each image once an epoch',
  balanced: 'Each class equally often',
} satisfies Record<Training['sampling'], string>;

export const batchNormNames = {
  batch: 'Of each batch',
  running: 'Running ones, as they are',
} satisfies Record<Training['batchNorm'], string>;

export const precisionNames = {
  float32: 'float32',
  bfloat16: 'bfloat16, mixed',
} satisfies Record<Precision, string>;

export const fitNames = {
  letterbox: 'Fit whole, pad the rest',
  crop: 'Fill, crop the rest',
  stretch: 'Stretch',
} satisfies Record<Preprocessing['fit'], string>;

export const normalisationNames = {
  measured: 'Measured on training images',
  given: 'Given numbers',
} satisfies Record<Preprocessing['normalisation']['kind'], string>;
