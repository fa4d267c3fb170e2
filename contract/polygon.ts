/** Polygons in the plane, as drawn around points by hand: what lies within, and the same shape with fewer corners. Pure. */

export type Corner = readonly [x: number, y: number];

/**
 * Tells of a point whether it lies within, by the even-odd rule: of a line that crosses itself, what it goes around twice is
 * outside, as in the fill of a canvas.
 */
export function withinPolygon(polygon: readonly Corner[]): (x: number, y: number) => boolean {
  const xs = Float64Array.from(polygon, ([x]) => x);
  const ys = Float64Array.from(polygon, ([, y]) => y);
  const count = polygon.length;
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  return (x, y) => {
    if (x < left || x > right || y < low || y > high) return false;
    let within = false;
    for (let at = 0, before = count - 1; at < count; before = at++) {
      const crosses = ys[at]! > y !== ys[before]! > y;
      if (crosses && x < ((xs[before]! - xs[at]!) * (y - ys[at]!)) / (ys[before]! - ys[at]!) + xs[at]!)
        within = !within;
    }
    return within;
  };
}

/** The same line with `most` corners at most: those whose loss changes its area least go first (Visvalingam 1993). */
export function simplified(polygon: readonly Corner[], most: number): Corner[] {
  const kept = [...polygon];
  const areaAt = (at: number) => {
    const [[ax, ay], [bx, by], [cx, cy]] = [-1, 0, 1].map(
      (by) => kept[(at + by + kept.length) % kept.length]!,
    ) as [Corner, Corner, Corner];
    return Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay));
  };
  while (kept.length > Math.max(3, most)) {
    let least = 0;
    for (let at = 1; at < kept.length; at += 1) if (areaAt(at) < areaAt(least)) least = at;
    kept.splice(least, 1);
  }
  return kept;
}
