/** What is said of many pictures together: the mean image of each class with its deviation, and how often each value of a pixel is. Pure. */

export class PictureTotals {
  readonly #values: number;
  /** Of each class: count, then sums and sums of squares of every value of a small picture. */
  readonly #classes = new Map<number, { count: number; sums: Float64Array; squares: Float64Array }>();
  readonly #pixels = new Float64Array(3 * 256);

  /** @param side of the mean images */
  constructor(private readonly side: number) {
    this.#values = side * side * 3;
  }

  /** @param pixels [height, width, channels], 0 to 255; one channel is grey, and counts as all three */
  add(classId: number, pixels: Uint8Array, width: number, height: number, channels: 1 | 3): void {
    const step = channels === 1 ? 0 : 1;
    for (let at = 0; at < pixels.length; at += channels)
      for (let channel = 0; channel < 3; channel += 1)
        this.#pixels[channel * 256 + pixels[at + channel * step]!]! += 1 / (width * height);
    let own = this.#classes.get(classId);
    if (!own) {
      own = { count: 0, sums: new Float64Array(this.#values), squares: new Float64Array(this.#values) };
      this.#classes.set(classId, own);
    }
    own.count += 1;
    this.#addSmall(own, pixels, width, height, channels);
  }

  /** The picture drawn out to the square, each of its places the mean of what it covers. */
  #addSmall(
    { sums, squares }: { sums: Float64Array; squares: Float64Array },
    pixels: Uint8Array,
    width: number,
    height: number,
    channels: 1 | 3,
  ): void {
    const { side } = this;
    const step = channels === 1 ? 0 : 1;
    const edge = (at: number, whole: number) => Math.floor((at * whole) / side);
    for (let row = 0; row < side; row += 1) {
      const top = edge(row, height);
      const bottom = Math.max(top + 1, edge(row + 1, height));
      for (let column = 0; column < side; column += 1) {
        const left = edge(column, width);
        const right = Math.max(left + 1, edge(column + 1, width));
        for (let channel = 0; channel < 3; channel += 1) {
          let sum = 0;
          for (let y = top; y < bottom; y += 1)
            for (let x = left; x < right; x += 1) sum += pixels[(y * width + x) * channels + channel * step]!;
          const value = sum / ((bottom - top) * (right - left));
          const at = (row * side + column) * 3 + channel;
          sums[at]! += value;
          squares[at]! += value * value;
        }
      }
    }
  }

  /** Classes ascending; means and deviations [classes, 2, side, side, 3]; shares of pixel values [3, 256]. */
  result(): { classIds: Int32Array; means: Uint8Array; pixels: Float32Array } {
    const classIds = Int32Array.from(this.#classes.keys()).sort();
    const means = new Uint8Array(classIds.length * 2 * this.#values);
    classIds.forEach((classId, index) => {
      const { count, sums, squares } = this.#classes.get(classId)!;
      const from = index * 2 * this.#values;
      for (let at = 0; at < this.#values; at += 1) {
        const mean = sums[at]! / count;
        means[from + at] = Math.round(mean);
        means[from + this.#values + at] = Math.round(
          Math.sqrt(Math.max(0, squares[at]! / count - mean * mean)),
        );
      }
    });
    const images = [...this.#classes.values()].reduce((sum, { count }) => sum + count, 0);
    return { classIds, means, pixels: Float32Array.from(this.#pixels, (sum) => sum / Math.max(1, images)) };
  }
}
