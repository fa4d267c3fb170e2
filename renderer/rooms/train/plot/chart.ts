/** Draws lines with Chart.js: on the screen as they grow, and once, twice as large, for a file. */
import {
  Chart,
  type ChartConfiguration,
  type ChartDataset,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  type Plugin,
  PointElement,
  type Scale,
  Title,
  Tooltip,
} from 'chart.js';
import { figure, percent } from '../../../format.ts';
import type { Point } from './plot.ts';
import { apart, extentIn, type Line, niceAxis, smoothed, type Window } from './points.ts';

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

export interface Drawing {
  title: string;
  lines: readonly Line[];
  window: Window;
  /** Values are shares of 1. */
  share: boolean;
  logarithmic: boolean;
  /** Weight of the past, 0 to below 1. */
  smoothing: number;
}
export type Colour = (name: string) => string;
export type CurveChart = Chart<'line', Point[]>;
type Curve = ChartDataset<'line', Point[]> & { faint?: boolean; tag?: string };

/** The colours of styles/tokens.css as they are now. */
export function coloursOfPage(): Colour {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

/** The colours of the light shade, whichever is on the screen; nothing is painted in between. */
export function lightColours(names: readonly string[]): Colour {
  const { dataset } = document.documentElement;
  const shade = dataset.theme;
  dataset.theme = 'light';
  const read = coloursOfPage();
  const known = new Map(names.map((name) => [name, read(name)]));
  const ink = read('--ink');
  if (shade === undefined) delete dataset.theme;
  else dataset.theme = shade;
  return (name) => known.get(name) ?? ink;
}

export const inkNames = ['--ink', '--ink-3', '--line', '--surface', '--line-strong'];
export const metricWords = (share: boolean) => (value: number | null | undefined) =>
  share ? percent(value) : figure(value);

/** Tags at the lines' ends, so that no colour has to be told from another. */
const endTags = (halo: string): Plugin<'line'> => ({
  id: 'endTags',
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = '600 11px "Inter Variable", system-ui, sans-serif';
    ctx.textBaseline = 'middle';
    const tags = chart.data.datasets.flatMap((dataset, index) => {
      const { tag, borderColor } = dataset as Curve;
      const inside = chart
        .getDatasetMeta(index)
        .data.filter(({ x, y }) => x <= chartArea.right + 1 && Number.isFinite(y));
      const last = inside.at(-1);
      return tag && last ? [{ tag, colour: borderColor as string, x: last.x, y: last.y }] : [];
    });
    const places = apart(
      tags.map(({ y }) => y),
      12,
    );
    tags.forEach(({ tag, colour, x }, index) => {
      const at = Math.min(x, chartArea.right) + 8;
      ctx.lineWidth = 3;
      ctx.strokeStyle = halo;
      ctx.strokeText(tag, at, places[index]!);
      ctx.fillStyle = colour;
      ctx.fillText(tag, at, places[index]!);
    });
    ctx.restore();
  },
});

/** Draws faint lines as such, whatever notation their colour is in. */
const faintLines: Plugin<'line'> = {
  id: 'faintLines',
  beforeDatasetDraw({ ctx, data }, { index }) {
    ctx.save();
    if ((data.datasets[index] as Curve).faint) ctx.globalAlpha = 0.25;
  },
  afterDatasetDraw: ({ ctx }) => ctx.restore(),
};

/** Epochs are counted; parts of one are named only where less than one is shown. */
function wholeEpochs(this: Scale, value: string | number): string | null {
  const counted = this.max - this.min < 1 || Number.isInteger(Number(value));
  return counted ? figure(Number(value)) : null;
}

const dash: Record<Line['kind'], number[]> = { validation: [], training: [5, 3], steps: [] };
const widths: Record<Line['kind'], number> = { validation: 2, training: 1.5, steps: 1 };
const radii: Record<Line['kind'], number> = { validation: 3, training: 2.5, steps: 0 };
const order: Record<Line['kind'], number> = { validation: 1, training: 2, steps: 3 };

/** A line as it is drawn; with smoothing also the raw one, faint, behind it. */
function curves({ lines, smoothing, window }: Drawing, colour: Colour): Curve[] {
  return lines.flatMap((line) => {
    const drawn = colour(line.colour);
    // Markers tell runs apart as long as there is room for them.
    const inWindow = line.points.filter(({ x }) => x >= window.from && x <= window.to).length;
    const base: Curve = {
      label: line.label,
      data: smoothed(line.points, smoothing),
      borderColor: drawn,
      backgroundColor: drawn,
      borderWidth: widths[line.kind],
      borderDash: dash[line.kind],
      pointStyle: line.marker,
      pointRadius: inWindow > 60 ? 0 : radii[line.kind],
      pointHitRadius: 8,
      // The last point lies on the edge.
      clip: { left: 0, top: 6, right: 6, bottom: 6 },
      tension: 0,
      order: order[line.kind],
    };
    if (line.tag && line.kind === 'validation') base.tag = line.tag;
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
function yAxis({ lines, window, share, logarithmic }: Drawing): YAxis {
  const found = extentIn(lines, window, logarithmic);
  if (!found) return {};
  const [low, high] = found;
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

/** Brings a chart to what it should show now. */
export function update(chart: CurveChart, drawing: Drawing, colour: Colour): void {
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

export function configuration(drawing: Drawing, colour: Colour): ChartConfiguration<'line', Point[]> {
  const { share, logarithmic, window } = drawing;
  const font = { family: 'Inter Variable', size: 11 };
  const [ink, grid] = [colour('--ink-3'), colour('--line')];
  const ticks = { color: ink, font, maxTicksLimit: 6 };
  const words = metricWords(share);
  const { ticks: lines, ...range } = yAxis(drawing);
  const tagged = drawing.lines.some(({ tag }) => tag !== undefined);
  return {
    type: 'line',
    data: { datasets: curves(drawing, colour) },
    plugins: [faintLines, endTags(colour('--surface'))],
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      layout: { padding: { right: tagged ? 24 : 4, top: 4 } },
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: window.from,
          max: window.to,
          grid: { display: false },
          border: { color: grid },
          ticks: { ...ticks, includeBounds: false, callback: wholeEpochs },
        },
        y: {
          type: logarithmic ? 'logarithmic' : 'linear',
          ...range,
          grid: { color: grid, drawTicks: false },
          border: { display: false },
          ticks: { ...ticks, maxTicksLimit: 8, ...lines },
        },
      },
      plugins: {
        legend: { display: false },
        title: { display: false },
        tooltip: {
          filter: ({ dataset }) => !(dataset as Curve).faint,
          usePointStyle: true,
          callbacks: {
            title: (points) => `Epoch ${figure(points[0]?.parsed.x)}`,
            label: ({ dataset, parsed }) =>
              ` ${dataset.label ?? ''}: ${words(parsed.y)}${drawing.smoothing > 0 ? ' (smoothed)' : ''}`,
          },
        },
      },
    },
  };
}

/** A picture of the lines with title and names, `width` × `height` at twice as many pixels. */
export async function picture(
  drawing: Drawing,
  colour: Colour,
  [width, height]: readonly [number, number],
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const { options, plugins, ...rest } = configuration(drawing, colour);
  const font = { family: 'Inter Variable' };
  const labels = {
    color: colour('--ink'),
    usePointStyle: true,
    boxHeight: 6,
    pointStyleWidth: 10,
    font: { ...font, size: 11 },
  };
  const ground: Plugin<'line'> = {
    id: 'ground',
    beforeDraw({ ctx, width: w, height: h }) {
      ctx.save();
      ctx.fillStyle = colour('--surface');
      ctx.fillRect(0, 0, w, h);
      ctx.restore();
    },
  };
  const chart = new Chart(canvas, {
    ...rest,
    plugins: [...(plugins ?? []), ground],
    options: {
      ...options,
      responsive: false,
      devicePixelRatio: 2,
      layout: { padding: 16 },
      plugins: {
        title: {
          display: true,
          text: drawing.title,
          align: 'start',
          color: colour('--ink'),
          font: { ...font, size: 13, weight: 600 },
        },
        legend: {
          display: true,
          align: 'start',
          labels: {
            ...labels,
            filter: (item, data) => !(data.datasets[item.datasetIndex ?? 0] as Curve).faint,
          },
        },
      },
    },
  });
  try {
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('The picture is empty.'))),
        'image/png',
      );
    });
  } finally {
    chart.destroy();
  }
}
