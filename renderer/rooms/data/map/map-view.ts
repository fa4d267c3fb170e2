/** Which part of the map is seen, and where a point of it is on the screen. Pure; y points up on the map and down on the screen. */
import type { Corner } from '#contract/polygon.ts';

export interface MapView {
  /** The middle of what is seen, in units of the map. */
  x: number;
  y: number;
  /** Pixels of a unit. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Pixels around the points where all are seen. */
const margin = 24;
/** Of the scale at which all are seen: further out there is nothing, further in nothing more to tell apart. */
const zoomRange = [0.5, 400] as const;

/** All points, in the middle. @param coordinates [points, 2] */
export function wholeMap(coordinates: Float32Array, { width, height }: Size): MapView {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < coordinates.length; at += 2) {
    left = Math.min(left, coordinates[at]!);
    right = Math.max(right, coordinates[at]!);
    low = Math.min(low, coordinates[at + 1]!);
    high = Math.max(high, coordinates[at + 1]!);
  }
  if (left > right) return { x: 0, y: 0, scale: 1 };
  const room = (pixels: number) => Math.max(1, pixels - 2 * margin);
  const scale = Math.min(
    room(width) / Math.max(1e-6, right - left),
    room(height) / Math.max(1e-6, high - low),
  );
  return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.min(scale, 1e6) };
}

export const toScreen = ({ x, y, scale }: MapView, { width, height }: Size, [px, py]: Corner): Corner => [
  width / 2 + (px - x) * scale,
  height / 2 - (py - y) * scale,
];

export const toMap = ({ x, y, scale }: MapView, { width, height }: Size, [sx, sy]: Corner): Corner => [
  x + (sx - width / 2) / scale,
  y - (sy - height / 2) / scale,
];

/** Moves what is seen by pixels of the screen: to the right and down. */
export const moved = (view: MapView, right: number, down: number): MapView => ({
  ...view,
  x: view.x + right / view.scale,
  y: view.y - down / view.scale,
});

/** Zooms so that what is at this place of the screen stays there. @param whole the view of all points, which bounds it */
export function zoomed(view: MapView, whole: MapView, size: Size, at: Corner, factor: number): MapView {
  const [least, most] = zoomRange;
  const scale = Math.min(most * whole.scale, Math.max(least * whole.scale, view.scale * factor));
  const [x, y] = toMap(view, size, at);
  const [sx, sy] = [at[0] - size.width / 2, at[1] - size.height / 2];
  return { x: x - sx / scale, y: y + sy / scale, scale };
}

/** Corners of what is seen, on the map. */
export const cornersOf = (view: MapView, size: Size): Corner[] =>
  (
    [
      [0, 0],
      [size.width, 0],
      [size.width, size.height],
      [0, size.height],
    ] as const
  ).map((corner) => toMap(view, size, corner));
