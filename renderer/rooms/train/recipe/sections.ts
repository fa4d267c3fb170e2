/** The parts of the form, in their order. The test proves that each setting stands in exactly one. */
import type { SettingPath } from './words/settings.ts';

export const sectionIds = [
  'start',
  'preprocessing',
  'augmentation',
  'model',
  'length',
  'optimizer',
  'loss',
  'precision',
  'json',
] as const;
export type SectionId = (typeof sectionIds)[number];

export interface Section {
  title: string;
  /** Other words for the whole section, divided by commas. */
  also: string;
  settings: readonly SettingPath[];
}

export const sections = {
  start: {
    title: 'Start from',
    also: '',
    settings: [
      'origin',
      'training.frozenLayers',
      'training.cachedViews',
      'training.batchNorm',
      'training.linearProbe',
    ],
  },
  preprocessing: {
    title: 'Preprocessing',
    also: 'images, input',
    settings: [
      'preprocessing.width',
      'preprocessing.height',
      'preprocessing.channels',
      'preprocessing.fit',
      'preprocessing.normalisation',
      'preprocessing.normalisation.mean',
      'preprocessing.normalisation.deviation',
    ],
  },
  augmentation: { title: 'Augmentation', also: '', settings: ['augmentation'] },
  model: {
    title: 'Model',
    also: 'network, architecture',
    settings: [
      'model.backbone',
      'model.layers',
      'model.initialiser',
      'model.l1',
      'model.l2',
      'model.parameterBudget',
    ],
  },
  length: {
    title: 'Length',
    also: 'duration, time',
    settings: [
      'training.epochs',
      'training.batchSize',
      'training.earlyStopping',
      'training.earlyStopping.patience',
    ],
  },
  optimizer: {
    title: 'Optimizer and learning rate',
    also: 'tuning',
    settings: [
      'training.optimizer',
      'training.learningRate',
      'training.layerDecay',
      'training.schedule',
      'training.weightDecay',
      'training.gradientClipping',
      'training.weightAveraging',
    ],
  },
  loss: {
    title: 'Loss and classes',
    also: '',
    settings: [
      'training.loss',
      'training.labelSmoothing',
      'training.classWeights',
      'training.sampling',
      'training.topK',
    ],
  },
  precision: {
    title: 'Precision and seed',
    also: '',
    settings: ['training.precision', 'training.seed'],
  },
  json: { title: 'JSON', also: 'file, copy, paste, import, export, save, command line', settings: [] },
} satisfies Record<SectionId, Section> as Record<SectionId, Section>;
