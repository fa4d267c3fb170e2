/** Which of many belong together, told pair by pair (union-find; Tarjan 1975). What makes a pair is left to whoever joins them. */

export class DisjointSets {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, index) => index);
  }

  /** The same for all that belong together. */
  root(index: number): number {
    const parent = this.#parent;
    // Halving the path on the way keeps the trees flat.
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  }

  join(a: number, b: number): void {
    this.#parent[this.root(a)] = this.root(b);
  }

  /** @returns the set of each, from 0, numbered in the order of their first members */
  numbered(): Int32Array {
    const numbers = new Map<number, number>();
    return this.#parent.map((_, index) => {
      const root = this.root(index);
      if (!numbers.has(root)) numbers.set(root, numbers.size);
      return numbers.get(root)!;
    });
  }
}
