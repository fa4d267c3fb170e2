/** The nearest of many points to a place, without looking at all of them: they lie in a grid of cells. Pure. */

/** Of a cell, on average. */
const pointsOfCell = 4;

export class PointIndex {
  readonly #left: number;
  readonly #low: number;
  readonly #side: number;
  readonly #columns: number;
  readonly #rows: number;
  /** First of each cell in `#points`; one more at the end. */
  readonly #starts: Int32Array;
  readonly #points: Int32Array;

  /** @param coordinates [points, 2] */
  constructor(private readonly coordinates: Float32Array) {
    const count = coordinates.length / 2;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 0; at < count; at += 1) {
      left = Math.min(left, coordinates[2 * at]!);
      right = Math.max(right, coordinates[2 * at]!);
      low = Math.min(low, coordinates[2 * at + 1]!);
      high = Math.max(high, coordinates[2 * at + 1]!);
    }
    const cells = Math.max(1, count / pointsOfCell);
    this.#left = left;
    this.#low = low;
    this.#side = Math.max(Math.max(right - left, high - low) / Math.sqrt(cells), 1e-9) || 1;
    this.#columns = Math.max(1, Math.floor((right - left) / this.#side) + 1 || 1);
    this.#rows = Math.max(1, Math.floor((high - low) / this.#side) + 1 || 1);
    this.#starts = new Int32Array(this.#columns * this.#rows + 1);
    this.#points = new Int32Array(count);
    const cellOf = (at: number) =>
      this.#row(coordinates[2 * at + 1]!) * this.#columns + this.#column(coordinates[2 * at]!);
    for (let at = 0; at < count; at += 1) this.#starts[cellOf(at) + 1]! += 1;
    for (let cell = 1; cell < this.#starts.length; cell += 1) this.#starts[cell]! += this.#starts[cell - 1]!;
    const next = this.#starts.slice();
    for (let at = 0; at < count; at += 1) this.#points[next[cellOf(at)]!++] = at;
  }

  #column(x: number): number {
    return Math.min(this.#columns - 1, Math.max(0, Math.floor((x - this.#left) / this.#side)));
  }
  #row(y: number): number {
    return Math.min(this.#rows - 1, Math.max(0, Math.floor((y - this.#low) / this.#side)));
  }

  /** The place of the nearest point within `radius` that `keep` lets through; -1 where there is none. */
  nearest(x: number, y: number, radius: number, keep: (place: number) => boolean = () => true): number {
    let found = -1;
    let least = radius * radius;
    for (let row = this.#row(y - radius); row <= this.#row(y + radius); row += 1)
      for (let column = this.#column(x - radius); column <= this.#column(x + radius); column += 1) {
        const cell = row * this.#columns + column;
        for (let at = this.#starts[cell]!; at < this.#starts[cell + 1]!; at += 1) {
          const place = this.#points[at]!;
          const [dx, dy] = [this.coordinates[2 * place]! - x, this.coordinates[2 * place + 1]! - y];
          const square = dx * dx + dy * dy;
          if (square > least || !keep(place)) continue;
          least = square;
          found = place;
        }
      }
    return found;
  }
}
