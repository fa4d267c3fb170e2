import { describe, expect, it } from 'vitest';
import { presets } from './presets.ts';
import { briefValue, labelOf, shownValue, summaryOf } from './values.ts';

describe('values in words', () => {
  it.each([
    ['training.learningRate', 0.1, '0.1'],
    ['training.gradientClipping', null, 'off'],
    ['training.optimizer.nesterov', false, 'off'],
    ['training.optimizer', { kind: 'adamw' }, 'AdamW'],
    ['training.classWeights.weights', [1, 0.5], '1, 0.5'],
    ['training.earlyStopping', { patience: 4 }, 'patience 4 epochs'],
    ['training.sampling', 'balanced', 'Each class equally often'],
    ['model.initialiser', 'orthogonal', 'Orthogonal'],
    ['model.layers', [{ kind: 'conv' }, { kind: 'conv' }, { kind: 'flatten' }], '2 × Convolution, Flatten'],
    ['augmentation', [], 'none'],
    ['augmentation', [{ kind: 'crop' }, { kind: 'blur' }], 'Random crop, Gaussian blur'],
    ['preprocessing.channels', 3, 'Colour, RGB (3)'],
    ['preprocessing.normalisation', { kind: 'measured' }, 'Measured on training images'],
    ['model.layers.2.activation', 'relu', 'ReLU'],
    [
      'model.layers.+2',
      { kind: 'conv', filters: 32, kernel: 3, stride: 1, batchNorm: true, activation: 'relu' },
      'Convolution, filters 32, kernel 3, stride 1',
    ],
    [
      'augmentation.0',
      { kind: 'rotation', probability: 1, degrees: 10 },
      'Rotation, probability 1, up to 10',
    ],
  ])('%s', (path, value, words) => {
    expect(shownValue(path, value)).toBe(words);
  });

  it('are exact, or rounded for tables', () => {
    expect(shownValue('training.learningRate', 0.0031622776)).toBe('0.0031622776');
    expect(briefValue('training.learningRate', 0.0031622776)).toBe('0.003162');
    expect(briefValue('training.weightDecay', 1e-6)).toBe('1e-6');
    expect(briefValue('training.weightDecay', undefined)).toBe('–');
  });

  it.each([
    ['training.learningRate', 'Learning rate'],
    ['training.optimizer.beta1', 'Optimizer: Beta 1'],
    ['training.schedule.peakAt', 'Schedule: Peak at'],
    ['name', 'Name of the recipe'],
    ['augmentation.4', 'Augmentation 5'],
    ['something.else', 'something.else'],
  ])('%s is called %s', (path, label) => {
    expect(labelOf(path)).toBe(label);
  });

  it('name entries of lists by what they are in a recipe', () => {
    const { recipe } = presets.quick;
    expect(labelOf('model.layers.0.filters', recipe)).toBe('1. Convolution: Filters');
    expect(labelOf('model.layers.1', recipe)).toBe('2. Max pool');
    expect(labelOf('augmentation.4', recipe)).toBe('Augmentation 5');
  });
});

it('a section in a line says what must be said and what is not as it begins', () => {
  const { recipe } = presets.best;
  expect(summaryOf('optimizer', recipe)).toBe(
    'rate 0.1 · SGD with momentum · One cycle · weight decay 0.005 · weights averaged',
  );
  expect(summaryOf('length', recipe)).toBe('64 epochs · batches of 128');
  expect(summaryOf('precision', recipe)).toBe('float32 · seed 1');
  expect(summaryOf('loss', recipe)).toBe('Cross-entropy · label smoothing 0.05');
  expect(summaryOf('start', recipe)).toBe('');
});
