/** Which part of a large matrix is in sight: a square that is zoomed and moved under a window. Pure; pixels are those of the page. */
import type { Place } from './cursor.ts';

export interface Viewport {
  /** Side of a cell in pixels. */
  cell: number;
  /** Where the matrix begins, right of and below the window's corner; at most 0 where it is larger than the window. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** No cell is larger than this. */
const largest = 48;

/** The whole matrix, as large as fits. */
export function whole(side: number, { width, height }: Size): Viewport {
  const cell = Math.min(largest, Math.max(0.01, Math.min(width, height) / side));
  return { cell, x: 0, y: 0 };
}

/** Never smaller than the whole, never beside the matrix. */
export function clamped({ cell, x, y }: Viewport, side: number, size: Size): Viewport {
  const least = whole(side, size).cell;
  const kept = Math.min(largest, Math.max(least, cell));
  const within = (at: number, window: number) => Math.min(0, Math.max(window - kept * side, at));
  return { cell: kept, x: within(x, size.width), y: within(y, size.height) };
}

/** Zoomed by a factor; what lies at this point of the window stays there. */
export function zoomedAt(
  { cell, x, y }: Viewport,
  factor: number,
  point: { x: number; y: number },
  side: number,
  size: Size,
): Viewport {
  const next = Math.min(largest, Math.max(whole(side, size).cell, cell * factor));
  const kept = (at: number, from: number) => at - ((at - from) / cell) * next;
  return clamped({ cell: next, x: kept(point.x, x), y: kept(point.y, y) }, side, size);
}

export const movedBy = (
  { cell, x, y }: Viewport,
  by: { x: number; y: number },
  side: number,
  size: Size,
): Viewport => clamped({ cell, x: x + by.x, y: y + by.y }, side, size);

/** Moved as little as shows this place whole. */
export function revealing(view: Viewport, { actual, predicted }: Place, side: number, size: Size): Viewport {
  const shown = (from: number, place: number, window: number) => {
    const at = Math.max(0, place) * view.cell;
    return Math.min(-at + Math.max(0, window - view.cell), Math.max(-at, from));
  };
  return clamped(
    { cell: view.cell, x: shown(view.x, predicted, size.width), y: shown(view.y, actual, size.height) },
    side,
    size,
  );
}

/** The cell at a point of the window; null beside the matrix. */
export function placeAt(
  { cell, x, y }: Viewport,
  point: { x: number; y: number },
  side: number,
): Place | null {
  const actual = Math.floor((point.y - y) / cell);
  const predicted = Math.floor((point.x - x) / cell);
  return [actual, predicted].every((at) => at >= 0 && at < side) ? { actual, predicted } : null;
}
