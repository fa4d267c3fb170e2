/** Weights of classes: their mean over what is drawn, what changes nothing, and what is refused. */
import { expect, test } from 'vitest';
import type { ClassWeights } from './loss.ts';
import { checkClassWeights, resolveClassWeights } from './class-weights.ts';

/** 6 of class 0, 3 of class 1, 1 of class 3; class 2 has none. One more of class 2 is no training image. */
const labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 3, 2];
const train = Int32Array.from({ length: 10 }, (_, index) => index);
const resolve = (classWeights: ClassWeights, sampling: 'shuffled' | 'balanced' = 'shuffled') =>
  resolveClassWeights({ classWeights, sampling }, labels, train, 4);

test('equal weights are none, whatever they are', () => {
  expect(resolve({ kind: 'equal' })).toBeNull();
  expect(resolve({ kind: 'custom', weights: [3, 3, 3, 3] })).toBeNull();
  // Of class 2 nothing is ever seen.
  expect(resolve({ kind: 'custom', weights: [3, 3, 7, 3] })).toBeNull();
  expect(
    resolveClassWeights({ classWeights: { kind: 'balanced' }, sampling: 'shuffled' }, [0, 1], [0, 1], 2),
  ).toBeNull();
});

test('balanced: each class weighs the same in all, and images 1 on average', () => {
  const weights = resolve({ kind: 'balanced' })!;
  const inAll = [6, 3, 0, 1].map((count, index) => count * weights[index]!);
  expect(inAll[0]).toBeCloseTo(10 / 3, 5);
  expect(inAll[1]).toBeCloseTo(10 / 3, 5);
  expect(inAll[3]).toBeCloseTo(10 / 3, 5);
  expect(weights[2]).toBe(0);
  expect(inAll.reduce((sum, value) => sum + value, 0) / 10).toBeCloseTo(1, 6);
});

test('balanced weights with balanced sampling correct once, not twice', () => {
  expect(resolve({ kind: 'balanced' }, 'balanced')).toBeNull();
});

test('given: kept in proportion, of mean 1 over the images drawn', () => {
  const given = { kind: 'custom' as const, weights: [1, 2, 5, 4] };
  const weights = resolve(given)!;
  expect(weights[1]! / weights[0]!).toBeCloseTo(2, 6);
  expect(weights[3]! / weights[0]!).toBeCloseTo(4, 6);
  expect((6 * weights[0]! + 3 * weights[1]! + weights[3]!) / 10).toBeCloseTo(1, 6);
  // Balanced sampling draws the three classes equally often.
  const drawn = resolve(given, 'balanced')!;
  expect((drawn[0]! + drawn[1]! + drawn[3]!) / 3).toBeCloseTo(1, 6);
});

test('refuses another number of weights than of classes, and nothing but zeros', () => {
  expect(() => resolve({ kind: 'custom', weights: [1, 2] })).toThrow(
    expect.objectContaining({
      code: 'RECIPE_INVALID',
      message:
        'Class weights expect one number for each of the 4 classes that have images, received 2. Give 4, or choose equal or balanced weights.',
    }),
  );
  expect(() => resolve({ kind: 'custom', weights: [0, 0, 1, 0] })).toThrow(
    expect.objectContaining({ code: 'RECIPE_INVALID' }),
  );
});

test('are checked before there are images to look at', () => {
  const check = (classWeights: ClassWeights) => () => checkClassWeights(classWeights, 3);
  expect(check({ kind: 'balanced' })).not.toThrow();
  expect(check({ kind: 'custom', weights: [0, 0, 1] })).not.toThrow();
  for (const weights of [
    [1, 2, 3, 4],
    [0, 0, 0],
  ])
    expect(check({ kind: 'custom', weights })).toThrow(expect.objectContaining({ code: 'RECIPE_INVALID' }));
});
