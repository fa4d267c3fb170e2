/**
 * Lines by Chart.js: what a drawing holds, how its axes and lines look, and the chart of it on a canvas. Bounds and ticks are
 * scale.ts's, what is drawn beside the lines chart-plugins.ts's, files export.ts's.
 */
import {
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type Scale,
  type ScaleOptionsByType,
  Title,
  Tooltip,
} from 'chart.js';
import { figure, percent } from '../../format.ts';
import { type Curve, endTags, faintLines, type Guides, guides } from './chart-plugins.ts';
import type { Colour } from './colours.ts';
import { extentIn, type Line, type Look, nearest, type Point, smoothed, type Window } from './points.ts';
import { logarithmicTicks, niceAxis } from './scale.ts';

Chart.register(
  LineController,
  LineElement,
  PointElement,
  LinearScale,
  LogarithmicScale,
  Tooltip,
  Title,
  Legend,
);

export interface Drawing extends Partial<Guides> {
  /** What y is. */
  title: string;
  lines: readonly Line[];
  window: Window;
  /** What x is; with `named` it stands at the axis. */
  x: { name: string; named?: boolean; logarithmic?: boolean };
  /** Values are shares of 1. */
  share?: boolean;
  logarithmic?: boolean;
  /** y begins at 0. */
  zero?: boolean;
  /** Greater values are cut off. */
  top?: number;
  /** Weight of the past, 0 to below 1. */
  smoothing?: number;
}

export const metricWords = (share: boolean) => (value: number | null | undefined) =>
  share ? percent(value) : figure(value);

const font = { family: 'Inter Variable', size: 11 };
const looks: Record<Look, { dash: number[]; width: number; radius: number; order: number }> = {
  solid: { dash: [], width: 2, radius: 3, order: 1 },
  dashed: { dash: [5, 3], width: 1.5, radius: 2.5, order: 2 },
  thin: { dash: [], width: 1, radius: 0, order: 3 },
};

/** A line as it is drawn; with smoothing also the raw one, faint, behind it. */
function curves({ lines, smoothing = 0, window }: Drawing, colour: Colour): Curve[] {
  return lines.flatMap((line) => {
    const drawn = colour(line.colour);
    const { dash, width, radius, order } = looks[line.look];
    // Markers tell runs apart as long as there is room for them.
    const inWindow = line.points.filter(({ x }) => x >= window.from && x <= window.to).length;
    const base: Curve = {
      label: line.label,
      data: smoothed(line.points, smoothing),
      borderColor: drawn,
      backgroundColor: drawn,
      borderWidth: width,
      borderDash: dash,
      pointStyle: line.marker ?? 'circle',
      pointRadius: line.marker && inWindow <= 60 ? radius : 0,
      pointHitRadius: 8,
      // The last point lies on the edge.
      clip: { left: 0, top: 6, right: 6, bottom: 6 },
      tension: 0,
      order,
    };
    if (line.tag && line.look === 'solid') base.tag = line.tag;
    if (smoothing === 0) return [base];
    const raw: Curve = {
      ...base,
      data: [...line.points],
      borderWidth: 1,
      pointRadius: 0,
      pointHitRadius: 0,
      order: 4,
      faint: true,
    };
    delete raw.tag;
    return [base, raw];
  });
}

interface YAxis {
  min?: number;
  max?: number;
  ticks?: { stepSize?: number; callback?: (value: string | number) => string };
}

/** Bounds of the y axis and its lines: what is in sight, with a little air. */
function yAxis({ lines, window, share, logarithmic = false, zero, top = Infinity }: Drawing): YAxis {
  const found = extentIn(lines, window, logarithmic);
  if (!found) return {};
  const [low, high] = [zero ? 0 : found[0], Math.min(found[1], top)];
  if (logarithmic) return { min: low / 1.1, max: high * 1.1 };
  const { min, max, step } = niceAxis(low, high);
  const digits = Math.max(0, -Math.floor(Math.log10(step * 100) + 1e-9));
  return {
    min,
    max: share ? Math.min(1, max) : max,
    ticks: {
      stepSize: step,
      callback: (value) => (share ? percent(Number(value), digits) : figure(Number(value))),
    },
  };
}

/** What is counted, such as epochs, is named at whole values; parts of one only where less than one is shown. */
function wholeValues(this: Scale, value: string | number): string | null {
  const counted = this.max - this.min < 1 || Number.isInteger(Number(value));
  return counted ? figure(Number(value)) : null;
}

/** What a scale adds where it is even on the logarithm. */
const onLogarithm = (most: number): Pick<ScaleOptionsByType<'logarithmic'>, 'afterBuildTicks'> => ({
  afterBuildTicks: (axis) =>
    (axis.ticks = logarithmicTicks(axis.min, axis.max, most).map((value) => ({ value }))),
});
const figures = (value: string | number) => figure(Number(value));

/** @param now the drawing of the moment a plugin draws */
export function configuration(
  drawing: Drawing,
  colour: Colour,
  now: () => Drawing = () => drawing,
): ChartConfiguration<'line', Point[]> {
  const { share = false, logarithmic, window, x, smoothing = 0 } = drawing;
  const [ink, grid] = [colour('--ink-3'), colour('--line')];
  const ticks = { color: ink, font, maxTicksLimit: 7 };
  const words = metricWords(share);
  const { ticks: lines, ...range } = yAxis(drawing);
  const tagged = drawing.lines.some(({ tag }) => tag !== undefined);
  const shownGuides = () => ({ mark: now().mark ?? null, cursor: now().cursor ?? null });
  return {
    type: 'line',
    data: { datasets: curves(drawing, colour) },
    plugins: [faintLines, endTags(colour), guides(shownGuides, colour)],
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      layout: { padding: { right: tagged ? 24 : 4, top: 4 } },
      // Where there is a cursor, it says what is under the pointer.
      ...(drawing.cursor === undefined ? {} : { events: [] }),
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: x.logarithmic ? 'logarithmic' : 'linear',
          min: window.from,
          max: window.to,
          grid: { display: false },
          border: { color: grid },
          title: { display: x.named ?? false, text: x.name, align: 'end', color: ink, font, padding: 0 },
          ticks: { ...ticks, includeBounds: false, callback: x.logarithmic ? figures : wholeValues },
          ...(x.logarithmic ? onLogarithm(8) : {}),
        },
        y: {
          type: logarithmic ? 'logarithmic' : 'linear',
          ...range,
          grid: { color: grid, drawTicks: false },
          border: { display: false },
          ticks: { ...ticks, maxTicksLimit: 8, callback: figures, ...lines },
          ...(logarithmic ? onLogarithm(8) : {}),
        },
      },
      plugins: {
        legend: { display: false },
        title: { display: false },
        tooltip: {
          filter: ({ dataset }) => !(dataset as Curve).faint,
          usePointStyle: true,
          callbacks: {
            title: (points) => `${x.name[0]!.toUpperCase()}${x.name.slice(1)} ${figure(points[0]?.parsed.x)}`,
            label: ({ dataset, parsed }) =>
              ` ${dataset.label ?? ''}: ${words(parsed.y)}${smoothing > 0 ? ' (smoothed)' : ''}`,
          },
        },
      },
    },
  };
}

/** A drawing on a canvas. Another shade or another kind of axis needs another chart. */
export class LineChart {
  readonly #chart: Chart<'line', Point[]>;
  #drawing: Drawing;

  constructor(canvas: HTMLCanvasElement, drawing: Drawing, colour: Colour) {
    this.#drawing = drawing;
    this.#chart = new Chart(
      canvas,
      configuration(drawing, colour, () => this.#drawing),
    );
  }

  /** Brings it to what it should show now. */
  show(drawing: Drawing, colour: Colour): void {
    this.#drawing = drawing;
    const chart = this.#chart;
    chart.data.datasets = curves(drawing, colour);
    const { x, y } = chart.options.scales as { x: { min?: number; max?: number }; y: YAxis };
    x.min = drawing.window.from;
    x.max = drawing.window.to;
    const { ticks, ...range } = yAxis(drawing);
    delete y.min;
    delete y.max;
    Object.assign(y, range);
    Object.assign(y.ticks!, ticks);
    chart.update('none');
  }

  /** Left and right edge of what shows the window, in pixels of the canvas. */
  get area(): { left: number; right: number } {
    return this.#chart.chartArea;
  }

  /** Index of the point nearest to a pixel of the canvas along x; null where there are none. */
  nearest(points: readonly Point[], pixel: number): number | null {
    return nearest(points, pixel, (x) => this.#chart.scales.x!.getPixelForValue(x));
  }

  destroy(): void {
    this.#chart.destroy();
  }
}
