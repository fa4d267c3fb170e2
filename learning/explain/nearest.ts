/**
 * The nearest vectors to one by the cosine, of as many as there are, brought block by block: nothing of them is kept but the best. Where vectors come
 * from is the caller's.
 */
export interface Near {
  /** As the caller named it. */
  id: number;
  /** Cosine, -1 to 1. */
  similarity: number;
}

export class NearestVectors {
  readonly #best: Near[] = [];
  readonly #length: number;

  /** @param count how many are kept */
  constructor(
    private readonly vector: Float32Array,
    private readonly count: number,
  ) {
    this.#length = norm(vector, 0, vector.length);
  }

  /** @param vectors [ids, size] row by row; one of zeros is like nothing */
  add(ids: ArrayLike<number>, vectors: Float32Array): void {
    const size = this.vector.length;
    for (let row = 0; row < ids.length; row += 1) {
      const from = row * size;
      let dot = 0;
      for (let index = 0; index < size; index += 1) dot += this.vector[index]! * vectors[from + index]!;
      const lengths = this.#length * norm(vectors, from, size);
      const similarity = lengths > 0 ? dot / lengths : 0;
      const last = this.#best.at(-1);
      if (this.#best.length === this.count && last && similarity <= last.similarity) continue;
      const at = this.#best.findIndex((near) => near.similarity < similarity);
      this.#best.splice(at < 0 ? this.#best.length : at, 0, { id: ids[row]!, similarity });
      if (this.#best.length > this.count) this.#best.pop();
    }
  }

  /** The nearest first; of equals the one that came first. */
  get best(): readonly Near[] {
    return this.#best;
  }
}

function norm(values: Float32Array, from: number, size: number): number {
  let squares = 0;
  for (let index = from; index < from + size; index += 1) squares += values[index]! ** 2;
  return Math.sqrt(squares);
}
