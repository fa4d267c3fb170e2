/** How alike each image is to the labelled one that is most like it, followed as labels come and go. */
import type { VectorTable } from './vector-table.ts';

/** Labelled images that all are compared with in one product. */
const comparedAtOnce = 32;

export class NearestLabelled {
  #cosines = new Float32Array(0);
  /** Which labelled image it is; -1 for none. */
  #nearest = new Int32Array(0);
  readonly #labelled = new Set<number>();
  /** Labelled images that are not compared with yet: that is done when somebody asks. */
  readonly #open = new Set<number>();

  constructor(private readonly table: VectorTable) {
    this.grow();
  }

  /** Takes in what was appended to the table. */
  grow(): void {
    const { length } = this.table;
    const before = this.#cosines.length;
    if (length === before) return;
    const [cosines, nearest] = [new Float32Array(length).fill(-1), new Int32Array(length).fill(-1)];
    cosines.set(this.#cosines);
    nearest.set(this.#nearest);
    [this.#cosines, this.#nearest] = [cosines, nearest];
    this.#compareAnew();
  }

  add(place: number): void {
    if (this.#labelled.has(place)) return;
    this.#labelled.add(place);
    this.#open.add(place);
  }

  /** Where an image that lost its label was the nearest one, all labelled are looked at again. */
  remove(places: ReadonlySet<number>): void {
    for (const place of places) {
      this.#labelled.delete(place);
      this.#open.delete(place);
    }
    let any = false;
    for (let place = 0; place < this.#nearest.length; place += 1) {
      if (!places.has(this.#nearest[place]!)) continue;
      this.#cosines[place] = -1;
      this.#nearest[place] = -1;
      any = true;
    }
    if (any) this.#compareAnew();
  }

  #compareAnew(): void {
    for (const place of this.#labelled) this.#open.add(place);
  }

  /** Of each image; -1 as long as none is labelled. Not to be written to. */
  async cosines(): Promise<Float32Array> {
    const open = [...this.#open];
    for (let at = 0; at < open.length; at += comparedAtOnce) {
      const some = open.slice(at, at + comparedAtOnce);
      const cosines = await this.table.cosinesWith(some);
      for (let place = 0; place < this.#cosines.length; place += 1) {
        for (let index = 0; index < some.length; index += 1) {
          const cosine = cosines[place * some.length + index]!;
          if (cosine <= this.#cosines[place]!) continue;
          this.#cosines[place] = cosine;
          this.#nearest[place] = some[index]!;
        }
      }
    }
    this.#open.clear();
    return this.#cosines;
  }
}
