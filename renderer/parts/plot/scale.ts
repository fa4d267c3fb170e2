/** Bounds and ticks of axes: round numbers, and powers of ten on the logarithm. Pure; drawing is left to chart.ts. */

/** 1, 2 or 5 times a power of ten: the least that goes into the span at most this often. */
function roundStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return power * ([1, 2, 5].find((times) => span / (power * times) <= most) ?? 10);
}

/** Bounds of an axis and the step between its lines: 1, 2 or 5 times a power of ten, four or five of them. */
export function niceAxis(low: number, high: number): { min: number; max: number; step: number } {
  const span = high - low || Math.abs(high) || 1;
  const step = roundStep(span, 5);
  // What lies on a line within the rounding of floating point lies on it.
  const min = Math.floor(low / step + 1e-9) * step;
  const max = Math.max(min + step, Math.ceil(high / step - 1e-9) * step);
  return { min: Number(min.toPrecision(12)), max: Number(max.toPrecision(12)), step };
}

/** Round numbers within the range, at most this many. */
export function evenTicks(low: number, high: number, most: number): number[] {
  const step = roundStep(high - low, most);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten within the range, every second or third where there are too many; round numbers where there are less than two. */
export function logarithmicTicks(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) ticks.push(Number(`1e${power}`));
  return ticks.length > 1 ? ticks : evenTicks(low, high, most);
}

/** Smallest and largest of some finite values, widened where they are one; 0 to 1 where there are none. */
export function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
}
