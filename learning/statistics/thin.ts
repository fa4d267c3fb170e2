/** A line through fewer points that looks the same: what is sent to a window and drawn. Figures are counted before. */

export interface Point {
  x: number;
  y: number;
}

/**
 * The ends and those points that matter most to the area on either side of the line: again and again the one is left out
 * that forms the smallest triangle with its neighbours (Visvalingam and Whyatt 1993).
 * @param most points that are left, at least 2
 */
export function thin<P extends Point>(points: readonly P[], most: number): readonly P[] {
  if (points.length <= most) return points;
  const last = points.length - 1;
  const before = Int32Array.from(points, (_, at) => at - 1);
  const after = Int32Array.from(points, (_, at) => at + 1);
  const sizes = new Float64Array(points.length).fill(Infinity);
  const queue = new SmallestFirst(sizes);
  const measure = (at: number, least: number) => {
    if (at === 0 || at === last) return;
    // Never less than what was left out already: else what hides behind it would go before its time.
    sizes[at] = Math.max(least, triangle(points[before[at]!]!, points[at]!, points[after[at]!]!));
    queue.put(at);
  };
  for (let at = 1; at < last; at += 1) measure(at, 0);
  const gone = new Uint8Array(points.length);
  for (let left = points.length; left > most; left -= 1) {
    const at = queue.take();
    gone[at] = 1;
    const [previous, next] = [before[at]!, after[at]!];
    after[previous] = next;
    before[next] = previous;
    measure(previous, sizes[at]!);
    measure(next, sizes[at]!);
  }
  return points.filter((_, at) => gone[at] === 0);
}

const triangle = (a: Point, b: Point, c: Point): number =>
  Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)) / 2;

/** A binary heap of indices by sizes that may change while they are in it. */
class SmallestFirst {
  private readonly heap: number[] = [];
  /** Where in the heap each index is; -1 where it is not. */
  private readonly places: Int32Array;

  constructor(private readonly sizes: Float64Array) {
    this.places = new Int32Array(sizes.length).fill(-1);
  }

  /** Puts an index in, or to its place after its size has changed. */
  put(index: number): void {
    if (this.places[index]! < 0) this.set(this.heap.length, index);
    this.sink(this.rise(this.places[index]!));
  }

  take(): number {
    const first = this.heap[0]!;
    const moved = this.heap.pop()!;
    this.places[first] = -1;
    if (moved !== first) {
      this.set(0, moved);
      this.sink(0);
    }
    return first;
  }

  private set(place: number, index: number): void {
    this.heap[place] = index;
    this.places[index] = place;
  }

  private size(place: number): number {
    return this.sizes[this.heap[place]!]!;
  }

  private swap(a: number, b: number): void {
    const [first, second] = [this.heap[a]!, this.heap[b]!];
    this.set(a, second);
    this.set(b, first);
  }

  private rise(place: number): number {
    let at = place;
    for (let up = (at - 1) >> 1; at > 0 && this.size(at) < this.size(up); up = (at - 1) >> 1) {
      this.swap(at, up);
      at = up;
    }
    return at;
  }

  private sink(place: number): void {
    for (let at = place; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.heap.length && this.size(child) < this.size(least)) least = child;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }
}
