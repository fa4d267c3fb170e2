/**
 * Colours of heat over an image, for the window and for files alike: viridis (van der Walt and Smith 2015), whose steps look equally far apart, in
 * grey and to colour-blind people too. It is given by Zucker's polynomial, within five of 255 of the table.
 */
const coefficients = [
  [0.2777273272234177, 0.005407344544966578, 0.3340998053353061],
  [0.1050930431085774, 1.404613529898575, 1.384590162594685],
  [-0.3308618287255563, 0.214847559468213, 0.09509516302823659],
  [-4.634230498983486, -5.799100973351585, -19.33244095627987],
  [6.228269936347081, 14.17993336680509, 56.69055260068105],
  [4.776384997670288, -13.74514537774601, -65.35303263337234],
  [-5.435455855934631, 4.645852612178535, 26.3124352495832],
] as const;

/** @param share 0 for least, 1 for most; what lies beyond is cut @returns red, green and blue, 0 to 255 */
export function heatColour(share: number): [number, number, number] {
  const at = Math.max(0, Math.min(1, share));
  return [0, 1, 2].map((channel) => {
    const value = coefficients.reduceRight((sum, row) => sum * at + row[channel]!, 0);
    return Math.round(255 * Math.max(0, Math.min(1, value)));
  }) as [number, number, number];
}

/**
 * How much of the heat's colour covers the image there, of `opacity`: none at no heat, all of it from half of the greatest on, so that what does not
 * matter stays as it is.
 */
export const heatOpacity = (share: number, opacity: number): number =>
  opacity * Math.max(0, Math.min(1, 2 * share));

/** Heat at a place of the image, 0 to 1 each way, between the middles of the cells: bilinear, the border repeated. */
export function heatAt(
  { height, width, values }: { height: number; width: number; values: ArrayLike<number> },
  x: number,
  y: number,
): number {
  const place = (at: number, cells: number) => Math.max(0, Math.min(cells - 1, at * cells - 0.5));
  const [column, row] = [place(x, width), place(y, height)];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const [across, down] = [column - left, row - top];
  const of = (line: number, cell: number) => values[line * width + cell]!;
  const upper = of(top, left) * (1 - across) + of(top, right) * across;
  const lower = of(bottom, left) * (1 - across) + of(bottom, right) * across;
  return upper * (1 - down) + lower * down;
}
