/** Which epoch is kept and when waiting ends, as docs/decisions says. */
import { describe, expect, test } from 'vitest';
import { isBetter, shouldStopEarly } from './best-epoch.ts';
import type { EpochScores } from './stored.ts';

const epoch = (validationAccuracy: number, validationLoss: number) =>
  ({ validationAccuracy, validationLoss }) as EpochScores;

describe('isBetter', () => {
  test.each([
    ['the first', epoch(0.1, 9), undefined, true],
    ['higher accuracy, though higher loss', epoch(0.8, 2), epoch(0.7, 1), true],
    ['equal accuracy, lower loss', epoch(0.8, 0.5), epoch(0.8, 0.6), true],
    ['equal in both', epoch(0.8, 0.5), epoch(0.8, 0.5), false],
    ['lower accuracy, though lower loss', epoch(0.7, 0.1), epoch(0.8, 0.5), false],
  ])('%s', (_, candidate, than, expected) => expect(isBetter(candidate, than)).toBe(expected));
});

describe('shouldStopEarly', () => {
  const epochs = [epoch(0.5, 1), epoch(0.6, 1.1), epoch(0.6, 0.9), epoch(0.55, 0.95), epoch(0.6, 0.9)];
  test('better accuracy or lower loss each begin the wait anew', () => {
    expect(shouldStopEarly(epochs.slice(0, 3), 1)).toBe(false);
    expect(shouldStopEarly(epochs.slice(0, 4), 1)).toBe(true);
    expect(shouldStopEarly(epochs, 2)).toBe(true);
    expect(shouldStopEarly(epochs, 3)).toBe(false);
  });
  test('without early stopping it never ends', () => expect(shouldStopEarly(epochs, undefined)).toBe(false));
});
