/** Batch order: every image at most once an epoch, another order each epoch, the same for the same seed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBatches } from './batches.ts';

const indices = (count: number) => Int32Array.from({ length: count }, (_, index) => 3 * index);
const shuffle = (batchSize: number, seed: number) => ({ batchSize, seed, sampling: 'shuffled' as const });

test('an epoch holds no image twice and leaves out less than a batch', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(1000),
      (count, size, seed) => {
        const batches = openBatches(shuffle(size, seed), [], indices(count));
        const seen = batches.epoch(1).flatMap((batch) => [...batch]);
        expect(new Set(seen).size).toBe(seen.length);
        expect(count - seen.length).toBeLessThan(batches.size);
        expect(seen.every((index) => index % 3 === 0 && index < 3 * count)).toBe(true);
      },
    ),
  );
});

test('order depends on seed and epoch, and on nothing else', () => {
  const order = (seed: number, epoch: number) =>
    openBatches(shuffle(10, seed), [], indices(100))
      .epoch(epoch)
      .map((batch) => [...batch]);
  expect(order(1, 3)).toEqual(order(1, 3));
  expect(order(1, 3)).not.toEqual(order(1, 4));
  expect(order(1, 3)).not.toEqual(order(2, 3));
});

test('fewer images than a batch make one batch', () => {
  const batches = openBatches(shuffle(128, 1), [], indices(5));
  expect([batches.size, batches.count]).toEqual([5, 1]);
});

test('the order of a seed and an epoch is what it always was', () => {
  expect([...openBatches(shuffle(6, 7), [], indices(6)).epoch(2)[0]!]).toEqual([0, 9, 12, 6, 3, 15]);
});

test.each(['shuffled', 'balanced'] as const)(
  '%s: a run that continues another sees another order',
  (sampling) => {
    const labels = Array.from({ length: 300 }, (_, index) => (index % 9 === 0 ? 1 : 0));
    const batches = openBatches({ batchSize: 10, seed: 1, sampling }, labels, indices(100));
    const order = (stepsBefore?: number) => batches.epoch(1, stepsBefore).map((batch) => [...batch]);
    expect(order(0)).toEqual(order());
    expect(order(80)).not.toEqual(order());
    expect(order(80)).not.toEqual(order(160));
    expect(order(80)).toEqual(order(80));
    // Which images are drawn of the common class is drawn anew too.
    const drawn = (stepsBefore: number) => [...new Set(order(stepsBefore).flat())].sort();
    if (sampling === 'balanced') expect(drawn(80)).not.toEqual(drawn(0));
  },
);

describe('balanced', () => {
  /** Image i has index 3i; class 1 is rare, class 2 has none. */
  const labels = Array.from({ length: 900 }, (_, index) => (index % 30 === 0 ? 1 : index % 2 ? 0 : 3));
  const balanced = (batchSize: number, seed: number) => ({ batchSize, seed, sampling: 'balanced' as const });
  const tally = (drawn: number[]) => {
    const counts = new Map<number, number>();
    for (const index of drawn) counts.set(labels[index]!, (counts.get(labels[index]!) ?? 0) + 1);
    return counts;
  };

  test('draws each class that has images equally often, also within a class', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 1, max: 64 }),
        fc.nat(1000),
        (count, size, seed) => {
          const all = indices(count);
          const batches = openBatches(balanced(size, seed), labels, all);
          const drawn = batches.epoch(3).flatMap((batch) => [...batch]);
          expect(drawn.length).toBe(batches.size * batches.count);
          expect(drawn.every((index) => all.includes(index))).toBe(true);
          const present = new Set([...all].map((index) => labels[index]!));
          const counts = tally(drawn);
          expect(new Set(counts.keys())).toEqual(present);
          expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
          // Nobody is drawn twice before all of the class were drawn once.
          for (const label of present) {
            const times = [...all]
              .filter((index) => labels[index] === label)
              .map((index) => drawn.filter((other) => other === index).length);
            expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('mixes the classes over the epoch, another way each epoch, the same for the same seed', () => {
    const order = (epoch: number) =>
      openBatches(balanced(60, 5), labels, indices(300))
        .epoch(epoch)
        .map((batch) => [...batch]);
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    // Sixty of three classes alike: twenty of each, give or take four deviations.
    for (const batch of order(1)) {
      for (const times of tally(batch).values()) expect(Math.abs(times - 20)).toBeLessThan(15);
    }
    // Of the common classes an epoch sees a part; two epochs see more.
    const seen = new Set([...order(1), ...order(2)].flat());
    expect(seen.size).toBeGreaterThan(new Set(order(1).flat()).size);
  });
});
