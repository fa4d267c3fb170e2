/** Makes planes of values smaller by the mean of the area that each new value covers. Pure. */
import type { Plane } from './turbo.ts';

/**
 * A plane within `data`, and how much of it is picture, which may be a part of the last value: 85 pixels at half of their
 * size are 42.5. The rest is padding.
 */
export interface Area {
  data: Uint8Array;
  plane: Plane;
  width: number;
  height: number;
}

/** Weights of rows, so that sums stay whole numbers: 8 bits of fraction. */
const one = 256;
/** Sums of a row, kept between calls. */
let sums = new Int32Array(4096);

/** Fills `to` with the means of what lies in `from`, and its padding with the values beside it. Also makes planes larger. */
export function average(from: Area, to: Area): void {
  const down = from.height / to.height;
  const columns = Math.ceil(to.width);
  const rows = Math.ceil(to.height);
  if (sums.length < from.width + 1) sums = new Int32Array(Math.ceil(from.width) + 1);
  for (let row = 0; row < rows; row++) {
    const weight = addRows(from, row * down, Math.min((row + 1) * down, from.height));
    const at = to.plane.at + row * to.plane.stride;
    meansOfRow(from, to, at, weight);
    to.data.fill(to.data[at + columns - 1]!, at + columns, at + to.plane.stride);
  }
  const last = to.plane.at + (rows - 1) * to.plane.stride;
  for (let row = rows; row < to.plane.rows; row++)
    to.data.copyWithin(to.plane.at + row * to.plane.stride, last, last + to.plane.stride);
}

/** Adds rows from `top` to `bottom` up into `sums`, parts of rows by their share. @returns the sum of the weights */
function addRows({ data, plane, width }: Area, top: number, bottom: number): number {
  const row = sums;
  let total = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    const weight = Math.round(one * (Math.min(y + 1, bottom) - Math.max(y, top)));
    const at = plane.at + y * plane.stride;
    if (total === 0) for (let x = 0; x < width; x++) row[x] = Math.imul(data[at + x]!, weight);
    else for (let x = 0; x < width; x++) row[x]! += Math.imul(data[at + x]!, weight);
    total += weight;
  }
  return total;
}

function meansOfRow({ width }: Area, to: Area, at: number, weight: number): void {
  const { data } = to;
  const row = sums;
  const across = width / to.width;
  for (let x = 0; x < to.width; x++) {
    const left = x * across;
    const right = Math.min(left + across, width);
    let next = Math.floor(left);
    let sum = row[next]! * (Math.min(next + 1, right) - left);
    for (next++; next + 1 <= right; next++) sum += row[next]!;
    if (next < right) sum += row[next]! * (right - next);
    data[at + x] = sum / ((right - left) * weight) + 0.5;
  }
}
