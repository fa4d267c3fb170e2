/**
 * Which images make up which batch: a fresh permutation each epoch, from the run's seed and the epoch alone,
 * so that a resumed run sees what the uninterrupted one would have seen.
 */
import { generator } from '#learning/model/generator.ts';

/** Stream of the generator that no weight uses. */
const orderStream = 0x6f72;

export interface Batches {
  readonly size: number;
  /** Whole batches in an epoch. What is left over (less than a batch) sits this epoch out; the next draw is another. */
  readonly count: number;
  /** @param epoch from 1 @returns the indices of each batch, int32 [size], in order */
  epoch(epoch: number): Int32Array[];
}

/** @param indices of the training images; where they are fewer than a batch, one batch takes them all */
export function openBatches(indices: Int32Array, batchSize: number, seed: number): Batches {
  const size = Math.min(batchSize, indices.length);
  const count = Math.floor(indices.length / size);
  return {
    size,
    count,
    epoch(epoch) {
      const order = shuffled(indices, seed, epoch);
      return Array.from({ length: count }, (_, batch) => order.slice(batch * size, (batch + 1) * size));
    },
  };
}

/** Fisher and Yates. */
function shuffled(indices: Int32Array, seed: number, epoch: number): Int32Array {
  const uniform = generator(seed, orderStream, epoch);
  const order = indices.slice();
  for (let last = order.length - 1; last > 0; last -= 1) {
    const pick = Math.floor(uniform() * (last + 1));
    [order[last], order[pick]] = [order[pick]!, order[last]!];
  }
  return order;
}
