import { describe, expect, it } from 'vitest';
import { labelOf, shownLayers, shownValue } from './values.ts';

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
