/** Batch order: every image at most once an epoch, another order each epoch, the same for the same seed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBatches } from './batches.ts';

const indices = (count: number) => Int32Array.from({ length: count }, (_, index) => 3 * index);

test('an epoch holds no image twice and leaves out less than a batch', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(1000),
      (count, size, seed) => {
        const batches = openBatches(indices(count), size, seed);
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
    openBatches(indices(100), 10, seed)
      .epoch(epoch)
      .map((batch) => [...batch]);
  expect(order(1, 3)).toEqual(order(1, 3));
  expect(order(1, 3)).not.toEqual(order(1, 4));
  expect(order(1, 3)).not.toEqual(order(2, 3));
});

test('fewer images than a batch make one batch', () => {
  const batches = openBatches(indices(5), 128, 1);
  expect([batches.size, batches.count]).toEqual([5, 1]);
});
