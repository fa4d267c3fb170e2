/**
 * Embeddings in the engine's memory, each of length 1, so that a product of two is their cosine: what all of them give
 * times some vectors, at once. Where they are kept between sessions, and which image a place belongs to, is the caller's.
 */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '#learning/tensorflow/operations.ts';

/** Rows of one tensor: new ones are appended without copying those that are there. */
const blockRows = 8192;

interface Block {
  first: number;
  count: number;
  /** [count, size] */
  values: tf.Tensor2D;
}

export class VectorTable {
  readonly #blocks: Block[] = [];
  #length = 0;
  #mean: tf.Tensor2D | null = null;

  /** @param size numbers of an embedding */
  constructor(readonly size: number) {}

  get length(): number {
    return this.#length;
  }

  /** Appends embeddings [n, size] of any length; they are changed in place. One of all zeros stays so, and is like none. */
  append(values: Float32Array): void {
    const { size } = this;
    const count = values.length / size;
    normaliseRows(values, size);
    this.#forgetMean();
    for (let at = 0; at < count; at += blockRows) {
      const rows = Math.min(blockRows, count - at);
      const block = tf.tensor2d(values.slice(at * size, (at + rows) * size), [rows, size]);
      // Given to the engine now, so that the array can go.
      tf.dispose(tf.tidy(() => tf.slice(block, [0, 0], [1, 1])));
      this.#blocks.push({ first: this.#length, count: rows, values: block });
      this.#length += rows;
    }
  }

  /** The embeddings at these places, [places, size]; the caller's to dispose of. */
  gather(places: ArrayLike<number>): tf.Tensor2D {
    const order = Array.from(places, (_, index) => index).sort((a, b) => places[a]! - places[b]!);
    const inverse = new Int32Array(order.length);
    order.forEach((from, to) => (inverse[from] = to));
    return tf.tidy(() => {
      const parts: tf.Tensor2D[] = [];
      for (const { first, count, values } of this.#blocks) {
        const own = order.map((index) => places[index]! - first).filter((row) => row >= 0 && row < count);
        if (own.length > 0) parts.push(gatherRows(values, tf.tensor1d(own, 'int32')));
      }
      if (parts.length === 0) return tf.zeros([0, this.size]) as tf.Tensor2D;
      const sorted = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
      return gatherRows(sorted, tf.tensor1d(inverse, 'int32'));
    });
  }

  /** All embeddings times these vectors [size, n] → [length, n]: with those of `gather`, transposed, their cosines. */
  async times(vectors: tf.Tensor2D): Promise<Float32Array> {
    const width = vectors.shape[1];
    const result = new Float32Array(this.#length * width);
    for (const { first, values } of this.#blocks) {
      const product = tf.matMul(values, vectors);
      result.set((await product.data()) as Float32Array, first * width);
      product.dispose();
    }
    return result;
  }

  /** How alike all are to the one at `place`: their cosines, [length]. */
  cosines(place: number): Promise<Float32Array> {
    return this.cosinesWith([place]);
  }

  /** How alike all are to each of these, [length, places]. */
  async cosinesWith(places: readonly number[]): Promise<Float32Array> {
    const columns = tf.tidy(() => {
      const queries = this.gather(places);
      // A single row is a column already, without the cost of a transposition.
      return places.length === 1
        ? (tf.reshape(queries, [this.size, 1]) as tf.Tensor2D)
        : (tf.transpose(queries) as tf.Tensor2D);
    });
    try {
      return await this.times(columns);
    } finally {
      columns.dispose();
    }
  }

  /**
   * The likest to each of these vectors [queries, size], the engine choosing block by block: [queries, count at most of each
   * block], not in order.
   * @returns for each block the places and their cosines
   */
  async nearestIn(
    vectors: tf.Tensor2D,
    count: number,
  ): Promise<{ width: number; places: Int32Array; cosines: Float32Array }[]> {
    const parts = tf.tidy(() =>
      this.#blocks.map(({ first, count: rows, values }) => ({
        first,
        width: Math.min(count, rows),
        ...tf.topk(tf.matMul(vectors, values, false, true), Math.min(count, rows), true),
      })),
    );
    try {
      return await Promise.all(
        parts.map(async ({ first, width, values, indices }) => ({
          width,
          places: Int32Array.from(await indices.data(), (index) => first + index),
          cosines: (await values.data()) as Float32Array,
        })),
      );
    } finally {
      for (const { values, indices } of parts) tf.dispose([values, indices]);
    }
  }

  /** The mean of all, [1, size]; the table's own. */
  mean(): tf.Tensor2D {
    this.#mean ??= tf.tidy(() => {
      const sums = this.#blocks.map(({ values }) => tf.sum(values, 0));
      return tf.reshape(tf.div(tf.addN(sums), Math.max(1, this.#length)), [1, this.size]) as tf.Tensor2D;
    });
    return this.#mean;
  }

  /** Of all, [size, size]; the caller's to dispose of. */
  covariance(): tf.Tensor2D {
    // Kept by the table, so made outside.
    const mean = this.mean();
    return tf.tidy(() => {
      const products = this.#blocks.map(({ values }) => tf.matMul(values, values, true, false));
      return tf.sub(
        tf.div(tf.addN(products), Math.max(1, this.#length)),
        tf.matMul(mean, mean, true, false),
      ) as tf.Tensor2D;
    });
  }

  /** How alike each is to all on average: its product with the mean, [length]. */
  async meanCosines(): Promise<Float32Array> {
    const column = tf.reshape(this.mean(), [this.size, 1]) as tf.Tensor2D;
    try {
      return await this.times(column);
    } finally {
      column.dispose();
    }
  }

  #forgetMean(): void {
    this.#mean?.dispose();
    this.#mean = null;
  }

  dispose(): void {
    this.#forgetMean();
    for (const { values } of this.#blocks.splice(0)) values.dispose();
    this.#length = 0;
  }
}

/** Gives each row [n, size] the length 1. */
export function normaliseRows(values: Float32Array, size: number): void {
  for (let at = 0; at < values.length; at += size) {
    let sum = 0;
    for (let place = at; place < at + size; place += 1) sum += values[place]! * values[place]!;
    if (sum === 0) continue;
    const factor = 1 / Math.sqrt(sum);
    for (let place = at; place < at + size; place += 1) values[place]! *= factor;
  }
}

/** The places of the `count` largest values of those that `keep` lets through, the largest first; ties by place. */
export function largest(
  values: ArrayLike<number>,
  count: number,
  keep: (place: number) => boolean = () => true,
): number[] {
  // A heap whose top is the least of those found.
  const heap: number[] = [];
  const less = (a: number, b: number) => values[a]! < values[b]! || (values[a] === values[b] && a > b);
  const sink = (at: number) => {
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && less(heap[child]!, heap[least]!)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  };
  for (let place = 0; place < values.length; place += 1) {
    if (heap.length === count && !less(heap[0]!, place)) continue;
    if (!keep(place)) continue;
    if (heap.length < count) {
      heap.push(place);
      for (let at = heap.length - 1; at > 0;) {
        const above = (at - 1) >> 1;
        if (!less(heap[at]!, heap[above]!)) break;
        [heap[at], heap[above]] = [heap[above]!, heap[at]!];
        at = above;
      }
    } else if (count > 0) {
      heap[0] = place;
      sink(0);
    }
  }
  return heap.sort((a, b) => (less(a, b) ? 1 : -1));
}
