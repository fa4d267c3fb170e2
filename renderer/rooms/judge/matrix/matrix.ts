/**
 * The confusion matrix as it is shown: its classes in an order, counts or shares or what differs from another run, how strong
 * each cell is tinted, and what is said of it. Pure. Arrays are flat: a thousand classes have a million cells.
 */
import { confusionDifference } from '#recipe/metrics/confusion-difference.ts';
import { type Normalization, normalize } from '#recipe/metrics/normalize.ts';
import { count, counted, percent } from '../../../format.ts';
import type { CellRange } from './cursor.ts';
import { shade, strongest } from './shade.ts';

export interface Matrix {
  side: number;
  /** Place in the evaluation of each class, in the order shown. */
  order: readonly number[];
  names: readonly string[];
  normalization: Normalization;
  /** Name of the run that it is compared with; null where values are its own. */
  baseline: string | null;
  /** [side, side], row-major, in the order shown: images. */
  counts: Int32Array;
  /** What is shown of each cell: images or shares, or how much more than the other run. */
  values: Float64Array;
  /** From 0, not at all, to 1; below 0 where the other run has more. */
  tints: Float32Array;
}

interface Parts {
  /** confusion[actual][predicted], counts, in the order of `names`. */
  confusion: readonly (readonly number[])[];
  names: readonly string[];
  normalization: Normalization;
  order: readonly number[];
  /** Of the same classes in the same order. */
  baseline?: { name: string; confusion: readonly (readonly number[])[] } | null;
}

export function matrixOf({ confusion, names, normalization, order, baseline = null }: Parts): Matrix {
  const side = names.length;
  const shown = baseline
    ? confusionDifference(baseline.confusion, confusion, normalization)
    : normalize(confusion, normalization);
  // Counts are tinted by their share of the row, as a large class is no worse than a small one.
  const tinted = !baseline && normalization === 'none' ? normalize(confusion, 'row') : shown;
  const [counts, values, shares] = [confusion, shown, tinted].map((rows) => flat(rows, order)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // Shares of all images, and differences, may all be small.
  const greatest = baseline || normalization === 'all' ? greatestOf(shares) || 1 : 1;
  const tints = Float32Array.from(shares, (share) => Math.sign(share) * shade(Math.abs(share) / greatest));
  return {
    side,
    order,
    names: order.map((place) => names[place]!),
    normalization,
    baseline: baseline?.name ?? null,
    counts: Int32Array.from(counts),
    values,
    tints,
  };
}

function flat(rows: readonly (readonly number[])[], order: readonly number[]): Float64Array {
  const side = order.length;
  const values = new Float64Array(side * side);
  order.forEach((actual, row) => {
    const from = rows[actual]!;
    for (let column = 0; column < side; column += 1) values[row * side + column] = from[order[column]!]!;
  });
  return values;
}

const greatestOf = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Whether words in the cell stand on a dark tint. */
export const isStrong = (tint: number): boolean => Math.abs(tint) >= strongest;

/** Value in a cell: "12", "93.1" per cent, "+3", "−1.5" points. */
export function valueWords({ normalization, baseline }: Matrix, value: number): string {
  const size = Math.abs(value);
  const words = normalization === 'none' ? count(size) : (size * 100).toFixed(1);
  if (baseline === null || Number(words.replaceAll(',', '')) === 0) return words;
  return value < 0 ? `−${words}` : `+${words}`;
}

/** One class of a range by name, several by the first and the last of them. */
function classWords({ names }: Matrix, range: readonly [number, number]): string {
  const [from, to] = range;
  return from === to ? names[from]! : `${names[from]!} to ${names[to]!}`;
}

/** Images of the run behind a range. */
export function imagesIn({ side, counts }: Matrix, { actual, predicted }: CellRange): number {
  const [top, bottom] = actual ?? [0, side - 1];
  const [left, right] = predicted ?? [0, side - 1];
  let sum = 0;
  for (let row = top; row <= bottom; row += 1)
    for (let column = left; column <= right; column += 1) sum += counts[row * side + column]!;
  return sum;
}

/** A cell, a class or a range as it is read out: "actual Coat, predicted Shirt: 12 images". */
export function rangeWords(matrix: Matrix, range: CellRange): string {
  const { actual, predicted } = range;
  const where = [
    actual && `actual ${classWords(matrix, actual)}`,
    predicted && `predicted ${classWords(matrix, predicted)}`,
  ];
  return `${where.filter(Boolean).join(', ')}: ${counted(imagesIn(matrix, range), 'image')}`;
}

/** What is known of one cell beside its images, as it stands there: its share, or how much more than the other run has; empty where that is all. */
export function cellWords(matrix: Matrix, cell: number): string {
  const value = matrix.values[cell]!;
  const shares = matrix.normalization !== 'none';
  if (matrix.baseline === null) return shares ? percent(value, 1) : '';
  return `${valueWords(matrix, value)}${shares ? ' points' : ''} against ${matrix.baseline}`;
}
