import { describe, expect, it } from 'vitest';
import { balancedWeights, fitted } from './class-weights.ts';

describe('balanced class weights', () => {
  it('make classes count the same, and images 1 on average', () => {
    const counts = [10, 30, 60];
    const weights = balancedWeights(counts);
    const shares = counts.map((count, index) => count * weights[index]!);
    expect(shares[0]).toBeCloseTo(shares[1]!);
    expect(shares[1]).toBeCloseTo(shares[2]!);
    expect(shares.reduce((sum, share) => sum + share, 0) / 100).toBeCloseTo(1);
  });
  it('leave a class without images at 1', () => {
    expect(balancedWeights([0, 5, 5])).toEqual([1, 1, 1]);
    expect(balancedWeights([])).toEqual([]);
  });
});

it('weights are fitted to the classes', () => {
  expect(fitted([2, 3], 3)).toEqual([2, 3, 1]);
  expect(fitted([2, 3, 4], 2)).toEqual([2, 3]);
});
