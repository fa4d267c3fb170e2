import { describe, expect, it } from 'vitest';
import { bars, kindWords, leftOut, shapeWords } from './layers.ts';

describe('layers in words', () => {
  it('name kinds and shapes', () => {
    expect(['conv', 'max-pool', 'spatial-dropout'].map(kindWords)).toEqual([
      'Convolution',
      'Max pool',
      'Spatial dropout',
    ]);
    expect([[28, 28, 16], [14, 14, 1], [64]].map((outputShape) => shapeWords({ outputShape }))).toEqual([
      '28 × 28, 16 channels',
      '14 × 14, 1 channel',
      '64 values',
    ]);
  });
  it('say what is not shown', () => {
    expect(leftOut({ outputShape: [7, 7, 128], tiles: 64 })).toBe('the first 64 of 128 channels');
    expect(leftOut({ outputShape: [7, 7, 16], tiles: 16 })).toBeNull();
    expect(leftOut({ outputShape: [256], tiles: 0 })).toBeNull();
  });
  it('draw vectors by their largest magnitude', () => {
    expect(bars([1, -2, 0])).toEqual([0.5, -1, 0]);
    expect(bars([0, 0])).toEqual([0, 0]);
    expect(bars([])).toEqual([]);
  });
});
