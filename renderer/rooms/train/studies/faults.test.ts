import { describe, expect, it } from 'vitest';
import { faultOf, faultOfValue } from './faults.ts';
import { recipe } from './testing.ts';

describe('faults of fields to search', () => {
  it('say what is wrong with a value, and when the recipe has lost the field', () => {
    expect(faultOfValue(recipe, 'training.learningRate', -1)).toMatch(/>0/);
    expect(faultOfValue(recipe, 'augmentation.3.degrees', 1)).toMatch(/no such field/);
    expect(
      faultOf(recipe, {
        kind: 'number',
        path: 'training.weightDecay',
        low: 0,
        high: 0.1,
        logarithmic: true,
        points: 3,
      }),
    ).toMatch(/above 0/);
  });

  it('take no broken numbers where only whole ones make a recipe', () => {
    const range = { logarithmic: false, points: 3 };
    const sizes = { ...range, path: 'training.batchSize', low: 32, high: 256 };
    expect(faultOf(recipe, { ...sizes, kind: 'number' })).toMatch(/whole numbers only/);
    expect(faultOf(recipe, { ...sizes, kind: 'number', low: 1, high: 2 })).toMatch(/whole numbers only/);
    expect(faultOf(recipe, { ...sizes, kind: 'integer' })).toBeNull();
    expect(
      faultOf(recipe, { ...range, kind: 'number', path: 'training.labelSmoothing', low: 0, high: 0.2 }),
    ).toBeNull();
  });

  it('are entries of lists, not their length', () => {
    expect(faultOfValue(recipe, 'augmentation.length', -1)).toMatch(/no such field/);
    expect(faultOfValue(recipe, 'augmentation.length', 1)).toMatch(/no such field/);
    expect(faultOfValue(recipe, 'training.constructor', 1)).toMatch(/no such field/);
  });
});
