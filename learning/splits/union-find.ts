/** Sets that are joined two at a time (Tarjan 1975), of things that are numbered from 0. What they are is the caller's. */

export class UnionFind {
  readonly #parent: Int32Array;
  readonly #sizes: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, index) => index);
    this.#sizes = new Int32Array(count).fill(1);
  }

  /** The one that stands for the set of `index`. */
  root(index: number): number {
    const parent = this.#parent;
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  }

  /** @returns whether they were in two sets before */
  join(a: number, b: number): boolean {
    let [small, large] = [this.root(a), this.root(b)];
    if (small === large) return false;
    if (this.#sizes[small]! > this.#sizes[large]!) [small, large] = [large, small];
    this.#parent[small] = large;
    this.#sizes[large]! += this.#sizes[small]!;
    return true;
  }

  /** The set of each, numbered from 0 in the order in which they are met. */
  numbered(): Int32Array {
    const names = new Map<number, number>();
    return this.#parent.map((_, index) => {
      const found = this.root(index);
      if (!names.has(found)) names.set(found, names.size);
      return names.get(found)!;
    });
  }
}
