import { describe, expect, it } from 'vitest';
import { briefValue, labelOf, shownLayers, shownValue } from './values.ts';

describe('values in words', () => {
  it.each([
    ['training.learningRate', 0.1, '0.1'],
    ['training.gradientClipping', null, 'off'],
    ['training.optimizer.nesterov', false, 'off'],
    ['training.optimizer', { kind: 'adamw' }, 'AdamW'],
    ['training.classWeights.weights', [1, 0.5], '1, 0.5'],
    ['training.earlyStopping', { patience: 4 }, 'after 4 epochs'],
    ['training.sampling', 'balanced', 'Each class equally often'],
    ['model.initialiser', 'orthogonal', 'Orthogonal'],
    ['model.layers', [{ kind: 'flatten' }], '1 layer'],
    ['augmentation', [], 'none'],
    ['augmentation', [{ kind: 'crop' }, { kind: 'blur' }], 'Random crop, Gaussian blur'],
    ['preprocessing.channels', 3, 'colour'],
    ['preprocessing.normalisation', { kind: 'measured' }, 'Measured on training images'],
  ])('%s', (path, value, words) => {
    expect(shownValue(path, value)).toBe(words);
  });

  it('are exact, or rounded for tables', () => {
    expect(shownValue('training.learningRate', 0.0031622776)).toBe('0.0031622776');
    expect(briefValue('training.learningRate', 0.0031622776)).toBe('0.003162');
    expect(briefValue('training.weightDecay', 1e-6)).toBe('1e-6');
    expect(briefValue('training.weightDecay', undefined)).toBe('–');
  });

  it('tell entries of lists apart', () => {
    const layer = { kind: 'conv', filters: 32, kernel: 3, stride: 1, batchNorm: true, activation: 'relu' };
    expect(shownValue('model.layers.+2', layer)).toBe('Convolution, filters 32, kernel 3, stride 1');
    expect(shownValue('model.layers.2.activation', 'relu')).toBe('ReLU');
    expect(shownValue('augmentation.0', { kind: 'rotation', probability: 1, degrees: 10 })).toBe(
      'Rotation, probability 1, up to 10',
    );
  });

  it('name settings, and the fields of their kinds', () => {
    expect(labelOf('training.learningRate')).toBe('Learning rate');
    expect(labelOf('training.optimizer.beta1')).toBe('Optimizer: Beta 1');
    expect(labelOf('training.schedule.peakAt')).toBe('Schedule: Peak at');
    expect(labelOf('name')).toBe('Name of the recipe');
  });

  it('count layers of a kind that follow one another', () => {
    expect(shownLayers([{ kind: 'conv' }, { kind: 'conv' }, { kind: 'max-pool' }, { kind: 'conv' }])).toBe(
      '2 × Convolution, Max pool, Convolution',
    );
  });
});
