/** What curves are made of, smoothed, in a window, as a table. Pure; drawing is left to chart.ts, handling to zoom.ts. */
import { csv } from '#contract/csv.ts';

export interface Point {
  x: number;
  y: number;
}

/** How a line is drawn. Of a run, what validates is solid, what trains is dashed, single steps are thin. */
export type Look = 'solid' | 'dashed' | 'thin';
export const markers = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'crossRot'] as const;
export type Marker = (typeof markers)[number];

export interface Line {
  id: string;
  label: string;
  look: Look;
  points: readonly Point[];
  /** Name of a colour of styles/tokens.css. */
  colour: string;
  /** At each point, as long as there is room; none where it is left out. */
  marker?: Marker;
  /** A letter or two drawn at the line's end; none where there is one run. */
  tag?: string;
}

/** The part of the x axis that is shown. */
export interface Window {
  from: number;
  to: number;
}

/**
 * Exponential moving average with the weight of the past, corrected for its start at zero by 1 - weight^n, as
 * TensorBoard draws it (the correction is that of Adam, Kingma and Ba 2014). Values that are not finite are passed on
 * and leave the average as it was. A weight of 0 changes nothing.
 */
export function smoothed(points: readonly Point[], weight: number): Point[] {
  let average = 0;
  let correction = 1;
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y };
    average = average * weight + y * (1 - weight);
    correction *= weight;
    return { x, y: average / (1 - correction) };
  });
}

/** A window is never less than this share of the whole. */
const narrowest = 1 / 400;

/** The window with its width times `factor`, where `at` stays in its place; null where that is the whole. */
export function zoomed(window: Window, whole: Window, at: number, factor: number): Window | null {
  const all = whole.to - whole.from;
  const width = Math.max(all * narrowest, (window.to - window.from) * factor);
  if (width >= all) return null;
  const share = (at - window.from) / (window.to - window.from);
  return within({ from: at - share * width, to: at + (1 - share) * width }, whole);
}

/** The window moved by this share of its width, as far as there is something. */
export function panned(window: Window, whole: Window, share: number): Window {
  const by = share * (window.to - window.from);
  return within({ from: window.from + by, to: window.to + by }, whole);
}

/** The window between two places, in either order; null where they are too near to mean one. */
export function between(a: number, b: number, whole: Window): Window | null {
  const [from, to] = [Math.max(whole.from, Math.min(a, b)), Math.min(whole.to, Math.max(a, b))];
  return to - from < (whole.to - whole.from) * narrowest ? null : { from, to };
}

function within({ from, to }: Window, whole: Window): Window {
  if (from < whole.from) return { from: whole.from, to: whole.from + (to - from) };
  if (to > whole.to) return { from: whole.to - (to - from), to: whole.to };
  return { from, to };
}

/**
 * Least and greatest finite y in the window, with the neighbours just outside it, as their lines cross its edge.
 * `positive` leaves out what has no logarithm. Null where there is nothing.
 */
export function extentIn(lines: readonly Line[], window: Window, positive: boolean): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { points } of lines) {
    points.forEach(({ x, y }, index) => {
      const near =
        (x >= window.from && x <= window.to) ||
        (x < window.from && (points[index + 1]?.x ?? -Infinity) > window.from) ||
        (x > window.to && (points[index - 1]?.x ?? Infinity) < window.to);
      if (!near || !Number.isFinite(y) || (positive && y <= 0)) return;
      low = Math.min(low, y);
      high = Math.max(high, y);
    });
  }
  return low > high ? null : [low, high];
}

/** The places pushed apart until neighbours are `gap` from one another, in their order and about their middle. */
export function apart(places: readonly number[], gap: number): number[] {
  const order = places.map((_, index) => index).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  // Groups that touch grow together; each stands about the mean of where its members would be.
  const groups: { members: number[]; middle: number }[] = [];
  for (const index of order) {
    groups.push({ members: [index], middle: places[index]! });
    for (let last = groups.length - 1; last > 0; last -= 1) {
      const [above, below] = [groups[last - 1]!, groups[last]!];
      const reach = ((above.members.length + below.members.length) * gap) / 2;
      if (below.middle - above.middle >= reach) break;
      const members = [...above.members, ...below.members];
      const middle = members.reduce((sum, member) => sum + places[member]!, 0) / members.length;
      groups.splice(last - 1, 2, { members, middle });
    }
  }
  for (const { members, middle } of groups)
    members.forEach((member, at) => (moved[member] = middle + (at - (members.length - 1) / 2) * gap));
  return moved;
}

/** Index of the point whose place along x is nearest to a pixel; null where there are none. */
export function nearest(
  points: readonly Point[],
  pixel: number,
  pixelOf: (x: number) => number,
): number | null {
  let found: number | null = null;
  let least = Infinity;
  points.forEach(({ x }, index) => {
    const distance = Math.abs(pixelOf(x) - pixel);
    if (distance < least) [found, least] = [index, distance];
  });
  return found;
}

/** The raw points as CSV, a row each: line, x, value. Smoothing is for the eye and is left out. */
export const curvesCsv = (lines: readonly Line[], x: string, value: string): string =>
  csv([['line', x, value], ...lines.flatMap(({ label, points }) => points.map(({ x, y }) => [label, x, y]))]);
