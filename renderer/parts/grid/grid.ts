/** Where the cells of a long grid lie. Pure arithmetic: only what is in sight is ever made. */
import type { Places } from '../../pictures/pictures.ts';

export interface GridShape {
  columns: number;
  /** Pixels: side of a cell's picture, height of a row with caption and gap. */
  cell: number;
  rowHeight: number;
  rows: number;
  height: number;
}

export const gap = 6;
/** Of a caption of so many lines; 0 without one. */
export const captionHeight = (lines: number): number => (lines === 0 ? 0 : 4 + 16 * lines);
/** Rows made beyond each edge of the sight. */
export const spare = 2;

/** Cells of about `size` pixels that fill the width exactly. @param lines of each caption */
export function gridShape(width: number, size: number, count: number, lines: number): GridShape {
  const columns = Math.max(1, Math.floor((width + gap) / (size + gap)));
  const cell = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rowHeight = cell + gap + captionHeight(lines);
  const rows = Math.ceil(count / columns);
  return { columns, cell, rowHeight, rows, height: rows * rowHeight };
}

/**
 * First and last row of which something can be seen, of a list that became shorter its last; the last is before the first
 * where there are none.
 */
export function rangeInSight(
  { rowHeight, rows }: GridShape,
  top: number,
  height: number,
): { first: number; last: number } {
  return {
    first: Math.max(0, Math.min(rows - 1, Math.floor(top / rowHeight))),
    last: Math.min(rows - 1, Math.floor((top + height) / rowHeight)),
  };
}

export const rowsOf = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

/** The places of the list that are seen, and those with as many more before and after them, which may be seen next. */
export function placesAround(
  { columns, rows }: GridShape,
  seen: { first: number; last: number },
  count: number,
): { inSight: Places; beside: Places } {
  const more = seen.last - seen.first + 1 + spare;
  const places = (first: number, last: number): Places => ({
    first: Math.max(0, first) * columns,
    last: Math.min(count, (Math.min(rows - 1, last) + 1) * columns) - 1,
  });
  return { inSight: places(seen.first, seen.last), beside: places(seen.first - more, seen.last + more) };
}

/** The rows to make, with a few to spare; empty where there are none. */
export function rowsInSight(shape: GridShape, top: number, height: number): number[] {
  const { first, last } = rangeInSight(shape, top, height);
  return rowsOf(Math.max(0, first - spare), Math.min(shape.rows - 1, last + spare));
}

/** Where to scroll so that this cell is wholly in sight; the same place where it is already. */
export function revealed(
  { rowHeight, columns }: GridShape,
  index: number,
  top: number,
  height: number,
): number {
  const start = Math.floor(index / columns) * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}
