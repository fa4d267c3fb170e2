/**
 * Which images make up which batch: drawn anew each epoch, from the run's seed, the epoch and the steps of
 * the runs that it continues alone, so that a resumed run sees what the uninterrupted one would have seen, from any step of any epoch on.
 */
import type { Training } from '#recipe/training.ts';
import { type RandomStream, generator, shuffle } from '#learning/random-numbers.ts';

/** Streams of the generator that no weight uses. */
const orderStream = 0x6f72;
const classStream = 0x636c;

export interface Batches {
  readonly size: number;
  /** Whole batches in an epoch. What is left over (less than a batch) sits this epoch out; the next draw is another. */
  readonly count: number;
  /**
   * @param epoch from 1
   * @param stepsBefore of the runs that this one continues: it goes on with other orders than theirs
   * @returns the indices of each batch, int32 [size], in order
   */
  epoch(epoch: number, stepsBefore?: number): Int32Array[];
}

/**
 * `shuffled` is a permutation of all images. `balanced` draws each class that has images equally often (in an epoch
 * the counts differ by one at most, and which classes get one more is drawn too): a class goes through all its
 * images in a random order, and through another order when they are used up, so that rare classes repeat and of
 * common ones another part is seen each epoch. Both have as many batches.
 * @param labels class index of every image
 * @param indices of the training images; where they are fewer than a batch, one batch takes them all
 */
export function openBatches(
  { batchSize, seed, sampling }: Pick<Training, 'batchSize' | 'seed' | 'sampling'>,
  labels: ArrayLike<number>,
  indices: Int32Array,
): Batches {
  const size = Math.min(batchSize, indices.length);
  const count = Math.floor(indices.length / size);
  const classes = sampling === 'balanced' ? byClass(labels, indices) : [];
  return {
    size,
    count,
    epoch(epoch, stepsBefore = 0) {
      // Nothing is added for a run that continues none: what it draws is what it always drew.
      const streamOf = (stream: number) =>
        generator(seed, stream, epoch, ...(stepsBefore > 0 ? [stepsBefore] : []));
      const drawn =
        sampling === 'balanced' ? balanced(classes, size * count, streamOf(classStream)) : indices;
      const order = shuffle(drawn.slice(), streamOf(orderStream));
      return Array.from({ length: count }, (_, batch) => order.slice(batch * size, (batch + 1) * size));
    },
  };
}

/** The images of each class that has any. */
function byClass(labels: ArrayLike<number>, indices: Int32Array): Int32Array[] {
  const classes: number[][] = [];
  for (const index of indices) (classes[labels[index]!] ??= []).push(index);
  return classes.filter((members) => members !== undefined).map((members) => Int32Array.from(members));
}

function balanced(classes: Int32Array[], total: number, uniform: RandomStream): Int32Array {
  const turns = shuffle(Int32Array.from(classes.keys()), uniform);
  const share = Math.floor(total / classes.length);
  const extra = total % classes.length;
  const drawn = new Int32Array(total);
  let filled = 0;
  turns.forEach((position, turn) => {
    const end = filled + share + (turn < extra ? 1 : 0);
    while (filled < end) {
      const pass = shuffle(classes[position]!.slice(), uniform).subarray(0, end - filled);
      drawn.set(pass, filled);
      filled += pass.length;
    }
  });
  return drawn;
}
