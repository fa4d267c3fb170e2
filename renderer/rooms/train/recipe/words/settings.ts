/**
 * Every setting of a recipe by its path: its label, its help, and the words under which it is looked for. Complete by
 * type: a field of recipe/recipe.ts without words does not compile.
 */
import type { Model } from '#recipe/layer.ts';
import type { Preprocessing, Recipe } from '#recipe/recipe.ts';
import type { Training } from '#recipe/training.ts';
import { augmentationWords } from './augmentations.ts';
import { type FieldWords, kindHaystack } from './field.ts';
import { layerWords } from './layers.ts';
import { classWeightWords, lossWords, optimizerWords, scheduleWords } from './training.ts';

export type SettingPath =
  | `preprocessing.${keyof Preprocessing}`
  | 'preprocessing.normalisation.mean'
  | 'preprocessing.normalisation.deviation'
  | 'augmentation'
  | `model.${keyof Model}`
  | `training.${keyof Training}`
  | `training.earlyStopping.${keyof NonNullable<Training['earlyStopping']>}`
  | 'origin'
  | Exclude<keyof Recipe, 'format' | 'preprocessing' | 'augmentation' | 'model' | 'training'>;

const all = (table: Record<string, Parameters<typeof kindHaystack>[0]>): string =>
  Object.values(table).map(kindHaystack).join(',');

export const settingWords = {
  name: { label: 'Name of the recipe', help: 'New runs are named after it.', also: 'title' },
  origin: {
    label: 'Start from',
    help: 'Fresh weights, or those of a finished run.',
    also: 'continue, resume, fine-tune, finetune, transfer learning, pretrained, warm start, checkpoint',
  },
  'preprocessing.width': {
    label: 'Width',
    help: 'Images are brought to this size.',
    also: 'size, resolution, resize, input shape, image size',
    unit: 'px',
    step: 4,
  },
  'preprocessing.height': {
    label: 'Height',
    help: 'Images are brought to this size.',
    also: 'size, resolution, resize, input shape, image size',
    unit: 'px',
    step: 4,
  },
  'preprocessing.channels': {
    label: 'Channels',
    help: 'Grey is faster; colour where colour tells classes apart.',
    also: 'colour, rgb, greyscale, luminance, black and white',
  },
  'preprocessing.fit': {
    label: 'Images of another shape',
    help: 'How they are brought to size.',
    also: 'fit, letterbox, crop, stretch, aspect ratio, padding',
  },
  'preprocessing.normalisation': {
    label: 'Normalisation',
    help: '(pixel / 255 − mean) / deviation',
    also: 'normalise, standardise, rescale, mean, deviation, std',
  },
  'preprocessing.normalisation.mean': {
    label: 'Mean',
    help: 'One number, or one per channel.',
    also: 'average',
  },
  'preprocessing.normalisation.deviation': {
    label: 'Deviation',
    help: 'One number above 0, or one per channel.',
    also: 'std, standard deviation',
  },
  augmentation: {
    label: 'Augmentation',
    help: 'Random changes of the training images, from top to bottom.',
    also: `data augmentation, transforms, regularisation, ${all(augmentationWords)}`,
  },
  'model.layers': {
    label: 'Layers',
    help: 'The classifier, one output per class, follows the last layer by itself.',
    also: `network, architecture, depth, ${all(layerWords)}`,
  },
  'model.backbone': {
    label: 'Backbone',
    help: 'A trained network whose weights the first layers begin with. Your own: atelier backbones add FILE.onnx or model.json.',
    also: 'pre-trained, transfer learning, onnx, tensorflow.js, tfjs, own backbone, efficientnet, imagenet, embeddings',
  },
  'model.initialiser': {
    label: 'Initial weights',
    help: 'He suits ReLU; LeCun and orthogonal suit deep plain networks.',
    also: 'initialiser, initialisation, init, he, kaiming, glorot, xavier, lecun, orthogonal',
  },
  'model.l1': {
    label: 'L1 penalty',
    help: 'l1 · Σ|w| is added to the loss; pushes weights to exactly 0.',
    also: 'lasso, regularisation, sparsity, kernel regulariser',
    logarithmic: true,
    span: [1e-7, 0.01],
  },
  'model.l2': {
    label: 'L2 penalty',
    help: 'l2 · Σw² is added to the loss; keeps weights small.',
    also: 'ridge, regularisation, weight decay, kernel regulariser',
    logarithmic: true,
    span: [1e-6, 0.1],
  },
  'model.parameterBudget': {
    label: 'Parameter budget',
    help: 'A network above it is refused.',
    also: 'limit, size, weights, maximum',
    step: 1000,
  },
  'training.epochs': {
    label: 'Epochs',
    help: 'How often all training images are seen.',
    also: 'length, duration, iterations, passes',
    step: 1,
  },
  'training.batchSize': {
    label: 'Batch size',
    help: 'Images per step. Larger: fewer, calmer steps and more memory.',
    also: 'minibatch, memory',
    unit: 'images',
    step: 16,
  },
  'training.earlyStopping': {
    label: 'Stop early',
    help: 'Stops when validation no longer gains. The best epoch is kept either way.',
    also: 'early stopping, patience, overfitting, regularisation',
  },
  'training.earlyStopping.patience': {
    label: 'Patience',
    help: 'Epochs without a higher accuracy or a lower loss.',
    also: 'early stopping',
    unit: 'epochs',
    step: 1,
  },
  'training.optimizer': {
    label: 'Optimizer',
    help: 'How gradients become steps.',
    also: all(optimizerWords),
  },
  'training.learningRate': {
    label: 'Learning rate',
    help: 'How far each step goes: the highest rate of the schedule.',
    also: 'lr, eta, step size, rate finder, lr finder, range test',
    logarithmic: true,
    span: [1e-5, 1],
  },
  'training.layerDecay': {
    label: 'Layer-wise decay',
    help: 'Each layer learns at this factor of the rate of the layer after it. 1 is the same rate for all.',
    also: 'discriminative learning rates, LLRD, fine-tune, layer-wise learning rate',
    step: 0.05,
    span: [0.3, 1],
  },
  'training.schedule': {
    label: 'Schedule',
    help: 'The learning rate over the run.',
    also: `lr schedule, scheduler, decay, annealing, ${all(scheduleWords)}`,
  },
  'training.weightDecay': {
    label: 'Weight decay',
    help: 'Shrinks kernels a little with every step. 0 is none.',
    also: 'wd, L2, regularisation, decay',
    logarithmic: true,
    span: [1e-5, 0.1],
  },
  'training.gradientClipping': {
    label: 'Clip gradients',
    help: 'Gradients together are scaled down to this norm.',
    also: 'gradient clipping, clipnorm, max norm, exploding',
    logarithmic: true,
    span: [0.01, 100],
  },
  'training.weightAveraging': {
    label: 'Average the weights',
    help: 'A moving average of the weights is validated and kept.',
    also: 'EMA, exponential moving average, weight averaging, polyak, swa, decay',
    step: 0.001,
    span: [0.9, 0.9999],
  },
  'training.loss': {
    label: 'Loss',
    help: 'What training lowers.',
    also: `objective, criterion, ${all(lossWords)}`,
  },
  'training.labelSmoothing': {
    label: 'Label smoothing',
    help: 'Share of certainty taken from the answer and spread over all classes.',
    also: 'soft labels, regularisation',
    percent: true,
    step: 0.01,
  },
  'training.classWeights': {
    label: 'Class weights',
    help: 'How much the images of each class count in the loss.',
    also: `imbalance, rare classes, ${all(classWeightWords)}`,
  },
  'training.sampling': {
    label: 'Sampling',
    help: 'Balanced shows rare classes repeatedly.',
    also: 'oversampling, balanced, imbalance, shuffle',
  },
  'training.topK': {
    label: 'Top-k',
    help: 'An answer also counts as right in top-k among this many.',
    also: 'top 5, top k accuracy, metric, metrics',
    step: 1,
  },
  'training.batchNorm': {
    label: 'Batch norm statistics',
    help: 'Mean and variance that batch norm uses while training. Running ones, as they came with the weights, suit fine-tuning with few images.',
    also: 'batch normalisation, running mean, running variance, moving average, freeze batch norm, inference mode',
  },
  'training.linearProbe': {
    label: 'Linear probe first',
    help: 'Fits the classifier to the features that are there, by logistic regression, before the first step.',
    also: 'linear probing, LP-FT, fine-tune, classifier, head, logistic regression, warm start',
  },
  'training.cachedViews': {
    label: 'Cached views',
    help: 'Augmented views of each training image that frozen layers see once; epochs take them in turn.',
    also: 'augmentation, feature cache, frozen, embeddings',
    unit: 'views',
    step: 1,
  },
  'training.frozenLayers': {
    label: 'Frozen layers',
    help: 'Layers, from the first, that stay as they are.',
    also: 'freeze, fine-tune, transfer learning, trainable',
    unit: 'layers',
    step: 1,
  },
  'training.precision': {
    label: 'Precision',
    help: 'bfloat16 computes convolutions in 16 bits; weights stay in 32.',
    also: 'float32, bfloat16, bf16, fp16, half, mixed precision, amp, speed',
  },
  'training.seed': {
    label: 'Seed',
    help: 'Same recipe and seed, same run.',
    also: 'random, reproducible, repeat',
    step: 1,
  },
} satisfies Record<Exclude<SettingPath, 'preprocessing' | 'model' | 'training'>, FieldWords>;

/** The words of a setting. */
export const wordsOf = (path: SettingPath): FieldWords => settingWords[path];
