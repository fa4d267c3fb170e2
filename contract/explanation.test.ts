/** Where heat lies on the image itself, and slices in words. */
import { describe, expect, test } from 'vitest';
import { heatFrame } from './explanation.ts';
import { type Slices, slicesWords, sliceWords } from './slices.ts';

describe('heat', () => {
  const image = { width: 512, height: 384 };
  test('of a stretched image lies over all of it', () =>
    expect(heatFrame(image, { width: 64, height: 64, fit: 'stretch' })).toEqual({
      left: 0,
      top: 0,
      width: 1,
      height: 1,
    }));
  test('of a crop lies over its middle, and of a letterbox beyond it', () => {
    expect(heatFrame(image, { width: 64, height: 64, fit: 'crop' })).toEqual({
      left: 0.125,
      top: 0,
      width: 0.75,
      height: 1,
    });
    const beyond = heatFrame(image, { width: 64, height: 64, fit: 'letterbox' });
    expect(beyond.width).toBe(1);
    expect(beyond.height).toBeCloseTo(4 / 3, 10);
    expect(beyond.top).toBeCloseTo(-1 / 6, 10);
  });
});

describe('slices in words', () => {
  test.each([
    [
      { by: 'fact', fact: 'brightness', side: 'low', limit: 62.7, share: 0.1 },
      'Dark images: brightness below 63',
    ],
    [
      { by: 'fact', fact: 'aspect', side: 'high', limit: 1.333, share: 0.1 },
      'Wide images: width ÷ height 1.3 or more',
    ],
    [{ by: 'class', classId: 3, name: 'glass' }, 'Class glass'],
    [{ by: 'file-type', name: 'png' }, 'Files of type png'],
    [{ by: 'cluster', cluster: 0, mostly: 'glass', share: 0.514 }, 'Look-alikes 1: 51 % glass'],
  ] as const)('%o', (condition, words) => expect(sliceWords(condition)).toBe(words));

  test('say how many were tried, and that none was found', () => {
    const none = { slices: [], tried: 31, falseDiscoveryRate: 0.05, leastImages: 20 } as unknown as Slices;
    expect(slicesWords(none)).toBe(
      'No slice is wrong more often than the rest beyond chance, of 31 slices with 20 images or more that were tried, at a false-discovery rate of 5 %.',
    );
    expect(slicesWords({ ...none, tried: 0 })).toMatch(/^There are too few images for slices/);
  });
});
