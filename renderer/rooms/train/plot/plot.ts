/** The arithmetic of plots: scales, ticks, paths. Pure; drawing is left to LinePlot, curves to curves/points.ts. */

export interface Point {
  x: number;
  y: number;
}
export interface Scale {
  /** From a value to pixels. */
  place: (value: number) => number;
  ticks: number[];
}

/** Even, or even on the logarithm where both ends are above 0. An empty range is widened. */
export function makeScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  { logarithmic = false, ticks = 4 } = {},
): Scale {
  if (logarithmic && low > 0) {
    const [start, end] = low === high ? [low / 2, high * 2] : [low, high];
    const span = Math.log(end / start);
    return {
      place: (value) => from + (Math.log(value / start) / span) * (to - from),
      ticks: decades(start, end, ticks),
    };
  }
  const room = low === high ? Math.abs(low) || 1 : 0;
  const [start, end] = [low - room / 2, high + room / 2];
  return {
    place: (value) => from + ((value - start) / (end - start)) * (to - from),
    ticks: evenTicks(start, end, ticks),
  };
}

/** 1, 2 or 5 times a power of ten: the least that goes into the span at most this often. */
export function roundStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return power * ([1, 2, 5].find((times) => span / (power * times) <= most) ?? 10);
}

/** About `count` round numbers within the range. */
export function evenTicks(low: number, high: number, count: number): number[] {
  const step = roundStep(high - low, count / 0.7);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten within the range, every second or third where there are too many. */
function decades(low: number, high: number, count: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first + 1) / (count + 2)));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) ticks.push(Number(`1e${power}`));
  return ticks.length > 1 ? ticks : evenTicks(low, high, count);
}

/** Smallest and largest of some finite values; 0 to 1 where there are none. */
export function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  return [Math.min(...finite), Math.max(...finite)];
}

/** An SVG path through the points; it is broken where a value is not finite. */
export function pathOf(points: readonly Point[], x: Scale, y: Scale): string {
  let pen = false;
  let path = '';
  for (const point of points) {
    if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) {
      pen = false;
      continue;
    }
    path += `${pen ? 'L' : 'M'}${x.place(point.x).toFixed(1)} ${y.place(point.y).toFixed(1)}`;
    pen = true;
  }
  return path;
}

/** Index of the point nearest to a place along x; null where there are none. */
export function nearest(points: readonly Point[], place: number, x: Scale): number | null {
  let found: number | null = null;
  let least = Infinity;
  points.forEach((point, index) => {
    const distance = Math.abs(x.place(point.x) - place);
    if (distance < least) [found, least] = [index, distance];
  });
  return found;
}
